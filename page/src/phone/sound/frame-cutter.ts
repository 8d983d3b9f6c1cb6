import { createResampler } from "../../../../src/media/index.ts";

/** A frame of the microphone's. */
export interface CutFrame {
  readonly samples: Int16Array;
  /** Of the first sample, in samples since the beginning. */
  readonly position: number;
  /** The loudest sample, 0…1. */
  readonly peak: number;
}

/** Makes frames of 20 ms out of what the microphone gives, which comes in other portions and at the context's rate. */
export function createFrameCutter(
  fromHz: 16_000 | 32_000,
  toHz: 8000 | 16_000,
  emit: (frame: CutFrame) => void,
): { push(samples: Float32Array): void } {
  const resampler = createResampler(fromHz, toHz);
  const length = toHz / 50;
  let frame = new Int16Array(length);
  let filled = 0;
  let position = 0;
  let peak = 0;
  return {
    push(samples) {
      const block = new Int16Array(samples.length);
      for (let i = 0; i < block.length; i++) {
        const value = Math.min(1, Math.max(-1, samples[i] ?? 0));
        block[i] = Math.round(value * 32_767);
        peak = Math.max(peak, Math.abs(value));
      }
      for (const sample of resampler.push(block)) {
        frame[filled++] = sample;
        if (filled < length) continue;
        emit({ samples: frame, position, peak });
        frame = new Int16Array(length);
        position = (position + length) >>> 0;
        filled = 0;
        peak = 0;
      }
    },
  };
}
