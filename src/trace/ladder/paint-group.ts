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
