/**
 * Where a time is, and which time is somewhere: straight between known points. Both lists ascend; equal times may lie at several
 * places.
 */
export interface TimeScale {
  /** Of times before the first or after the last point: the first or the last place. Of equal times the last place. */
  yOf(atMs: number): number;
  timeAt(y: number): number;
}

export function createTimeScale(times: readonly number[], places: readonly number[]): TimeScale {
  return {
    yOf: (atMs) => between(times, places, atMs),
    timeAt: (y) => between(places, times, y),
  };
}

function between(from: readonly number[], to: readonly number[], value: number): number {
  const next = upperBound(from, value);
  const before = next - 1;
  if (before < 0) return to[0] ?? 0;
  const [a = 0, b = a] = [from[before], from[next]];
  const [ya = 0, yb = ya] = [to[before], to[next]];
  return b > a ? ya + ((value - a) / (b - a)) * (yb - ya) : ya;
}

/** The first index whose value is greater. */
export function upperBound(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
