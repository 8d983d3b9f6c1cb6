import type { LadderModel, LadderTone } from "./ladder-item.ts";
import { loudest, type SoundPeaks } from "./paint-sound.ts";
import type { Palette } from "./palette.ts";
import { Pen, smallSize } from "./pen.ts";
import type { Shape } from "./shape.ts";

export interface OverviewOptions {
  readonly width: number;
  readonly height: number;
  readonly colours: Palette;
  readonly endMs: number;
  readonly sound?: SoundPeaks | undefined;
}

/** What moves over an overview. */
export interface OverviewMarks {
  /** What the ladder shows of it. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly cursorMs?: number | undefined;
}

export const overviewPadPx = 12;
const axisPx = 15;

/** Times on a strip that is as wide as the call is long. */
export function overviewX(
  model: LadderModel,
  { width, endMs }: Pick<OverviewOptions, "width" | "endMs">,
  atMs: number,
): number {
  const share = (atMs - model.startMs) / Math.max(1, endMs - model.startMs);
  return overviewPadPx + Math.min(1, Math.max(0, share)) * (width - 2 * overviewPadPx);
}

export function overviewTime(
  model: LadderModel,
  { width, endMs }: Pick<OverviewOptions, "width" | "endMs">,
  x: number,
): number {
  const share = (x - overviewPadPx) / Math.max(1, width - 2 * overviewPadPx);
  return model.startMs + Math.min(1, Math.max(0, share)) * (endMs - model.startMs);
}

/** The whole call at one glance, time to the right and to scale: sound, or else how much happened in each lane; keys, prompts, errors. */
export function paintOverview(model: LadderModel, options: OverviewOptions): readonly Shape[] {
  const { width, height, colours, sound } = options;
  const pen = new Pen(colours);
  const x = (atMs: number): number => overviewX(model, options, atMs);
  const top = 4;
  const bottom = height - axisPx;
  pen.rect(0, 0, width, height, colours.surface);
  paintAxis(pen, model, options, x);
  paintOperations(pen, model, options, x, bottom - 4);
  if (sound) paintWaves(pen, model, options, sound, top, bottom - 8);
  else paintDensity(pen, model, x, top, bottom - 8, width);
  for (const { mark, atMs } of model.items) {
    // Keys come by the hundred, errors should not.
    if (mark?.kind === "key") pen.rect(x(atMs) - 1.5, 0, 3, 8, colours.key, { round: 1 });
    else if (mark?.kind === "error") pen.line([x(atMs), 0, x(atMs), bottom], colours.bad, { width: 1.5 });
  }
  return pen.shapes;
}

/** What the ladder shows, and the cursor; apart, since these move with every frame and the rest does not. */
export function paintOverviewMarks(
  model: LadderModel,
  options: Omit<OverviewOptions, "sound"> & OverviewMarks,
): readonly Shape[] {
  const { height, colours, fromMs, toMs, cursorMs } = options;
  const pen = new Pen(colours);
  const x = (atMs: number): number => overviewX(model, options, atMs);
  const [left, right] = [x(fromMs) - 1, Math.max(x(toMs), x(fromMs) + 5) + 1];
  pen.rect(left, 0, right - left, height, colours.select, { alpha: 0.13 });
  pen.line([left, 0, left, height], colours.select, { width: 2 });
  pen.line([right, 0, right, height], colours.select, { width: 2 });
  if (cursorMs !== undefined) pen.line([x(cursorMs), 0, x(cursorMs), height], colours.bad, { width: 1.5 });
  return pen.shapes;
}

/** Distances of marks on an axis of time, in milliseconds. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

function paintAxis(
  pen: Pen,
  model: LadderModel,
  { width, height, endMs, colours }: OverviewOptions,
  x: (atMs: number) => number,
): void {
  const spanMs = Math.max(1, endMs - model.startMs);
  const step = steps.find((one) => (one / spanMs) * width >= 64) ?? spanMs;
  for (let at = 0; at <= spanMs; at += step) {
    const left = x(model.startMs + at);
    pen.line([left, 0, left, height], colours.line);
    if (left < width - 40)
      pen.text(left + 4, height - 4, axisText(at, step), { fill: colours.dim, size: smallSize - 1 });
  }
}

function axisText(ms: number, step: number): string {
  if (step < 1000 && ms < 1000) return `${ms} ms`;
  if (ms < 60_000)
    return `${step < 1000 ? (ms / 1000).toFixed(step < 100 ? 2 : 1) : Math.round(ms / 1000)} s`;
  return `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
}

function paintOperations(
  pen: Pen,
  model: LadderModel,
  { endMs, colours }: OverviewOptions,
  x: (atMs: number) => number,
  y: number,
): void {
  for (const span of model.spans) {
    if (span.kind !== "operation" || span.whole) continue;
    const left = x(span.fromMs);
    pen.rect(left, y - 2, Math.max(2, x(span.toMs ?? endMs) - left - 1), 4, colours[span.tone], {
      round: 2,
      alpha: 0.8,
    });
  }
}

function paintWaves(
  pen: Pen,
  model: LadderModel,
  options: OverviewOptions,
  sound: SoundPeaks,
  top: number,
  bottom: number,
): void {
  const { width, colours } = options;
  const middle = (top + bottom) / 2;
  const half = (bottom - top) / 2;
  pen.line([overviewPadPx, middle, width - overviewPadPx, middle], colours.line);
  for (let px = overviewPadPx; px < width - overviewPadPx; px += 2) {
    const [from, to] = [overviewTime(model, options, px), overviewTime(model, options, px + 2)];
    const said = Math.sqrt(loudest(sound, "said", from, to)) * half;
    const heard = Math.sqrt(loudest(sound, "heard", from, to)) * half;
    if (said > 0.6) pen.rect(px, middle - said, 1.4, said, colours.said);
    if (heard > 0.6) pen.rect(px, middle, 1.4, heard, colours.heard);
  }
}

/** Each lane's records as ticks, fainter where there are few: one tick a pixel, however many records. */
function paintDensity(
  pen: Pen,
  model: LadderModel,
  x: (atMs: number) => number,
  top: number,
  bottom: number,
  width: number,
): void {
  const lanes = { wire: 0, engine: 1, app: 2 };
  const counts = new Map<number, { count: number; tone: LadderTone }>();
  const columns = Math.ceil(width);
  for (const { lane, atMs, tone } of model.items) {
    const at = lanes[lane] * columns + Math.round(x(atMs));
    const found = counts.get(at);
    if (found) found.count++;
    else counts.set(at, { count: 1, tone: tone === "dim" && lane === "engine" ? "message" : tone });
  }
  const high = (bottom - top) / 3;
  for (const [at, { count, tone }] of counts) {
    const lane = Math.floor(at / columns);
    pen.rect(at % columns, top + lane * high + 1, 2, high - 2, pen.colours[tone], {
      alpha: Math.min(1, 0.4 + count / 10),
    });
  }
}
