import type { LadderGeometry } from "./geometry.ts";
import type { LadderItem, MessageItem, NoteItem, SipItem, SpanItem } from "./ladder-item.ts";
import { type LadderLayout, rowPx } from "./ladder-layout.ts";
import { labelSize, type Pen, smallSize } from "./pen.ts";
import { textWidth } from "./shape.ts";
import { durationText } from "./words.ts";

export function trackX({ lanes, tracks }: LadderGeometry, track: number): number {
  return lanes.app.x + 6 + Math.min(track, tracks.most - 1) * tracks.step;
}

/** Where the text of the app's lane begins: right of all its bars. */
export function appTextX(layout: LadderLayout, geometry: LadderGeometry): number {
  const tracks = Math.min(geometry.tracks.most, layout.model.tracks.app);
  return geometry.lanes.app.x + 8 + tracks * geometry.tracks.step;
}

/** A record in its lane. `y` is the top of its row. */
export function paintItem(
  pen: Pen,
  layout: LadderLayout,
  geometry: LadderGeometry,
  item: LadderItem,
  y: number,
): void {
  if (geometry.lanes[item.lane].folded) paintFolded(pen, geometry, item, y);
  else if (item.kind === "sip") paintSip(pen, geometry, item, y);
  else if (item.kind === "message") paintMessage(pen, geometry, item, y);
  else if (!("span" in item)) paintNote(pen, layout, geometry, item, y);
  else if (item.kind === "rtp") paintRtp(pen, layout, geometry, item, y);
  else paintApp(pen, layout, geometry, item, y);
}

function paintFolded(pen: Pen, geometry: LadderGeometry, item: LadderItem, y: number): void {
  const { x, w } = geometry.lanes[item.lane];
  pen.rect(x + w / 2 - 3, y + rowPx / 2 - 3, 6, 6, pen.colours[item.tone], { round: 3 });
}

/** An arrow, and what was said above it. */
function paintSip(pen: Pen, geometry: LadderGeometry, item: SipItem, y: number): void {
  const { us, lanes, parties } = geometry;
  const colour = pen.colours[item.tone];
  const party = parties[item.party] ?? lanes.wire.x;
  const [from, to] = item.direction === "in" ? [party, us] : [us, party];
  const lineY = y + rowPx - 5;
  const dash = item.again ? { dash: [4, 3] } : {};
  pen.line([from, lineY, to + (to > from ? -5 : 5), lineY], colour, { width: 1.4, ...dash });
  pen.head(to, lineY, to > from ? "right" : "left", colour);
  const space = us - party - 10;
  // Of a response the method is left out first: the arrow before it tells it.
  const whole = textWidth(item.label, labelSize) <= space;
  const label = whole ? item.label : item.label.replace(/ \(\w+\)/, "");
  const wanted = textWidth(label, labelSize);
  // What does not fit between the two may reach over the others' life lines.
  const anchorX = wanted <= space ? (us + party) / 2 : us - 6;
  const anchor = wanted <= space ? "middle" : "end";
  const within = Math.max(space, us - 6 - lanes.wire.x);
  const w = pen.text(anchorX, y + rowPx - 10, label, { fill: colour, within, anchor, halo: true });
  if (item.more && wanted <= space && space - w > 2 * textWidth(item.more, smallSize - 1) + 24)
    pen.text(us - 8, y + rowPx - 10, item.more, {
      fill: pen.colours.dim,
      size: smallSize - 1,
      anchor: "end",
      halo: true,
    });
}

/** The longest time that a bar tells apart, in milliseconds; the shortest is 0.01. Bars are logarithmic: 1 ms against 1 s is what matters. */
const longestMs = 10_000;

