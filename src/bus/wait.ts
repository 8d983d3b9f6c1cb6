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

/** Who a wait is kept for. */
export interface WaitOwner {
  /** Names the wait in errors, as in "onmsg chan.dtmf". */
  readonly what: string;
  /** Called once, when the wait is over, before anyone learns of it. @param outcome the value or the error */
  ended(outcome: unknown): void;
}

/** What the promise being made hands over; kept here for a moment, so that no wait needs a closure for it. */
let madeResolve: ((value: never) => void) | undefined;
let madeReject: ((error: Error) => void) | undefined;

function handOver(resolve: (value: never) => void, reject: (error: Error) => void): void {
  madeResolve = resolve;
  madeReject = reject;
}

/** A promise and both sides of the wait in one object: a hundred thousand of them may stand. */
class WaitPromise<T> extends Promise<T> implements Wait<T>, PendingWait<T> {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  #owner: WaitOwner | undefined;
  #settled = false;
  /** What it ended with: the value or the error. */
  #outcome: unknown = undefined;
  /** Told at once, before any continuation, what this wait ended with: the waits it is the `until` of. */
  #dependents: Set<(outcome: unknown) => void> | undefined = undefined;
  #links: (() => void)[] | undefined = undefined;

  constructor(owner: WaitOwner | undefined) {
    super(handOver);
    this.#resolve = madeResolve as (value: T) => void;
    this.#reject = madeReject as (error: Error) => void;
    this.#owner = owner;
  }

  get wait(): Wait<T> {
    return this as Wait<T>;
  }

  get settled(): boolean {
    return this.#settled;
  }

  get outcome(): unknown {
    return this.#outcome;
  }

  cancel(reason?: Error): void {
    this.reject(reason ?? new Cancelled());
  }

  resolve(value: T): void {
    if (this.#settled) return;
    WaitPromise.#finish(this, value);
    this.#resolve(value);
  }

  reject(error: Error): void {
    if (this.#settled) return;
    WaitPromise.#finish(this, error);
    this.then(undefined, ignore);
    this.#reject(error);
  }

  link(unlink: () => void): void {
    if (this.#settled) unlink();
    else if (this.#links) this.#links.push(unlink);
    else this.#links = [unlink];
  }

  /** Calls `fn` when this wait ends; it must not have ended yet. Returns the way to take that back. */
  whenEnded(fn: (outcome: unknown) => void): () => void {
    this.#dependents ??= new Set();
    this.#dependents.add(fn);
    return () => void this.#dependents?.delete(fn);
  }

  *[Symbol.iterator](): Generator<Wait<T>, T, T> {
    return yield this as Wait<T>;
  }

  /** Static, for a private method would cost each wait a field. */
  static #finish<T>(wait: WaitPromise<T>, outcome: unknown): void {
    wait.#settled = true;
    wait.#outcome = outcome;
    wait.#owner?.ended(outcome);
    wait.#owner = undefined;
    if (wait.#links) for (const unlink of wait.#links) unlink();
    wait.#links = undefined;
    if (wait.#dependents) for (const fn of wait.#dependents) fn(outcome);
    wait.#dependents = undefined;
  }
}

// To the language it is a plain promise: `then` makes plain ones, and `await` takes it as it is.
Object.defineProperty(WaitPromise.prototype, "constructor", { value: Promise });

function ignore(): void {}

/** Foreign promises used as `until`: one `then` each, however many waits hang on it. */
const foreign = new WeakMap<object, WaitPromise<unknown>>();

function waitOf(until: PromiseLike<unknown>): WaitPromise<unknown> {
  const known = until instanceof WaitPromise ? until : foreign.get(until);
  if (known !== undefined) return known;
  const made = new WaitPromise<unknown>(undefined);
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
  if (!(wait instanceof WaitPromise) || wait.settled) return;
  const abandon = (cause: unknown): void => wait.reject(new Abandoned(`${what} was abandoned`, cause));
  if (isSignal(until)) {
    wait.link(onAbort(until, abandon));
    return;
  }
  const source = waitOf(until);
  if (source.settled) abandon(source.outcome);
  else wait.link(source.whenEnded(abandon));
}

/** Makes a wait of `owner` that ends by `options` if nothing else ends it. */
export function beginWait<T>(
  owner: WaitOwner,
  options: WaitOptions | undefined,
  clock: Clock,
): PendingWait<T> {
  const made = new WaitPromise<T>(owner);
  if (options === undefined) return made;
  const { until, signal, timeoutMs } = options;
  if (until !== undefined) abandonBy(made, until, owner.what);
  if (signal !== undefined) abandonBy(made, signal, owner.what);
  if (timeoutMs !== undefined && !made.settled) {
    if (!(timeoutMs >= 0))
      throw new YaytsError("bad-argument", `timeoutMs must be 0 or more, not ${timeoutMs}`);
    const timer = clock.after(timeoutMs, () => {
      made.reject(new TimedOut(`${owner.what} did not come within ${timeoutMs} ms`, timeoutMs));
    });
    made.link(() => timer.cancel());
  }
  return made;
}

/**
 * Makes a wait that ends by `options` if nothing else ends it.
 * @param what names it in errors, as in "onmsg chan.dtmf"
 * @param onEnd called once, when the wait is over, before anyone learns of it
 */
export function createWait<T>(
  what: string,
  options: WaitOptions | undefined,
  onEnd: () => void = ignore,
  clock: Clock = realClock,
): PendingWait<T> {
  return beginWait({ what, ended: onEnd }, options, clock);
}
