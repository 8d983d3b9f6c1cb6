import type { Clock } from "../base/index.ts";

/** A difference to the wall clock that is no inaccuracy any more: somebody has set it. */
const jumpMs = 50;

/** Time of day with fractions of a millisecond: the clock that never jumps, led by the wall clock, which has none. */
export function createFineClock(clock: Clock): () => number {
  let offsetMs = Number.NEGATIVE_INFINITY;
  return () => {
    const monotonicMs = clock.monotonicMs();
    const seenMs = clock.now() - monotonicMs;
    // The wall clock is cut to whole milliseconds, so the greatest difference is the nearest to the truth.
    if (seenMs > offsetMs || seenMs < offsetMs - jumpMs) offsetMs = seenMs;
    return Math.round((monotonicMs + offsetMs) * 1000) / 1000;
  };
}
