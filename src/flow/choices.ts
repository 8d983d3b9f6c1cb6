import { createWait, type Wait, type WaitOptions } from "../bus/index.ts";
import { cancel } from "./go.ts";

/** Which of several came, and what it gave; `which` tells the type of `value`. */
export type Choice<T extends readonly PromiseLike<unknown>[]> = {
  [I in keyof T]: readonly [which: I extends `${infer N extends number}` ? N : number, value: Awaited<T[I]>];
}[number];

/**
 * Waits for the first of several to end, and cancels the others (YAYPM's XOR). If that first one failed, so does this.
 * Cancelling it cancels all.
 * @example
 * import { app, either, sleep } from "yayts";
 *
 * export default app(async (yate) => {
 *   const [which, value] = await either([yate.onwatch("chan.dtmf"), sleep(3000)]);
 *   if (which === 0) yate.output(`key ${value.get("text")}`);
 * });
 */
export function either<const T extends readonly PromiseLike<unknown>[]>(
  waits: T,
  options?: WaitOptions,
): Wait<Choice<T>> {
  const pending = createWait<Choice<T>>("either", options, () => {
    for (const wait of waits) cancel(wait);
  });
  waits.forEach((wait, which) => {
    wait.then(
      (value) => pending.resolve([which, value] as unknown as Choice<T>),
      (error: unknown) => pending.reject(asError(error)),
    );
  });
  return pending.wait;
}

/** Options of {@link any}. */
export interface AnyOptions extends WaitOptions {
  /** Whether failures are passed over until all have failed (default), or the first one ends it. */
  readonly patient?: boolean | undefined;
}

/**
 * Waits for the first of several to succeed and leaves the others alone (YAYPM's OR). It fails when all have failed, with
 * the last failure; with `patient: false`, with the first.
 */
export function any<const T extends readonly PromiseLike<unknown>[]>(
  waits: T,
  options?: AnyOptions,
): Wait<Choice<T>> {
  const pending = createWait<Choice<T>>("any", options);
  let failures = 0;
  waits.forEach((wait, which) => {
    wait.then(
      (value) => pending.resolve([which, value] as unknown as Choice<T>),
      (error: unknown) => {
        failures++;
        if (failures === waits.length || options?.patient === false) pending.reject(asError(error));
      },
    );
  });
  return pending.wait;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
