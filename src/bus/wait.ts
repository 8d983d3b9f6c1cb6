import {
  Abandoned,
  Cancelled,
  type Clock,
  onAbort,
  realClock,
  type Signal,
  TimedOut,
  YaytsError,
} from "../base/index.ts";

/** What may end a wait before its event: another wait, any promise (kept or broken), or a signal. */
export type Until = PromiseLike<unknown> | Signal;

/** How a wait ends when its event does not come. */
export interface WaitOptions {
  /** Ends the wait with {@link Abandoned}, whose `cause` is what `until` ended with. */
  readonly until?: Until | undefined;
  /** Ends the wait with {@link Abandoned}, whose `cause` is the signal's reason. */
  readonly signal?: Signal | undefined;
  /** Ends the wait with {@link TimedOut} after so many milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A promise of something to come that can be given up. One that nobody observes is never an unhandled rejection.
 * In a flow (`go`), `yield*` on it gives its value.
 */
export interface Wait<T> extends Promise<T> {
  /** Ends the wait with {@link Cancelled}, or with `reason` if given. Harmless when it is over. */
  cancel(reason?: Error): void;
  /** True as soon as the wait is over, however it ended. */
  readonly settled: boolean;
  [Symbol.iterator](): Iterator<Wait<T>, T, unknown>;
}

/** The maker's side of a wait. */
export interface PendingWait<T> {
  readonly wait: Wait<T>;
  readonly settled: boolean;
  resolve(value: T): void;
  reject(error: Error): void;
}

const core: unique symbol = Symbol("yayts.wait");

class WaitCore<T> implements PendingWait<T> {
  readonly wait: Wait<T>;
  settled = false;
  /** What it ended with: the value or the error. */
  outcome: unknown;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  /** Told at once, before any continuation, what this wait ended with: the waits it is the `until` of. */
  #dependents: Set<(outcome: unknown) => void> | undefined;
  #links: (() => void)[] | undefined;
  #onEnd: (() => void) | undefined;

  constructor(onEnd: (() => void) | undefined) {
    let resolve: ((value: T) => void) | undefined;
    let reject: ((error: Error) => void) | undefined;
    const promise = new WaitPromise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.#resolve = resolve as unknown as (value: T) => void;
    this.#reject = reject as unknown as (error: Error) => void;
    this.#onEnd = onEnd;
    promise[core] = this;
    this.wait = promise as Wait<T>;
  }

  resolve(value: T): void {
    if (this.settled) return;
    this.#finish(value);
    this.#resolve(value);
  }

  reject(error: Error): void {
    if (this.settled) return;
    this.#finish(error);
    this.wait.then(undefined, ignore);
    this.#reject(error);
  }

  link(unlink: () => void): void {
    if (this.settled) unlink();
    else if (this.#links) this.#links.push(unlink);
    else this.#links = [unlink];
  }

  /** Calls `fn` when this wait ends; it must not have ended yet. Returns the way to take that back. */
  whenEnded(fn: (outcome: unknown) => void): () => void {
    this.#dependents ??= new Set();
    this.#dependents.add(fn);
    return () => void this.#dependents?.delete(fn);
  }

  #finish(outcome: unknown): void {
    this.settled = true;
    this.outcome = outcome;
    this.#onEnd?.();
    this.#onEnd = undefined;
    if (this.#links) for (const unlink of this.#links) unlink();
    this.#links = undefined;
    if (this.#dependents) for (const fn of this.#dependents) fn(outcome);
    this.#dependents = undefined;
  }
}

function ignore(): void {}

/** A promise with the members of a wait; making one costs one property. */
class WaitPromise<T> extends Promise<T> {
  declare [core]: WaitCore<T>;

  cancel(reason?: Error): void {
    this[core].reject(reason ?? new Cancelled());
  }

  get settled(): boolean {
    return this[core].settled;
  }

  *[Symbol.iterator](): Generator<Wait<T>, T, T> {
    return yield this as Wait<T>;
  }
}

// To the language it is a plain promise: `then` makes plain ones, and `await` takes it as it is.
Object.defineProperty(WaitPromise.prototype, "constructor", { value: Promise });

function coreOf(value: object): WaitCore<unknown> | undefined {
  return (value as { [core]?: WaitCore<unknown> })[core];
}

/** Foreign promises used as `until`: one `then` each, however many waits hang on it. */
const foreign = new WeakMap<object, WaitCore<unknown>>();

function untilCore(until: PromiseLike<unknown>): WaitCore<unknown> {
  const known = coreOf(until) ?? foreign.get(until);
  if (known) return known;
  const made = new WaitCore<unknown>(undefined);
  foreign.set(until, made);
  // A rejected `until` is an outcome like any other: it ends what hangs on it.
  const end = (outcome: unknown): void => made.resolve(outcome);
  until.then(end, end);
  return made;
}

function isSignal(until: Until): until is Signal {
  return "aborted" in until && "addEventListener" in until;
}

/**
 * Ends `wait` with {@link Abandoned} when `until` ends; at once if that is over already.
 * @param what names the wait in the error
 */
export function abandonBy(wait: Wait<unknown>, until: Until, what: string): void {
  const target = coreOf(wait);
  if (!target || target.settled) return;
  const abandon = (cause: unknown): void => target.reject(new Abandoned(`${what} was abandoned`, cause));
  if (isSignal(until)) {
    target.link(onAbort(until, abandon));
    return;
  }
  const source = untilCore(until);
  if (source.settled) abandon(source.outcome);
  else target.link(source.whenEnded(abandon));
}

/**
 * Makes a wait that ends by `options` if nothing else ends it.
 * @param what names it in errors, as in "onmsg chan.dtmf"
 * @param onEnd called once, when the wait is over, before anyone learns of it
 */
export function createWait<T>(
  what: string,
  options: WaitOptions | undefined,
  onEnd?: () => void,
  clock: Clock = realClock,
): PendingWait<T> {
  const made = new WaitCore<T>(onEnd);
  if (options === undefined) return made;
  const { until, signal, timeoutMs } = options;
  if (until !== undefined) abandonBy(made.wait, until, what);
  if (signal && !made.settled)
    made.link(onAbort(signal, (cause) => made.reject(new Abandoned(`${what} was abandoned`, cause))));
  if (timeoutMs !== undefined && !made.settled) {
    if (!(timeoutMs >= 0))
      throw new YaytsError("bad-argument", `timeoutMs must be 0 or more, not ${timeoutMs}`);
    const timer = clock.after(timeoutMs, () => {
      made.reject(new TimedOut(`${what} did not come within ${timeoutMs} ms`, timeoutMs));
    });
    made.link(() => timer.cancel());
  }
  return made;
}
