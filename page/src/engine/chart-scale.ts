import type { FigurePoint } from "./figure-series.ts";

/** The top of an axis for values up to `most`: 1, 2 or 5 times a power of ten (of two for bytes), and never below `least`. */
export function axisTop(most: number, least: number, binary = false): number {
  const wanted = Math.max(most, least);
  if (!(wanted > 0)) return 1;
  if (binary) return 2 ** Math.ceil(Math.log2(wanted));
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** What a chart is drawn in. */
export interface ChartBox {
  readonly width: number;
  readonly height: number;
  /** The times at its left and right edges. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The value at its upper edge; 0 is at its lower. */
  readonly top: number;
}

/** The line and the area below it, as SVG paths; where a value is missing, or time was left out, both are broken. */
export function chartPaths(
  points: readonly FigurePoint[],
  box: ChartBox,
  gapMs = 5000,
): { line: string; area: string } {
  let line = "";
  let area = "";
  let run: { readonly x: number; readonly y: number }[] = [];
  const end = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first && last) {
      const path = run.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
      line += run.length === 1 ? `${path}h1` : path;
      area += `${path}L${round(last.x)} ${box.height}L${round(first.x)} ${box.height}Z`;
    }
    run = [];
  };
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, value } of points) {
    if (atMs - lastMs > gapMs) end();
    lastMs = atMs;
    if (value === undefined) end();
    else if (atMs >= box.fromMs) run.push({ x: xOf(atMs, box), y: yOf(value, box) });
  }
  end();
  return { line, area };
}

export function xOf(atMs: number, { width, fromMs, toMs }: ChartBox): number {
  return ((atMs - fromMs) / (toMs - fromMs)) * width;
}

export function yOf(value: number, { height, top }: ChartBox): number {
  return height - (Math.min(value, top) / top) * height;
}

/** The point that is nearest to a place from the left, 0 to `width`; undefined when none has a value. */
export function pointNear(points: readonly FigurePoint[], x: number, box: ChartBox): FigurePoint | undefined {
  let best: FigurePoint | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const point of points) {
    if (point.value === undefined || point.atMs < box.fromMs) continue;
    const away = Math.abs(xOf(point.atMs, box) - x);
    if (away < distance) {
      distance = away;
      best = point;
    }
  }
  return best;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
