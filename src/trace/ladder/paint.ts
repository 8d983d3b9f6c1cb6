import { type LadderGeometry, trackPx } from "./geometry.ts";
import type { LadderItem, LadderLane } from "./ladder-item.ts";
import { ladderLanes } from "./ladder-item.ts";
import { type LadderLayout, type LadderRow, rowPx, rowsWithin, type SpanReach } from "./ladder-layout.ts";
import { paintGroup } from "./paint-group.ts";
import { paintItem, rtpX, trackX } from "./paint-row.ts";
import { paintSound, type SoundPeaks } from "./paint-sound.ts";
import type { Palette } from "./palette.ts";
import { Pen, smallSize } from "./pen.ts";
import type { Shape } from "./shape.ts";
import { durationText, offsetText } from "./words.ts";

/** What of a ladder is to be seen, and how. */
export interface PaintOptions {
  readonly top: number;
  readonly bottom: number;
  readonly colours: Palette;
  /** Key of the chosen item or span. */
  readonly selected?: string | undefined;
  readonly hovered?: string | undefined;
  /** Time of the cursor. */
  readonly cursorMs?: number | undefined;
  /** What is said in a lane in which nothing is. */
  readonly notices?: Partial<Record<LadderLane, string>> | undefined;
  readonly sound?: SoundPeaks | undefined;
}

/** What is between `top` and `bottom`, in the ladder's own coordinates. Costs in proportion to what is seen. */
export function paintLadder(
  layout: LadderLayout,
  geometry: LadderGeometry,
  options: PaintOptions,
): readonly Shape[] {
  const pen = new Pen(options.colours);
  const [from, to] = rowsWithin(layout, options.top, options.bottom);
  const rows = layout.rows.slice(from, to);
  paintLanes(pen, layout, geometry, options);
  for (const row of rows) paintUnder(pen, layout, geometry, row, options);
  paintSpans(pen, layout, geometry, options);
  if (geometry.sound && options.sound)
    paintSound(pen, layout, geometry.sound, options.sound, options.top, options.bottom);
  rows.forEach((row, i) => {
    const items = layout.model.items.slice(row.first, row.first + row.count);
    const [item] = items;
    if (!item) return;
    paintTime(pen, layout, geometry, row, layout.rows[from + i - 1]);
    if (row.count > 1) paintGroup(pen, layout, geometry, items, row);
    else paintItem(pen, layout, geometry, item, row.y);
    paintMarks(pen, geometry, items, row);
  });
  if (options.cursorMs !== undefined) paintCursor(pen, layout, geometry, options.cursorMs);
  return pen.shapes;
}

function paintLanes(
  pen: Pen,
  { model }: LadderLayout,
  geometry: LadderGeometry,
  options: PaintOptions,
): void {
  const { lanes, parties, us } = geometry;
  const { top, bottom, notices } = options;
  for (const lane of ladderLanes) {
    const { x, w, folded } = lanes[lane];
    if (folded || lane !== "wire")
      pen.rect(x - 4, top, w + 8, bottom - top, pen.colours.surface, { alpha: 0.55 });
    const notice = notices?.[lane];
    if (notice && !folded) pen.lines(x + 4, top + 24, notice, w - 8, pen.colours.dim);
  }
  if (lanes.wire.folded || model.parties.length === 0) return;
  for (const x of parties) pen.line([x, top, x, bottom], pen.colours.line, { width: 1 });
  pen.line([us, top, us, bottom], pen.colours.dim, { width: 2, alpha: 0.6 });
}

/** What lies below a row: that it is chosen, or marked. */
function paintUnder(
  pen: Pen,
  layout: LadderLayout,
  { width }: LadderGeometry,
  row: LadderRow,
  options: PaintOptions,
): void {
  const { items } = layout.model;
  for (let i = row.first; i < row.first + row.count; i++) {
    const { key, mark } = items[i] as LadderItem;
    if (mark) pen.rect(0, row.y, width, rowPx, pen.colours[markTones[mark.kind]], { alpha: 0.1 });
    if (key === options.selected) {
      pen.rect(0, row.y, width, rowPx, pen.colours.select, { alpha: 0.16 });
      pen.rect(0, row.y, 3, rowPx, pen.colours.select);
    } else if (key === options.hovered) pen.rect(0, row.y, width, rowPx, pen.colours.text, { alpha: 0.05 });
  }
}

