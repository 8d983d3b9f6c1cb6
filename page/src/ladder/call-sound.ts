import type { KeptSound } from "../../../src/console/protocol.ts";
import { decodeAlaw } from "../../../src/media/g711.ts";
import type { SoundPeaks } from "../../../src/trace/ladder/index.ts";

/** Kept sound, ready to be seen and heard. */
export interface CallSound {
  readonly startMs: number;
  readonly rateHz: number;
  readonly said: Float32Array<ArrayBuffer>;
  readonly heard: Float32Array<ArrayBuffer>;
  readonly peaks: SoundPeaks;
  /** How far its pieces may be from their true times. */
  readonly errorMs: number;
}

const pieceMs = 10;

/** Undefined when there is not one sample. */
export function readSound({
  startMs,
  rateHz,
  said,
  heard,
  errorMs = 0,
}: Omit<KeptSound, "channel">): CallSound | undefined {
  const sides = { said: decode(said), heard: decode(heard) };
  if (sides.said.length + sides.heard.length === 0) return undefined;
  const piece = Math.max(1, Math.round((rateHz * pieceMs) / 1000));
  const peaks = { startMs, pieceMs, said: peaksOf(sides.said, piece), heard: peaksOf(sides.heard, piece) };
  return { startMs, rateHz, ...sides, peaks, errorMs };
}

function decode(base64: string): Float32Array<ArrayBuffer> {
  const text = atob(base64);
  const samples = new Float32Array(text.length);
  for (let i = 0; i < text.length; i++) samples[i] = decodeAlaw(text.charCodeAt(i)) / 32_768;
  return samples;
}

/** The greatest of each piece. */
export function peaksOf(samples: Float32Array, piece: number): Float32Array {
  const peaks = new Float32Array(Math.ceil(samples.length / piece));
  for (let i = 0; i < samples.length; i++) {
    const at = Math.floor(i / piece);
    const value = Math.abs(samples[i] as number);
    // A-law has no zero: its least value would look like a hum.
    if (value > 0.0005 && value > (peaks[at] as number)) peaks[at] = value;
  }
  return peaks;
}
