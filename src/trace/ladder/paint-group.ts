import type { LadderGeometry } from "./geometry.ts";
import { type LadderItem, type LadderLane, type LadderTone, ladderLanes } from "./ladder-item.ts";
import { type LadderLayout, type LadderRow, rowPx } from "./ladder-layout.ts";
import { appTextX } from "./paint-row.ts";
import { type Pen, smallSize } from "./pen.ts";
import { durationText } from "./words.ts";

const words: Readonly<Record<LadderLane, readonly [one: string, many: string]>> = {
  wire: ["packet", "on the wire"],
  engine: ["message", "messages"],
  app: ["step", "steps"],
};

/** What a row of quiet items says. */
export function quietText(items: readonly LadderItem[]): string {
  const messages = items.filter(({ kind }) => kind === "message").length;
  const waits = items.length - messages;
  return [plural(messages, "notification"), plural(waits, "wait")].filter(Boolean).join(", ");
}

const plural = (count: number, word: string): string =>
  count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;

const worst: readonly LadderTone[] = ["bad", "warn", "key"];

/** What of a group is in a lane, in a few words. */
export function groupText(items: readonly LadderItem[], lane: LadderLane): string {
  const own = items.filter((item) => item.lane === lane);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return "";
  if (own.length === 1) return first.label;
  if (own.every(({ label }) => label === first.label)) return `${first.label} ×${own.length}`;
  return `${own.length} ${words[lane][1]}: ${first.label} … ${last.label}`;
}

/** Several records in one row: how many in each lane, from the first to the last. */
export function paintGroup(
  pen: Pen,
  layout: LadderLayout,
  geometry: LadderGeometry,
  items: readonly LadderItem[],
  { y }: LadderRow,
): void {
  if (items.every(({ quiet }) => quiet)) {
    paintQuiet(pen, geometry, items, y);
    return;
  }
  for (const lane of ladderLanes) {
    const own = items.filter((item) => item.lane === lane);
    const [first, last] = [own[0], own.at(-1)];
    if (!first || !last) continue;
    const { x, w, folded } = geometry.lanes[lane];
    const tone =
      worst.find((one) => own.some((item) => item.tone === one)) ?? (lane === "engine" ? "message" : lane);
    const left = lane === "app" && !folded ? appTextX(layout, geometry) : x;
    const base = y + rowPx / 2 + 4;
    // Life lines and bars pass below, but not through its words.
    pen.rect(left, y + 2, x + w - left, rowPx - 4, pen.colours.bg, { round: 4, alpha: 0.85 });
    pen.rect(left, y + 2, x + w - left, rowPx - 4, pen.colours[tone], { round: 4, alpha: 0.12 });
    if (folded) continue;
    const room = x + w - left - 12;
    if (own.length === 1) {
      pen.text(left + 7, base, first.label, { fill: pen.colours[tone], within: room });
      continue;
    }
    const took = room > 150 && last.atMs > first.atMs ? durationText(last.atMs - first.atMs) : "";
    const used = took
      ? pen.text(x + w - 5, base, took, { fill: pen.colours.dim, size: smallSize, anchor: "end" }) + 8
      : 0;
    pen.text(left + 7, base, `▸ ${groupText(items, lane)}`, { fill: pen.colours[tone], within: room - used });
  }
}

/** Nothing that anybody waits for: one line without any colour, which names them as far as there is room. */
function paintQuiet(pen: Pen, { lanes }: LadderGeometry, items: readonly LadderItem[], y: number): void {
  const lane = lanes.engine.folded ? lanes.app : lanes.engine;
  if (lane.folded) return;
  const base = y + rowPx / 2 + 4;
  const style = { fill: pen.colours.dim, size: smallSize } as const;
  const used = pen.text(lane.x + 9, base, `▸ ${quietText(items)}`, { ...style, within: lane.w - 14 });
  const names = [...new Set(items.map(({ label }) => label))].join(", ");
  const left = lane.x + 9 + used + 9;
  pen.text(left, base, names, { ...style, size: smallSize - 1, within: lane.x + lane.w - 5 - left });
}
