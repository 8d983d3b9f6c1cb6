import type { LadderGeometry } from "./geometry.ts";
import type { MessageItem } from "./ladder-item.ts";
import { rowPx } from "./ladder-layout.ts";
import { labelSize, type Pen, smallSize } from "./pen.ts";
import { elide, elideStart, textWidth } from "./shape.ts";
import { durationText } from "./words.ts";

/** The longest time that a bar tells apart, in milliseconds; the shortest is 0.01. Bars are logarithmic: 1 ms against 1 s is what matters. */
const longestMs = 10_000;
/** Times stand below one another. */
const tookPx = 48;
const gapPx = 9;
const badge = "masquerade";
const badgeSize = 9;

/** A message: its name and its point at the left, who sent and who handled it and how long that took at the right, as far as there is room. */
export function paintMessage(pen: Pen, geometry: LadderGeometry, item: MessageItem, y: number): void {
  const { x, w } = geometry.lanes.engine;
  const colour = pen.colours[item.tone];
  const base = y + rowPx / 2 + 4;
  if (item.tookMs !== undefined) {
    const share = Math.log10(Math.max(0.01, item.tookMs) / 0.01) / Math.log10(longestMs / 0.01);
    pen.rect(x, y + 2, Math.max(3, Math.min(1, share) * w), rowPx - 4, colour, { round: 4, alpha: 0.13 });
  }
  pen.rect(x, y + 2, 3, rowPx - 4, colour, { round: 1.5 });
  const quiet = item.tone === "dim";
  const fill = !quiet ? colour : item.quiet ? pen.colours.dim : pen.colours.text;
  let left = x + gapPx;
  let right = x + w - 5;
  left += pen.text(left, base, item.label, { fill, bold: !quiet, within: right - left }) + gapPx;
  const point = pointText(item, right - left);
  const pointFill = item.mark ? pen.colours[item.mark.kind === "key" ? "key" : "app"] : pen.colours.text;
  const pointColour = item.quiet ? pen.colours.dim : pointFill;
  if (point)
    left += pen.text(left, base, point, { fill: pointColour, bold: item.mark !== undefined }) + gapPx;
  // Never in part: half a path says the wrong thing.
  const path = [item.more, item.more.replace(/^.*→ (?=.)/, "→ ")].find(
    (one) => textWidth(one, smallSize) <= right - left,
  );
  const pathWidth = path ? textWidth(path, smallSize) + gapPx : 0;
  const took = item.tookMs === undefined ? "" : durationText(item.tookMs);
  const dim = { fill: pen.colours.dim, size: smallSize, anchor: "end" } as const;
  if (took && right - left >= tookPx + pathWidth) {
    pen.text(right, base, took, dim);
    right -= tookPx + gapPx;
  }
  if (path) pen.text(right, base, path, dim);
  right -= pathWidth;
  const badgeWidth = textWidth(badge, badgeSize) + 8;
  if (item.masquerade && right - left >= badgeWidth) {
    pen.rect(left - 1, y + 5, badgeWidth, rowPx - 10, pen.colours.dim, { round: 4, alpha: 0.14 });
    pen.text(left + 3, base - 1, badge, { fill: pen.colours.dim, size: badgeSize });
  }
  paintAppArrows(pen, geometry, item, y, colour);
}

/** Of a sound's path the end matters. */
function pointText({ point, mark }: MessageItem, width: number): string {
  return mark?.kind === "prompt" ? elideStart(point, labelSize, width) : elide(point, labelSize, width);
}

/** From and to the app, through the space between the lanes. */
function paintAppArrows(
  pen: Pen,
  { lanes }: LadderGeometry,
  item: MessageItem,
  y: number,
  colour: string,
): void {
  const [left, right] = [lanes.engine.x + lanes.engine.w + 2, lanes.app.x - 3];
  const both = item.fromApp && item.byApp ? 4 : 0;
  if (item.fromApp) {
    pen.line([left + 5, y + rowPx / 2 - both, right, y + rowPx / 2 - both], colour, { width: 1.3 });
    pen.head(left, y + rowPx / 2 - both, "left", colour);
  }
  if (item.byApp) {
    pen.line([left, y + rowPx / 2 + both, right - 5, y + rowPx / 2 + both], colour, { width: 1.3 });
    pen.head(right, y + rowPx / 2 + both, "right", colour);
  }
}
