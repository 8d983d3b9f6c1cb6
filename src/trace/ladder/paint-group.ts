import type { LadderGeometry } from "./geometry.ts";
import { type LadderItem, type LadderLane, type LadderTone, ladderLanes } from "./ladder-item.ts";
import { type LadderRow, rowPx } from "./ladder-layout.ts";
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
  geometry: LadderGeometry,
  items: readonly LadderItem[],
  { y }: LadderRow,
): void {
  const [first, last] = [items[0], items.at(-1)];
  if (!first || !last) return;
  for (const lane of ladderLanes) {
    const own = items.filter((item) => item.lane === lane);
    if (own.length === 0) continue;
    const { x, w, folded } = geometry.lanes[lane];
    const tone =
      worst.find((one) => own.some((item) => item.tone === one)) ?? (lane === "engine" ? "message" : lane);
    pen.rect(x, y + 2, w, rowPx - 4, pen.colours[tone], { round: 4, alpha: 0.1 });
    pen.rect(x + 3, y + rowPx, w - 6, 1, pen.colours[tone], { alpha: 0.35 });
    if (folded) continue;
    const took = w > 170 && last.atMs > first.atMs ? durationText(last.atMs - first.atMs) : "";
    const used = took
      ? pen.text(x + w - 5, y + rowPx / 2 + 4, took, {
          fill: pen.colours.dim,
          size: smallSize,
          anchor: "end",
        }) + 8
      : 0;
    pen.text(x + 7, y + rowPx / 2 + 4, `▸ ${groupText(items, lane)}`, {
      fill: pen.colours[tone],
      within: w - 14 - used,
    });
  }
}
