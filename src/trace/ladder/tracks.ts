/** Something that lasts; without `toMs` until the end. */
interface Lasting {
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

/**
 * Gives each span the lowest track on which nothing runs that meets it. Spans must come in the order of their beginning.
 * @returns a track for each, from 0
 */
export function assignTracks(spans: readonly Lasting[]): readonly number[] {
  const freeFrom: number[] = [];
  return spans.map(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => {
    let track = freeFrom.findIndex((free) => free <= fromMs);
    if (track < 0) track = freeFrom.length;
    // One that ends as it begins still fills its moment.
    freeFrom[track] = Math.max(toMs, fromMs + Number.EPSILON * fromMs);
    return track;
  });
}
