import type { LadderItem, LadderModel } from "./ladder-item.ts";
import { makeRows } from "./rows.ts";
import { createTimeScale, type TimeScale, upperBound } from "./time-scale.ts";

/**
 * The time line runs downwards. What is read here is text (names of messages, addresses, lines of source), and what happens comes in
 * bursts of thirty records in five milliseconds with seconds of silence between: on a horizontal line a burst is one pixel of rotated
 * labels, as in Temporal's timeline, or needs zooming for every glance, as in a browser's waterfall. Downwards each record has a line of
 * its own, as in sngrep and Wireshark's flow graph; a phone held upright shows it too. Unlike theirs, silence takes room in proportion
 * (as much as the zoom says), so that one sees where the time goes. What a horizontal line does better, the whole of a call and its
 * sound at one glance, has a strip of its own above the ladder.
 */
export interface LadderLayout {
  readonly model: LadderModel;
  readonly rows: readonly LadderRow[];
  readonly height: number;
  readonly scale: TimeScale;
  /** Row of each item. */
  readonly rowOf: readonly number[];
  /** From where to where each span goes: from the row of its beginning to that of its end, though others have the same time. */
  readonly reach: readonly SpanReach[];
  readonly endMs: number;
}

export interface SpanReach {
  readonly top: number;
  readonly bottom: number;
}

export interface LadderRow {
  readonly first: number;
  /** More than 1: a group. */
  readonly count: number;
  readonly y: number;
}

export interface LadderZoom {
  /** Room for a silence, in pixels a millisecond. */
  readonly pxPerMs: number;
  /** What follows within so long is shown as one; 0 for none. */
  readonly groupMs: number;
}

export interface LayoutOptions extends LadderZoom {
  readonly open?: ReadonlySet<string> | undefined;
  /** Runs of quiet items are not put together. */
  readonly all?: boolean | undefined;
  /** A call that goes on reaches until now. */
  readonly nowMs?: number | undefined;
}

/** Height of a record's row in pixels, and so the least distance of two. */
export const rowPx = 22;
const marginPx = 8;

/** No browser scrolls more than this everywhere. */
const mostPx = 8_000_000;

/** Gives all items their rows and the time its places. Takes time in proportion to the number of items, and no more. */
export function layoutLadder(
  model: LadderModel,
  { pxPerMs, groupMs, open = none, all = false, nowMs }: LayoutOptions,
): LadderLayout {
  const { items } = model;
  const endMs = Math.max(model.endMs, nowMs ?? 0);
  const rows: LadderRow[] = [];
  const rowOf: number[] = new Array(items.length);
  const [times, places]: [number[], number[]] = [[], []];
  const scalePx = Math.min(pxPerMs, 20, mostPx / Math.max(1, endMs - model.startMs));
  let y = marginPx;
  let lastMs = model.startMs;
  for (const { first, count } of makeRows(items, { groupMs, open, all })) {
    const [item, last] = [items[first] as LadderItem, items[first + count - 1] as LadderItem];
    // A row has its height already; only more silence than that takes more room.
    if (rows.length > 0) y += Math.max(rowPx, (item.atMs - lastMs) * scalePx);
    rowOf.fill(rows.length, first, first + count);
    rows.push({ first, count, y });
    times.push(item.atMs);
    places.push(y + rowPx / 2);
    if (last.atMs > item.atMs) {
      times.push(last.atMs);
      places.push(y + rowPx - 4);
    }
    lastMs = last.atMs;
  }
  const end = rows.length === 0 ? marginPx : y + Math.max(rowPx, (endMs - lastMs) * scalePx);
  times.push(endMs);
  places.push(Math.max(end, places.at(-1) ?? 0));
  const scale = createTimeScale(times, places);
  return {
    model,
    rows,
    height: end + marginPx,
    scale,
    rowOf,
    reach: reachOf(model, rows, rowOf, scale, endMs),
    endMs,
  };
}

const none: ReadonlySet<string> = new Set();

