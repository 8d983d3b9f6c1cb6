import type { LadderGeometry } from "./geometry.ts";
import type { LadderItem, NoteItem, SipItem, SpanItem } from "./ladder-item.ts";
import { type LadderLayout, rowPx } from "./ladder-layout.ts";
import { paintMessage } from "./paint-message.ts";
import { labelSize, type Pen, smallSize } from "./pen.ts";
import { elide, textWidth } from "./shape.ts";

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

function paintRtp(pen: Pen, layout: LadderLayout, geometry: LadderGeometry, item: SpanItem, y: number): void {
  const span = layout.model.spans[item.span];
  if (!span) return;
  const x = rtpX(geometry, span.party, span.track) + 10;
  const base = y + rowPx / 2 + 4;
  const { wire } = geometry.lanes;
  const room = (geometry.parties.length > 0 ? geometry.us - 8 : wire.x + wire.w) - x;
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
  const fill = ends && item.tone !== "bad" ? pen.colours.dim : colour;
  const { label, moreX } = appWords(layout, geometry, item);
  pen.text(x + 2, middle + 4, label, { fill, bold: !ends });
  const used = pen.text(moreX, middle + 4, item.more, {
    fill: pen.colours.dim,
    size: smallSize,
    within: app.x + app.w - moreX,
  });
  if (item.place && used > 0)
    pen.line([moreX, middle + 6.5, moreX + used, middle + 6.5], pen.colours.dim, { width: 1, alpha: 0.45 });
}

/** What the app's lane says of an item, and where the rest of it begins: options of an operation give way to its line of source. */
function appWords(
  layout: LadderLayout,
  geometry: LadderGeometry,
  item: SpanItem,
): { readonly label: string; readonly moreX: number } {
  const { app } = geometry.lanes;
  const x = appTextX(layout, geometry) + 2;
  const room = app.x + app.w - x;
  const more = item.more && textWidth(item.more, smallSize) + 8;
  // What it was is written where its bar begins.
  let label = item.phase === "end" ? item.label.replace(/^.*?: /, "→ ") : item.label;
  while (textWidth(label, labelSize) + Number(more || 0) > room && /\s\w+=\S*$/.test(label))
    label = label.replace(/\s+\w+=\S*$/, "");
  label = elide(label, labelSize, room);
  return { label, moreX: x + textWidth(label, labelSize) + 8 };
}

/** From where to where an item names a line of source; undefined when it names none, or there is no room. */
export function placeReach(
  layout: LadderLayout,
  geometry: LadderGeometry,
  item: LadderItem,
): readonly [from: number, to: number] | undefined {
  if (!item.place || !("span" in item) || item.lane !== "app" || geometry.lanes.app.folded) return undefined;
  const { moreX } = appWords(layout, geometry, item);
  const { app } = geometry.lanes;
  const shown = elide(item.more, smallSize, app.x + app.w - moreX);
  return shown ? [moreX, moreX + textWidth(shown, smallSize)] : undefined;
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
