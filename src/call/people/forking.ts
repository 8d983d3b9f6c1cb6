import { onAbort, YaytsError } from "../../base/index.ts";
import type { Call } from "../call.ts";
import type { CallKit } from "../kit.ts";
import { type CallAttempt, type CallOptions, type CallOutcome, placeCall } from "../outgoing.ts";
import { type CallFailure, callFailed } from "../route.ts";

/** How to call several at once, or one after another. */
export interface ForkOptions extends CallOptions {
  /** One after another, each for `eachMs`. Default: all at once. */
  readonly inTurn?: boolean | undefined;
  /** Longest time until each one's answer. Default: in turn 20,000; at once none but `timeoutMs`, which is for all together. */
  readonly eachMs?: number | undefined;
}

/** What became of one of several targets. */
export interface TargetFailure {
  readonly target: string;
  readonly failure: CallFailure;
}

/** What became of a call to several: who answered first, or that nobody did, with what became of each. */
export type ForkOutcome =
  | {
      readonly kind: "answered";
      readonly call: Call;
      /** Who answered. */
      readonly target: string;
      /** Those who had failed by then. */
      readonly failures: readonly TargetFailure[];
    }
  | (CallFailure & { readonly failures: readonly TargetFailure[] });

/** A call to several on its way. */
export interface ForkAttempt extends Promise<ForkOutcome> {
  /** Gives all up; the outcome is `cancelled`. Harmless when there is one. */
  cancel(reason?: string): void;
}

/** The word for phones that rang while another one was answered. */
const answeredElsewhere = "pickup";

/** Calls several targets; the first to answer has the call. */
export function placeCalls(kit: CallKit, targets: readonly string[], options: ForkOptions = {}): ForkAttempt {
  if (targets.length === 0)
    throw new YaytsError("bad-argument", "there is nobody to call: the list is empty");
  const fork = new Fork(kit, targets, options);
  const outcome = options.inTurn ? fork.inTurn() : fork.atOnce();
  return Object.assign(
    outcome.finally(() => fork.over()),
    { cancel: (reason = "cancelled") => fork.giveUp("cancelled", reason) },
  );
}

class Fork {
  readonly #kit: CallKit;
  readonly #targets: readonly string[];
  readonly #options: ForkOptions;
  readonly #failures: TargetFailure[] = [];
  readonly #attempts: Set<CallAttempt> = new Set();
  readonly #forget: (() => void)[] = [];
  #givenUp: CallFailure | undefined;

  constructor(kit: CallKit, targets: readonly string[], options: ForkOptions) {
    this.#kit = kit;
    this.#targets = targets;
    this.#options = options;
    const { signal, timeoutMs } = options;
    if (signal) this.#forget.push(onAbort(signal, () => this.giveUp("cancelled", "cancelled")));
    if (timeoutMs === undefined) return;
    const timer = kit.clock.after(timeoutMs, () => this.giveUp("noanswer", "noanswer"));
    this.#forget.push(() => timer.cancel());
  }

  giveUp(kind: "cancelled" | "noanswer", reason: string): void {
    this.#givenUp ??= { kind, reason };
    for (const attempt of this.#attempts) attempt.cancel(reason);
  }

  over(): void {
    for (const forget of this.#forget) forget();
  }

  async inTurn(): Promise<ForkOutcome> {
    const { eachMs = 20_000 } = this.#options;
    for (const target of this.#targets) {
      if (this.#givenUp) break;
      const outcome = await this.#call(target, eachMs);
      if (outcome.kind === "answered") return { ...outcome, target, failures: this.#failures };
      this.#failures.push({ target, failure: this.#givenUp ?? outcome });
    }
    return this.#failed();
  }

  async atOnce(): Promise<ForkOutcome> {
    const { eachMs = this.#options.timeoutMs } = this.#options;
    const first = Promise.withResolvers<ForkOutcome | undefined>();
    let answered = false;
    const all = this.#targets.map(async (target) => {
      const outcome = await this.#call(target, eachMs);
      if (outcome.kind !== "answered") {
        this.#failures.push({ target, failure: this.#givenUp ?? outcome });
        return;
      }
      if (answered) return void outcome.call.hangup(answeredElsewhere);
      answered = true;
      const failures = [...this.#failures];
      for (const attempt of this.#attempts) attempt.cancel(answeredElsewhere);
      first.resolve({ ...outcome, target, failures });
    });
    void Promise.all(all).then(
      () => first.resolve(undefined),
      (error: unknown) => first.reject(error),
    );
    return (await first.promise) ?? this.#failed();
  }

  async #call(target: string, timeoutMs: number | undefined): Promise<CallOutcome> {
    const { signal: _, ...options } = this.#options;
    const attempt = placeCall(this.#kit, target, { ...options, timeoutMs });
    this.#attempts.add(attempt);
    if (this.#givenUp) attempt.cancel(this.#givenUp.reason);
    try {
      return await attempt;
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  /** The one that says most: somebody who was there comes before somebody who was not. */
  #failed(): ForkOutcome {
    const failures = this.#failures;
    const find = (kind: CallFailure["kind"]): CallFailure | undefined =>
      failures.find(({ failure }) => failure.kind === kind)?.failure;
    const most =
      this.#givenUp ??
      find("noanswer") ??
      find("busy") ??
      find("rejected") ??
      find("failed") ??
      callFailed("");
    return { ...most, failures };
  }
}
