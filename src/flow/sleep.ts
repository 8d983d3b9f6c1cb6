import { type Clock, realClock, YaytsError } from "../base/index.ts";
import { createWait, type Wait, type WaitOptions } from "../bus/index.ts";

/** Options of {@link sleep}. */
export interface SleepOptions extends WaitOptions {
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Waits for so many milliseconds.
 * @throws YaytsError `bad-argument` for a negative or absent time
 */
export function sleep(ms: number, options?: SleepOptions): Wait<void> {
  if (!(ms >= 0)) throw new YaytsError("bad-argument", `sleep takes milliseconds, 0 or more, not ${ms}`);
  const clock = options?.clock ?? realClock;
  let cancelTimer = (): void => {};
  const pending = createWait<void>(`sleep ${ms}`, options, () => cancelTimer(), clock);
  if (!pending.settled) {
    const timer = clock.after(ms, () => pending.resolve());
    cancelTimer = () => timer.cancel();
  }
  return pending.wait;
}