function paintMessage(pen: Pen, geometry: LadderGeometry, item: MessageItem, y: number): void {
  const { x, w } = geometry.lanes.engine;
  const colour = pen.colours[item.tone];
  const base = y + rowPx / 2 + 4;
  if (item.tookMs !== undefined) {
    const share = Math.log10(Math.max(0.01, item.tookMs) / 0.01) / Math.log10(longestMs / 0.01);
    pen.rect(x, y + 2, Math.max(3, Math.min(1, share) * w), rowPx - 4, colour, { round: 4, alpha: 0.15 });
  }
  pen.rect(x, y + 2, 3, rowPx - 4, colour, { round: 1.5 });
  const took = item.tookMs === undefined ? "" : durationText(item.tookMs);
  const tookWidth =
    took && w > 150
      ? pen.text(x + w - 5, base, took, { fill: pen.colours.dim, size: smallSize, anchor: "end" }) + 12
      : 4;
  const room = w - 10 - tookWidth;
  const label = item.tone === "dim" ? pen.colours.text : colour;
  const used = pen.text(x + 9, base, item.label, { fill: label, bold: item.tone !== "dim", within: room });
  pen.text(x + 9 + used + 9, base, item.more, {
    fill: pen.colours.dim,
    size: smallSize,
    within: room - used - 9,
  });
  paintAppArrows(pen, geometry, item, y, colour);
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

function paintRtp(pen: Pen, layout: LadderLayout, geometry: LadderGeometry, item: SpanItem, y: number): void {
  const span = layout.model.spans[item.span];
  if (!span) return;
  const x = rtpX(geometry, span.party, span.track) + 10;
  const base = y + rowPx / 2 + 4;
  const room = geometry.us - 8 - x;
  const used = pen.text(x, base, item.label, { fill: pen.colours[item.tone], within: room, halo: true });
  if (room - used > 60)
    pen.text(x + used + 8, base, item.more, {
      fill: pen.colours.dim,
      size: smallSize,
      within: room - used - 8,
      halo: true,
    });
}

/** A session's bar lies on the life line of its party; one whose party sent no SIP has its place beside us. */
export function rtpX(geometry: LadderGeometry, party: number | undefined, track: number): number {
  const x = party === undefined ? undefined : geometry.parties[party];
  return (x ?? geometry.lanes.wire.x + 8) + 1 + track * 8;
}

function paintApp(pen: Pen, layout: LadderLayout, geometry: LadderGeometry, item: SpanItem, y: number): void {
  const { app } = geometry.lanes;
  const span = layout.model.spans[item.span];
  const colour = pen.colours[item.tone];
  const middle = y + rowPx / 2;
  const x = appTextX(layout, geometry);
  if (span) {
    const dotX = trackX(geometry, span.track);
    pen.line([dotX, middle, x - 2, middle], colour, { width: 1, alpha: 0.45 });
    pen.rect(dotX - 3, middle - 3, 6, 6, colour, { round: 3 });
  }
  const ends = item.phase === "end" || item.kind === "wait";
  const room = app.x + app.w - x;
  const fill = ends && item.tone !== "bad" ? pen.colours.dim : colour;
  // What it was is written where its bar begins.
  const label = item.phase === "end" ? item.label.replace(/^.*?: /, "→ ") : item.label;
  const used = pen.text(x + 2, middle + 4, label, { fill, bold: !ends, within: room });
  pen.text(x + used + 10, middle + 4, item.more, {
    fill: pen.colours.dim,
    size: smallSize,
    within: room - used - 12,
  });
}

function paintNote(
  pen: Pen,
  layout: LadderLayout,
  geometry: LadderGeometry,
  item: NoteItem,
  y: number,
): void {
  const { x, w } = geometry.lanes[item.lane];
  const colour = pen.colours[item.tone];
  const from = item.lane === "app" ? appTextX(layout, geometry) + 2 : x + 9;
  if (item.mark) {
    pen.rect(x, y + 2, w, rowPx - 4, colour, { round: 4, alpha: 0.14 });
    pen.rect(x, y + 2, 3, rowPx - 4, colour, { round: 1.5 });
  }
  const text = item.mark ? `✕ ${item.label}` : item.label;
  const used = pen.text(from, y + rowPx / 2 + 4, text, {
    fill: colour,
    bold: item.mark !== undefined,
    within: x + w - from,
  });
  pen.text(from + used + 8, y + rowPx / 2 + 4, item.more, {
    fill: pen.colours.dim,
    size: smallSize,
    within: x + w - from - used - 8,
  });
}
