/**
 * The ladder of a call: records → {@link ladderModel} (what happened) → {@link layoutLadder} (where it is) → {@link paintLadder}
 * (shapes) → a canvas, or {@link ladderSvg}. Pure.
 */
export { type Column, type LadderGeometry, ladderGeometry, trackPx } from "./geometry.ts";
export { hitLadder, type LadderHit } from "./hit.ts";
export {
  type LadderItem,
  type LadderLane,
  type LadderModel,
  type LadderSpan,
  type LadderTone,
  ladderLanes,
  recordKey,
} from "./ladder-item.ts";
export {
  fitZoom,
  itemNear,
  type LadderLayout,
  type LadderRow,
  type LadderZoom,
  layoutLadder,
  readingZoom,
  rowPx,
  rowsWithin,
  zoomBy,
} from "./ladder-layout.ts";
export { ladderModel } from "./ladder-model.ts";
export {
  type OverviewOptions,
  overviewTime,
  overviewX,
  paintOverview,
  paintOverviewMarks,
} from "./overview.ts";
export { type PaintOptions, paintLadder } from "./paint.ts";
export { groupText, quietText } from "./paint-group.ts";
export { headPx, paintHead } from "./paint-head.ts";
export { loudest, type SoundPeaks } from "./paint-sound.ts";
export { lightPalette, type Palette } from "./palette.ts";
export { charWidth, elide, type Shape, textWidth } from "./shape.ts";
export { ladderSvg, shapeToSvg } from "./svg.ts";
export { createTimeScale, type TimeScale } from "./time-scale.ts";
export { durationText, figuresText, offsetText, paramOf, placeText, soundTone } from "./words.ts";
