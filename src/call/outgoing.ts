import type { Signal } from "../base/index.ts";
import { onAbort } from "../base/index.ts";
import type { Message, ParamValue } from "../bus/index.ts";
import { type Call, createCall } from "./call.ts";
import { CallCore, type CallState } from "./call-core.ts";
import type { CallKit } from "./kit.ts";
import type { HangUp } from "./outcomes.ts";
import { keepLeg, makeLeg } from "./own-leg.ts";
import { type CallFailure, type CallRefused, callFailed, executeTo, failureOf } from "./route.ts";
import { runningTakers } from "./takers.ts";

/** How to place a call. */
export interface CallOptions {
  /** The number that the called party sees. Default `yayts`. */
  readonly from?: string | undefined;
  readonly fromName?: string | undefined;
  /** Longest time until answer. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Headers for a SIP phone, as in `{"X-Customer": "17"}`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More parameters of the `call.execute`, as in `{line: "trunk"}`. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  /** Gives the call up when it fires. */
  readonly signal?: Signal | undefined;
  /** Told the call as soon as it has a leg of ours, before anybody is called: for sound before the answer, and to hang it up. */
  readonly onPlaced?: ((call: Call) => void) | undefined;
  /** Told each new state: progressing, ringing, answered. */
  readonly onState?: ((state: CallState) => void) | undefined;
}

/** What became of a call that was placed. */
export type CallOutcome = { readonly kind: "answered"; readonly call: Call } | CallFailure;

/** A call on its way: a promise of its outcome that can be given up. */
export interface CallAttempt extends Promise<CallOutcome> {
  /**
   * Gives the call up; the outcome is `cancelled`. Harmless when there is one.
   * @param reason the word that the called party's phone is told, default `cancelled`
   */
  cancel(reason?: string): void;
}

const defaultTimeoutMs = 60_000;

/** After so much more than its time the engine ends a call whose app was lost while it was being placed. */
const lostAfterMs = 2000;

/** Calls one target: a number that is routed, or a target with its driver, as in `sip/sip:200@10.0.0.5`. */
export function placeCall(kit: CallKit, target: string, options: CallOptions): CallAttempt {
  const attempt = new Attempt(kit, target, options);
  const outcome = attempt.run();
  return Object.assign(outcome, { cancel: (reason = "cancelled") => attempt.giveUp("cancelled", reason) });
}

class Attempt {
  readonly #kit: CallKit;
  readonly #target: string;
  readonly #options: CallOptions;
  #core: CallCore | undefined;
  #givenUp: CallRefused | undefined;

  constructor(kit: CallKit, target: string, options: CallOptions) {
    this.#kit = kit;
    this.#target = target;
    this.#options = options;
  }

  giveUp(kind: "cancelled" | "noanswer", reason: string): void {
    if (this.#givenUp || this.#core?.state === "answered") return;
    this.#givenUp = { kind, reason };
    void this.#core?.hangup(reason);
  }

  async run(): Promise<CallOutcome> {
    const { signal, timeoutMs = defaultTimeoutMs } = this.#options;
    const timer = this.#kit.clock.after(timeoutMs, () => this.giveUp("noanswer", "noanswer"));
    const forget = signal ? onAbort(signal, () => this.giveUp("cancelled", "cancelled")) : () => {};
    try {
      return await this.#place();
    } finally {
      timer.cancel();
      forget();
    }
  }

  async #place(): Promise<CallOutcome> {
    const core = await this.#originate();
    if (!("party" in core)) return core;
    this.#core = core;
    const call = createCall(core);
    this.#options.onPlaced?.(call);
    if (this.#givenUp) return this.#failure(await core.hangup(this.#givenUp.reason));
    if (this.#options.onState) core.onState(this.#options.onState);

    const follow = (name: string, fn: (message: Message) => void): void => {
      const stream = core.yate.watches(name, { targetid: core.leg }, { until: core.ended });
      const run = async (): Promise<void> => {
        for await (const message of stream) fn(message);
      };
      run().catch(() => {});
      core.onState((state) => state === "answered" && void stream.return());
    };
    const answered = Promise.withResolvers<void>();
    follow("call.progress", () => core.advance("progressing"));
    follow("call.ringing", () => core.advance("ringing"));
    follow("call.answered", (message) => {
      const id = message.get("id");
      if (id && id !== core.party) core.setParty(id);
      core.advance("answered");
      answered.resolve();
    });

    const execute = await executeTo(core, core.leg, this.#target, {
      ...this.#options,
      from: core.start.from,
    });
    if (!execute) return this.#failure(await core.hangup("failure"));
    if ("kind" in execute) {
      await core.hangup(execute.reason);
      return this.#givenUp ?? execute;
    }
    // A target that is media only leaves the target our leg had, and has nobody to answer (spec/calls.md §4).
    const target = execute.get("targetid");
    const isMedia = !target || target === core.start.message.get("targetid");
    if (!core.party) core.setParty((isMedia ? execute.get("peerid") : target) ?? "");
    // What a calling phone is told by its channel (spec/calls.md §4), a leg that calls has to read for itself.
    if (execute.get("autoring") === "true") core.advance("ringing");
    if (isMedia) {
      keepLeg(this.#kit, core.leg);
      core.advance("answered");
      answered.resolve();
    }
    const over = await Promise.race([answered.promise, core.ended]);
    return over ? this.#failure(over) : { kind: "answered", call };
  }

  /** Makes our leg before anybody is called, so that its id is known before anything can happen to the call. */
  async #originate(): Promise<CallCore | CallFailure> {
    const { from = "yayts", fromName, timeoutMs = defaultTimeoutMs } = this.#options;
    const params = { target: this.#target, caller: from, callername: fromName };
    const made = await makeLeg(this.#kit, params, timeoutMs + lostAfterMs);
    if (made.kind === "closing") return { kind: "cancelled", reason: "the app was stopped" };
    if (made.kind === "failed") return callFailed(made.reason);
    return new CallCore(this.#kit, {
      direction: "outgoing",
      party: "",
      leg: made.leg,
      from,
      fromName: fromName ?? "",
      to: this.#target,
      message: made.message,
      takers: runningTakers(),
    });
  }

  #failure(over: HangUp): CallFailure {
    return this.#givenUp ?? failureOf(over.reason, over.code);
  }
}
