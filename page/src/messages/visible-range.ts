/** Rows of a table that are to be drawn. */
export interface VisibleRange {
  /** The first, from 0. */
  readonly from: number;
  /** One beyond the last. */
  readonly to: number;
}

/**
 * Which rows of equal height are in view, and some more on both sides, so that a quick scroll meets drawn ones. The range moves in
 * steps of half the overscan: a scroll by a few pixels draws nothing anew.
 */
export function visibleRange(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  count: number,
  overscan = 12,
): VisibleRange {
  const grain = Math.max(1, overscan >> 1);
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + viewHeight) / rowHeight);
  const from = Math.max(0, Math.floor((first - overscan) / grain) * grain);
  const to = Math.min(count, Math.ceil((last + overscan) / grain) * grain);
  return { from: Math.min(from, to), to };
}

/** Where to scroll so that a row is in view: no further than needed. */
export function scrollToShow(row: number, scrollTop: number, viewHeight: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewHeight) return top + rowHeight - viewHeight;
  return scrollTop;
}
