import type { Column } from "./geometry.ts";
import type { LadderLayout } from "./ladder-layout.ts";
import type { Pen } from "./pen.ts";

/** How loud it was, in pieces of `pieceMs`: the greatest of each, 0…1. */
export interface SoundPeaks {
  readonly startMs: number;
  readonly pieceMs: number;
  readonly said: Float32Array;
  readonly heard: Float32Array;
}

const stepPx = 2;

/** The greatest between two times; 0 where there was no sound. */
export function loudest(peaks: SoundPeaks, side: "said" | "heard", fromMs: number, toMs: number): number {
  const pieces = peaks[side];
  const begin = Math.floor((fromMs - peaks.startMs) / peaks.pieceMs);
  const end = Math.max(begin + 1, Math.ceil((toMs - peaks.startMs) / peaks.pieceMs));
  const [from, to] = [Math.max(0, begin), Math.min(pieces.length, end)];
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, pieces[i] as number);
  return most;
}

/** Both sides back to back: what the channel said to the left, what it heard to the right. */
export function paintSound(
  pen: Pen,
  layout: LadderLayout,
  { x, w }: Column,
  peaks: SoundPeaks,
  top: number,
  bottom: number,
): void {
  const middle = x + w / 2;
  const half = w / 2 - 3;
  pen.line([middle, top, middle, bottom], pen.colours.line);
  const { scale } = layout;
  const last = Math.min(bottom, layout.height);
  for (let y = Math.max(0, top - (top % stepPx)); y < last; y += stepPx) {
    const [from, to] = [scale.timeAt(y), scale.timeAt(y + stepPx)];
    // A quiet voice is still a voice: the square root shows it.
    const said = Math.sqrt(loudest(peaks, "said", from, to)) * half;
    const heard = Math.sqrt(loudest(peaks, "heard", from, to)) * half;
    if (said > 0.7) pen.rect(middle - said, y, said, stepPx - 0.4, pen.colours.said);
    if (heard > 0.7) pen.rect(middle, y, heard, stepPx - 0.4, pen.colours.heard);
  }
}
