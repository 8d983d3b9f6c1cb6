import type { Clock } from "../../base/index.ts";

/** Times of records: wall-clock time, as fine as the monotonic clock, and as steady. */
export interface RecordTimes {
  /** Milliseconds since the epoch of a time on the monotonic scale, to the microsecond. */
  at(monotonicMs: number): number;
  /** To be called now and then: the wall clock tells whole milliseconds, so the difference of the clocks is known the better the more often it was seen. */
  adjust(): void;
}

/** A wall clock that is further off than this was set anew. */
const setAnewMs = 50;

export function createRecordTimes(clock: Clock): RecordTimes {
  const difference = (): number => clock.now() - clock.monotonicMs();
  let originMs = difference();
  return {
    at: (monotonicMs) => micro(originMs + monotonicMs),
    adjust() {
      const seenMs = difference();
      // What is cut off a whole millisecond makes it too small, never too large.
      if (seenMs > originMs || originMs - seenMs > setAnewMs) originMs = seenMs;
    },
  };
}

/** Rounded to the microsecond, which keeps records short. */
export function micro(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
