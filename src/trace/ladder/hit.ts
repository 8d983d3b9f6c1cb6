import { type LadderGeometry, trackPx } from "./geometry.ts";
import { type LadderLayout, rowAt, rowPx, type SpanReach } from "./ladder-layout.ts";
import { placeReach, rtpX, trackX } from "./paint-row.ts";

/** What is at a point of the ladder. */
export type LadderHit =
  | {
      readonly on: "item";
      readonly index: number;
      /** On the line of source that it names. */
      readonly place?: true;
    }
  | { readonly on: "group"; readonly row: number }
  | { readonly on: "span"; readonly index: number };

/** Undefined where nothing is: between rows, in a silence. A row goes before the bars that pass it, but for its bars themselves. */
export function hitLadder(
  layout: LadderLayout,
  geometry: LadderGeometry,
  x: number,
  y: number,
): LadderHit | undefined {
  const index = rowAt(layout.rows, y);
  const row = layout.rows[index];
  const span = spanAt(layout, geometry, x, y);
  if (!row || y > row.y + rowPx) return span === undefined ? undefined : { on: "span", index: span };
  if (row.count > 1) return { on: "group", row: index };
  const item = layout.model.items[row.first];
  if (span !== undefined && item && !("span" in item)) return { on: "span", index: span };
  const place = item && placeReach(layout, geometry, item);
  const onPlace = place && x >= place[0] - 3 && x <= place[1] + 3;
  return onPlace ? { on: "item", index: row.first, place: true } : { on: "item", index: row.first };
}

function spanAt(layout: LadderLayout, geometry: LadderGeometry, x: number, y: number): number | undefined {
  let best: number | undefined;
  layout.model.spans.forEach((span, index) => {
    if (geometry.lanes[span.lane].folded || span.inner) return;
    const at = span.kind === "rtp" ? rtpX(geometry, span.party, span.track) : trackX(geometry, span.track);
    if (Math.abs(x - at) > trackPx / 2) return;
    const { top, bottom } = layout.reach[index] as SpanReach;
    // Of several on one track the last begun is the one that is seen.
    if (y >= top - 2 && y <= bottom + 2) best = index;
  });
  return best;
}
