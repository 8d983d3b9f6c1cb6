import type { LadderGeometry } from "./geometry.ts";
import type { LadderLane, LadderModel } from "./ladder-item.ts";
import { ladderLanes } from "./ladder-item.ts";
import type { Palette } from "./palette.ts";
import { Pen, smallSize } from "./pen.ts";
import { elideStart, type Shape } from "./shape.ts";

export const headPx = 40;

const titles: Readonly<Record<LadderLane, string>> = { wire: "Wire", engine: "Engine", app: "App" };

/** The names of the columns, for above the ladder: it does not scroll. */
export function paintHead(model: LadderModel, geometry: LadderGeometry, colours: Palette): readonly Shape[] {
  const pen = new Pen(colours);
  const { lanes, parties, us, sound, timeWidth } = geometry;
  pen.rect(0, 0, geometry.width, headPx, colours.bg);
  pen.line([0, headPx - 0.5, geometry.width, headPx - 0.5], colours.line);
  pen.text(timeWidth - 6, 32, "s", { fill: colours.dim, size: smallSize, anchor: "end" });
  if (sound && sound.w > 40) {
    pen.text(sound.x + 1, 32, "said", { fill: colours.said, size: smallSize - 1 });
    pen.text(sound.x + sound.w - 1, 32, "heard", {
      fill: colours.heard,
      size: smallSize - 1,
      anchor: "end",
      within: sound.w / 2 + 6,
    });
  }
  const tones = { wire: colours.wire, engine: colours.message, app: colours.app };
  for (const lane of ladderLanes) {
    const { x, w, folded } = lanes[lane];
    pen.text(folded ? x + w / 2 : x, 15, folded ? titles[lane].slice(0, 1) : titles[lane], {
      fill: tones[lane],
      bold: true,
      anchor: folded ? "middle" : "start",
    });
  }
  if (!lanes.engine.folded)
    pen.text(lanes.engine.x, 32, "message  from → handled by", {
      fill: colours.dim,
      size: smallSize - 1,
      within: lanes.engine.w,
    });
  if (!lanes.app.folded)
    pen.text(lanes.app.x, 32, "operation  source line", {
      fill: colours.dim,
      size: smallSize - 1,
      within: lanes.app.w,
    });
  if (lanes.wire.folded || parties.length === 0) return pen.shapes;
  const step = parties.length > 0 ? us - (parties.at(-1) ?? us) : 0;
  parties.forEach((x, i) => {
    pen.rect(x - 2, 35, 4, 5, colours.dim);
    const first = i === 0;
    const within = first ? x - lanes.wire.x + (parties.length > 1 ? step / 2 : step - 14) : step - 10;
    pen.text(first ? lanes.wire.x : x, 32, elideStart(model.parties[i] ?? "", smallSize, within), {
      fill: colours.text,
      size: smallSize,
      anchor: first ? "start" : "middle",
    });
  });
  pen.rect(us - 2, 35, 4, 5, colours.dim);
  pen.text(us + 8, 32, "us", { fill: colours.text, bold: true, size: smallSize, anchor: "end" });
  return pen.shapes;
}
