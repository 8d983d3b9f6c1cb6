/**
 * The short-term part of GSM 06.10 that encoder and decoder share: from coded log area ratios to the reflection
 * coefficients of each of the four stretches of a frame (EN 300 961 §5.2.8 and §5.2.9).
 */
import { LAR_B, LAR_INVERSE_A, LAR_MIN, multiplyRounded, saturate } from "./gsm-tables.ts";

/** Where the stretches end: the first three are interpolated with the ratios of the frame before. */
const STRETCH_END: readonly number[] = [13, 27, 40, 160];

/** §5.2.9.2: a log area ratio as a reflection coefficient. */
function reflectionOf(ratio: number): number {
  const size = ratio === -32768 ? 32767 : Math.abs(ratio);
  const value = size < 11059 ? size << 1 : size < 20070 ? size + 11059 : saturate((size >> 2) + 26112);
  return ratio < 0 ? -value : value;
}

/** Keeps the ratios of the last two frames and interpolates between them. */
export class ReflectionTrack {
  readonly #before = new Int16Array(8);
  readonly #now = new Int16Array(8);
  readonly #reflection = new Int16Array(8);

  /** Takes the eight coded ratios of a new frame (§5.2.8). */
  load(coded: Uint8Array): void {
    this.#before.set(this.#now);
    for (let i = 0; i < 8; i++) {
      const scaled = saturate((((coded[i] ?? 0) + (LAR_MIN[i] ?? 0)) << 10) - ((LAR_B[i] ?? 0) << 1));
      const ratio = multiplyRounded(LAR_INVERSE_A[i] ?? 0, scaled);
      this.#now[i] = saturate(ratio + ratio);
    }
  }

  /** Calls `filter` with the coefficients of each stretch, and its first and last-plus-one sample (§5.2.9.1). */
  eachStretch(filter: (reflection: Int16Array, start: number, end: number) => void): void {
    let start = 0;
    for (let stretch = 0; stretch < 4; stretch++) {
      for (let i = 0; i < 8; i++) {
        const before = this.#before[i] ?? 0;
        const now = this.#now[i] ?? 0;
        let ratio = now;
        if (stretch === 0) ratio = saturate(saturate((before >> 2) + (now >> 2)) + (before >> 1));
        else if (stretch === 1) ratio = saturate((before >> 1) + (now >> 1));
        else if (stretch === 2) ratio = saturate(saturate((before >> 2) + (now >> 2)) + (now >> 1));
        this.#reflection[i] = reflectionOf(ratio);
      }
      const end = STRETCH_END[stretch] ?? 160;
      filter(this.#reflection, start, end);
      start = end;
    }
  }
}
