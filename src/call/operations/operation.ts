import { AsyncLocalStorage } from "node:async_hooks";
import type { BusObserver, Observing, Operation } from "../../bus/index.ts";
import { resultOf } from "./describe.ts";

/** What an operation begins with. */
export interface OperationStart {
  readonly what: string;
  /** Where to look up the channels, as they change. */
  readonly party: { readonly party: string; readonly leg: string } | undefined;
  /** With what, in short; asked only when somebody wants to know. */
  readonly detail: () => string;
  readonly beganMs: number;
  /** Made where the app asked for it, see {@link placeMark}. */
  readonly origin?: object | undefined;
}

const running = new AsyncLocalStorage<OpenOperation>();

/** The operation that the running line belongs to. */
export function runningOperation(): OpenOperation | undefined {
  return running.getStore();
}

/** An operation of a call from its beginning to its end, kept where its engine's connection is observed. */
export class OpenOperation implements Operation {
  readonly within: OpenOperation | undefined;
  readonly #observing: Observing | undefined;
  readonly #start: OperationStart;
  /** Of one that began without a call: the one that it led to. */
  #ledTo: { readonly id: string; readonly leg: string } | undefined;

  constructor(observing: Observing | undefined, start: OperationStart) {
    this.#observing = observing;
    this.#start = start;
    this.within = runningOperation();
    observing?.operations.add(this);
    observing?.observer?.operationBegan(this);
  }

  get what(): string {
    return this.#start.what;
  }

  get channel(): string {
    return this.#start.party?.party ?? this.#ledTo?.id ?? "";
  }

  get leg(): string {
    return (this.#start.party ?? this.#ledTo)?.leg ?? "";
  }

  get detail(): string {
    return this.#start.detail();
  }

  get beganMs(): number {
    return this.#start.beganMs;
  }

  get origin(): object | undefined {
    return this.#start.origin;
  }

  /** Who is told of it, if anybody is. */
  get observer(): BusObserver | undefined {
    return this.#observing?.observer;
  }

  /** Runs what belongs to it. */
  run<T>(fn: () => T): T {
    return running.run(this, fn);
  }

  /** It has ended with a value that tells by its `kind` how. Harmless when it is over. */
  end(outcome: unknown): void {
    if (!this.#observing?.operations.delete(this) || !this.observer) return;
    this.#ledTo = callOf(outcome);
    const { kind, result } = resultOf(outcome);
    this.observer.operationEnded(this, kind, result);
  }

  /** It has thrown. */
  fail(error: unknown): void {
    if (!this.#observing?.operations.delete(this)) return;
    this.observer?.operationEnded(this, "threw", String(error));
  }

  /** Runs `fn` as this operation, which ends with what comes of it. */
  follow<T extends Promise<unknown>>(fn: () => T): T {
    let made: T;
    try {
      made = this.run(fn);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    const followed = made.then(
      (outcome) => {
        this.end(outcome);
        return outcome;
      },
      (error: unknown) => {
        this.fail(error);
        throw error;
      },
    );
    // What hangs on the promise, as `stop()` of one that plays, is also wanted of the one in its place: a second promise beside it
    // would hide, or double, the news of an error that nobody caught.
    return Object.defineProperties(followed, Object.getOwnPropertyDescriptors(made)) as T;
  }
}

/** The call that an outcome brings. */
function callOf(outcome: unknown): { readonly id: string; readonly leg: string } | undefined {
  const call = typeof outcome === "object" && outcome && "call" in outcome ? outcome.call : undefined;
  if (typeof call !== "object" || !call || !("id" in call) || !("leg" in call)) return undefined;
  return { id: String(call.id), leg: String(call.leg) };
}

/** V8's; other engines have none. */
interface Capturing {
  captureStackTrace?(target: object, above?: (...args: never) => unknown): void;
}

/**
 * Keeps where the app is now, for operations that it only prepares here.
 * @param above frames up to this function are left out
 */
export function placeMark(above: (...args: never) => unknown): object {
  const mark = {};
  (Error as Capturing).captureStackTrace?.(mark, above);
  return mark;
}
