/** The regular pulse excitation of GSM 06.10 (EN 300 961 §5.2.13 to §5.2.18): what is left after both predictors. */
import {
  INVERSE_MANTISSA,
  MANTISSA,
  magnitude,
  multiply,
  multiplyRounded,
  SEGMENT_SAMPLES,
  saturate,
  WEIGHTING,
} from "./gsm-tables.ts";

const PULSES = 13;
const GRIDS = 4;

/** §5.2.15: exponent and mantissa of a coded block maximum, as one number: (exponent + 4) × 8 + mantissa. */
function exponentAndMantissa(codedMax: number): number {
  let exponent = codedMax > 15 ? (codedMax >> 3) - 1 : 0;
  let mantissa = codedMax - (exponent << 3);
  if (mantissa === 0) return 7;
  while (mantissa <= 7) {
    mantissa = (mantissa << 1) | 1;
    exponent--;
  }
  return ((exponent + 4) << 3) + mantissa - 8;
}

/**
 * §5.2.16 and §5.2.17: the residual that pulses stand for, into `residual[offset …]` (40 samples).
 * `parameters[at …]` holds the grid, the coded block maximum and the 13 pulses.
 */
export function decodePulses(parameters: Uint8Array, at: number, residual: Int16Array, offset: number): void {
  const grid = parameters[at] ?? 0;
  const scale = exponentAndMantissa(parameters[at + 1] ?? 0);
  const factor = MANTISSA[scale & 7] ?? 0;
  const shift = 6 - ((scale >> 3) - 4);
  const rounding = shift === 0 ? 0 : 1 << (shift - 1);
  residual.fill(0, offset, offset + SEGMENT_SAMPLES);
  for (let i = 0; i < PULSES; i++) {
    const level = (((parameters[at + 2 + i] ?? 0) << 1) - 7) << 12;
    residual[offset + grid + 3 * i] = saturate(multiplyRounded(factor, level) + rounding) >> shift;
  }
}

/** Encodes residuals of 40 samples. */
export class PulseEncoder {
  readonly #padded = new Int16Array(SEGMENT_SAMPLES + 10);
  readonly #weighted = new Int16Array(SEGMENT_SAMPLES);

  /** Writes grid, block maximum and pulses of a residual to `parameters[at …]`. */
  encode(residual: Int16Array, parameters: Uint8Array, at: number): void {
    this.#weigh(residual);
    const grid = this.#chooseGrid();
    const weighted = this.#weighted;
    let max = 0;
    for (let i = 0; i < PULSES; i++) max = Math.max(max, magnitude(weighted[grid + 3 * i] ?? 0));
    // §5.2.15: six bits of logarithmic block maximum.
    let exponent = 0;
    for (let rest = max >> 9; rest > 0 && exponent < 6; rest >>= 1) exponent++;
    const codedMax = (max >> (exponent + 5)) + (exponent << 3);
    const scale = exponentAndMantissa(codedMax);
    const shift = 6 - ((scale >> 3) - 4);
    const factor = INVERSE_MANTISSA[scale & 7] ?? 0;
    parameters[at] = grid;
    parameters[at + 1] = codedMax;
    for (let i = 0; i < PULSES; i++) {
      const shifted = ((weighted[grid + 3 * i] ?? 0) << (shift + 16)) >> 16;
      parameters[at + 2 + i] = (multiply(shifted, factor) >> 12) + 4;
    }
  }

  /** §5.2.13: weighting filter over the residual with five zeros at either side. */
  #weigh(residual: Int16Array): void {
    const padded = this.#padded;
    padded.set(residual, 5);
    for (let k = 0; k < SEGMENT_SAMPLES; k++) {
      let sum = 4096;
      for (let i = 0; i < 11; i++) sum += (padded[k + i] ?? 0) * (WEIGHTING[i] ?? 0);
      this.#weighted[k] = saturate(sum >> 13);
    }
  }

  /** §5.2.14: the grid with the most energy, the first of equals. */
  #chooseGrid(): number {
    let best = 0;
    let most = 0;
    for (let grid = 0; grid < GRIDS; grid++) {
      let energy = 0;
      for (let i = 0; i < PULSES; i++) {
        const x = (this.#weighted[grid + 3 * i] ?? 0) >> 2;
        energy += x * x;
      }
      if (energy > most) {
        most = energy;
        best = grid;
      }
    }
    return best;
  }
}