const markTones = { key: "key", prompt: "app", error: "bad" } as const;

function paintSpans(pen: Pen, layout: LadderLayout, geometry: LadderGeometry, options: PaintOptions): void {
  const { top, bottom, selected } = options;
  for (const [index, span] of layout.model.spans.entries()) {
    const { top: from, bottom: to } = layout.reach[index] as SpanReach;
    if (to < top || from > bottom || geometry.lanes[span.lane].folded || span.inner) continue;
    const [y, end] = [Math.max(from, top - 20), Math.min(to, bottom + 20)];
    const chosen = span.key === selected;
    const colour = chosen ? pen.colours.select : pen.colours[span.tone];
    if (span.kind === "rtp") {
      const x = rtpX(geometry, span.party, span.track);
      pen.rect(x - 3, y, 6, end - y, colour, { round: 3, alpha: chosen ? 0.9 : 0.35 });
      let since = from;
      for (const { toMs, tone } of span.parts) {
        const until = layout.scale.yOf(toMs);
        if (until >= top && since <= bottom)
          pen.rect(x - 3, since, 6, until - since - 1, pen.colours[tone], { round: 2, alpha: 0.85 });
        since = until;
      }
      continue;
    }
    const x = trackX(geometry, span.track);
    if (span.kind === "wait")
      pen.line([x, y, x, end], colour, { width: chosen ? 3 : 1.4, dash: [3, 2], alpha: 0.8 });
    else
      pen.rect(x - 2.5, y, 5, end - y, colour, {
        round: 2.5,
        alpha: chosen ? 1 : span.whole ? 0.3 : 0.75,
      });
  }
}

function paintTime(
  pen: Pen,
  { model }: LadderLayout,
  { timeWidth }: LadderGeometry,
  row: LadderRow,
  before: LadderRow | undefined,
): void {
  const at = (model.items[row.first] as LadderItem).atMs;
  const text = offsetText(at - model.startMs);
  const last = before && model.items[before.first + before.count - 1];
  const room = timeWidth - 10;
  if (!last || offsetText(last.atMs - model.startMs) !== text)
    pen.text(timeWidth - 6, row.y + rowPx / 2 + 4, text, {
      fill: pen.colours.dim,
      size: smallSize,
      anchor: "end",
      within: room,
    });
  if (!before || !last || row.y - before.y < 2.5 * rowPx) return;
  const middle = (before.y + rowPx + row.y) / 2;
  pen.text(timeWidth - 6, middle + 4, durationText(at - last.atMs), {
    fill: pen.colours.dim,
    size: smallSize - 1,
    anchor: "end",
    within: room,
  });
  pen.line([timeWidth - 3, before.y + rowPx - 4, timeWidth - 3, row.y + 4], pen.colours.line, {
    width: 1,
    dash: [2, 3],
  });
}

/** Keys and prompts are seen from all lanes. */
function paintMarks(
  pen: Pen,
  { lanes }: LadderGeometry,
  items: readonly LadderItem[],
  { y }: LadderRow,
): void {
  const middle = y + rowPx / 2;
  const keys = items.flatMap(({ mark }) => (mark?.kind === "key" ? [mark.text] : [])).join("");
  if (keys)
    pen.cap(
      lanes.engine.x - trackPx - 2,
      middle,
      keys.length > 3 ? `${keys.slice(0, 2)}…` : keys,
      pen.colours.key,
    );
  const prompt = items.find(({ mark }) => mark?.kind === "prompt");
  if (!prompt || keys) return;
  pen.text(lanes.engine.x - trackPx - 2, middle + 4, "♪", {
    fill: pen.colours.app,
    anchor: "middle",
    bold: true,
    size: 13,
  });
}

function paintCursor(
  pen: Pen,
  layout: LadderLayout,
  { width, timeWidth }: LadderGeometry,
  atMs: number,
): void {
  const y = layout.scale.yOf(atMs);
  pen.line([0, y, width, y], pen.colours.bad, { width: 1 });
  pen.rect(0, y - 8, timeWidth - 2, 16, pen.colours.bad, { round: 3 });
  const text = offsetText(atMs - layout.model.startMs);
  pen.text(timeWidth - 6, y + 4, text, {
    fill: pen.colours.bg,
    size: smallSize,
    anchor: "end",
    bold: true,
    within: timeWidth - 8,
  });
}