/** Rows that may be seen between two heights: found by halving, so that a long call costs no more than a short one. */
export function rowsWithin(
  { rows }: LadderLayout,
  top: number,
  bottom: number,
): readonly [from: number, to: number] {
  return [Math.max(0, rowAt(rows, top - rowPx)), Math.min(rows.length, rowAt(rows, bottom) + 1)];
}

/** The last row that begins at or above `y`; -1 for none. */
export function rowAt(rows: readonly LadderRow[], y: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] as LadderRow).y <= y) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function reachOf(
  { items, spans }: LadderModel,
  rows: readonly LadderRow[],
  rowOf: readonly number[],
  scale: TimeScale,
  endMs: number,
): readonly SpanReach[] {
  const [tops, bottoms]: [number[], number[]] = [[], []];
  items.forEach((item, index) => {
    if (!("span" in item) || item.phase === "moment") return;
    const middle = (rows[rowOf[index] ?? 0]?.y ?? 0) + rowPx / 2;
    if (item.phase === "begin") tops[item.span] = middle;
    else bottoms[item.span] = middle;
  });
  return spans.map(({ fromMs, toMs }, index) => {
    const top = tops[index] ?? scale.yOf(fromMs);
    return { top, bottom: Math.max(top + 4, bottoms[index] ?? scale.yOf(toMs ?? endMs)) };
  });
}

/** Chooses how much room silence gets: the whole takes at most `heightPx` when the rows leave room, else rows are put together until it does. */
export function fitZoom(model: LadderModel, heightPx: number, nowMs?: number, all?: boolean): LadderZoom {
  const heightOf = (zoom: LadderZoom): number => layoutLadder(model, { ...zoom, nowMs, all }).height;
  if (heightOf({ pxPerMs: 0, groupMs: 0 }) <= heightPx)
    return { pxPerMs: widest(heightPx, (pxPerMs) => heightOf({ pxPerMs, groupMs: 0 })), groupMs: 0 };
  let groupMs = 1;
  while (groupMs < 1e7 && heightOf({ pxPerMs: 0, groupMs }) > heightPx) groupMs *= 2;
  return { pxPerMs: widest(heightPx, (pxPerMs) => heightOf({ pxPerMs, groupMs })), groupMs };
}

/** Every row its own, and silence in all about as high as a screen: how a call is shown at first. Of a live call it changes seldom. */
export function readingZoom(model: LadderModel, nowMs?: number): LadderZoom {
  const spanMs = Math.max(1, Math.max(model.endMs, nowMs ?? 0) - model.startMs);
  return { pxPerMs: Math.min(0.05, Math.max(0.0005, 800 / 2 ** Math.ceil(Math.log2(spanMs)))), groupMs: 0 };
}

/** One step nearer (`factor` > 1) or farther: far away, rows are put together. */
export function zoomBy({ pxPerMs, groupMs }: LadderZoom, factor: number): LadderZoom {
  if (factor > 1 && groupMs > 0) return { pxPerMs, groupMs: groupMs / factor < 0.5 ? 0 : groupMs / factor };
  if (factor < 1 && (groupMs > 0 || pxPerMs * factor < 0.0005))
    return { pxPerMs, groupMs: Math.min(1e7, Math.max(0.5, groupMs) / factor) };
  return { pxPerMs: pxPerMs * factor, groupMs: 0 };
}

function widest(heightPx: number, heightOf: (pxPerMs: number) => number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (heightOf(middle) <= heightPx) low = middle;
    else high = middle;
  }
  return low;
}

/** The item whose time is nearest to `atMs`; -1 when there is none. */
export function itemNear(items: readonly LadderItem[], atMs: number): number {
  const next = upperBound(
    items.map((item) => item.atMs),
    atMs,
  );
  const [before, after] = [items[next - 1], items[next]];
  if (!before || !after) return before ? next - 1 : after ? next : -1;
  return atMs - before.atMs <= after.atMs - atMs ? next - 1 : next;
}
