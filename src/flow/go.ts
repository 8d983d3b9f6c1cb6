import { Cancelled } from "../base/index.ts";
import { createWait, type Wait, type WaitOptions } from "../bus/index.ts";

/**
 * A program that reads from top to bottom: it yields what it waits for. Inside, `yield*` on a wait gives its value with
 * its type; a plain promise goes through {@link wait}.
 */
export type Flow<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** What the flow that runs right now was resumed with. */
let current: { readonly value: unknown } | undefined;

/**
 * The result of the last `yield` of the running flow: for programs carried over from YAYPM, as in
 * `yield yate.onmsg(…); const m = getResult()`. A failed wait has already thrown at its `yield`.
 * @returns undefined outside a flow
 */
export function getResult<T = unknown>(): T {
  return current?.value as T;
}

/** Lets a flow wait for any promise, typed: `const x = yield* wait(fetch(…))`. */
export function* wait<T>(promise: PromiseLike<T>): Generator<PromiseLike<T>, T, unknown> {
  return (yield promise) as T;
}

/**
 * Runs a flow. It starts at once and goes on by itself; the wait resolves to what it returns and rejects with what it
 * throws. Cancelling it, or its `until`, signal or timeout, cancels what the flow is waiting for and runs its `finally`
 * blocks.
 * @example
 * import { app, go } from "yayts";
 *
 * export default app((yate) =>
 *   go(function* () {
 *     const route = yield* yate.onmsg("call.route", { called: "ivr" });
 *     route.ret(true, "tone/dial");
 *   }),
 * );
 */
export function go<T>(program: Flow<T> | (() => Flow<T>), options?: WaitOptions): Wait<T> {
  const flow = typeof program === "function" ? program() : program;
  let waitingFor: PromiseLike<unknown> | undefined;
  let running = false;
  let over = false;

  const stop = (): void => {
    if (over) return;
    over = true;
    cancel(waitingFor);
    // A flow that ends its own wait while it runs is at its next `yield` before `return` may be called.
    if (!running) runFinally();
  };
  const runFinally = (): void => {
    try {
      const { done, value } = flow.return(undefined as T);
      // A `finally` that waits goes on by itself; what it yields is waited for, its result does not count.
      if (!done) drive(value);
    } catch {
      // The flow is given up; what its `finally` throws has no one to go to.
    }
  };
  const drive = (yielded: PromiseLike<unknown>): void => {
    const next = (step: () => IteratorResult<PromiseLike<unknown>, T>): void => {
      try {
        const { done, value } = step();
        if (!done) drive(value);
      } catch {
        // As above.
      }
    };
    Promise.resolve(yielded).then(
      (value) => next(() => flow.next(value)),
      (error: unknown) => next(() => flow.throw(error)),
    );
  };

  const pending = createWait<T>("a flow", options, stop);

  const resume = (step: () => IteratorResult<PromiseLike<unknown>, T>, value: unknown): void => {
    if (over) return;
    const before = current;
    current = { value };
    running = true;
    let result: IteratorResult<PromiseLike<unknown>, T>;
    try {
      result = step();
    } catch (error) {
      over = true;
      pending.reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
      return;
    } finally {
      running = false;
      current = before;
    }
    if (result.done) {
      over = true;
      pending.resolve(result.value);
      return;
    }
    if (over) {
      cancel(result.value);
      runFinally();
      return;
    }
    waitingFor = result.value;
    Promise.resolve(result.value).then(
      (settled) => resume(() => flow.next(settled), settled),
      (error: unknown) => resume(() => flow.throw(error), undefined),
    );
  };

  if (!pending.settled) resume(() => flow.next(), undefined);
  return pending.wait;
}

/** Gives up a wait; a plain promise cannot be given up and is left to itself. */
export function cancel(waiting: PromiseLike<unknown> | undefined): void {
  if (waiting && "cancel" in waiting && typeof waiting.cancel === "function") waiting.cancel(new Cancelled());
}
