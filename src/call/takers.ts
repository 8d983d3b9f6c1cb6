import { AsyncLocalStorage } from "node:async_hooks";

/** Who took a call: one `onCall`. */
export type Taker = symbol;

const running = new AsyncLocalStorage<readonly Taker[]>();

/** The takers whose programs led to the line that runs, the first first. */
export function runningTakers(): readonly Taker[] {
  return running.getStore() ?? [];
}

/** Runs a program, and all that it begins, as that of the last of `takers`. */
export function runAs<T>(takers: readonly Taker[], program: () => T): T {
  return running.run(takers, program);
}
