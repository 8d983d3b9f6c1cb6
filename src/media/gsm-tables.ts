/**
 * Numbers of ETSI GSM 06.10 (EN 300 961) §5.2, and the fixed-point operations of §5.1 that the codec is written in.
 */

/** Samples of a frame: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160;
/** Samples of one of the four sub-segments of a frame. */
export const SEGMENT_SAMPLES = 40;
/** How far back the long-term predictor looks at most. */
export const MAX_LAG = 120;

/** Table 5.1: quantisation of the log area ratios. */
export const LAR_A: readonly number[] = [20480, 20480, 20480, 20480, 13964, 15360, 8534, 9036];
export const LAR_B: readonly number[] = [0, 0, 2048, -2560, 94, -1792, -341, -1144];
export const LAR_MIN: readonly number[] = [-32, -32, -16, -16, -8, -8, -4, -4];
export const LAR_MAX: readonly number[] = [31, 31, 15, 15, 7, 7, 3, 3];
/** Table 5.2: 1 / A. */
export const LAR_INVERSE_A: readonly number[] = [13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708];
/** Table 5.3a and 5.3b: decision and quantisation levels of the long-term gain. */
export const GAIN_DECISION: readonly number[] = [6554, 16384, 26214, 32767];
export const GAIN_LEVEL: readonly number[] = [3277, 11469, 21299, 32767];
/** Table 5.4: impulse response of the weighting filter. */
export const WEIGHTING: readonly number[] = [-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134];
/** Table 5.5: normalised inverse mantissas. */
export const INVERSE_MANTISSA: readonly number[] = [29128, 26215, 23832, 21846, 20165, 18725, 17476, 16384];
/** Table 5.6: normalised direct mantissas. */
export const MANTISSA: readonly number[] = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

/** Keeps a number within 16 bits. */
export function saturate(value: number): number {
  return value > 32767 ? 32767 : Math.max(value, -32768);
}

/** `mult`: product of two fractions, cut. */
export function multiply(a: number, b: number): number {
  return saturate((a * b) >> 15);
}

/** `mult_r`: product of two fractions, rounded. */
export function multiplyRounded(a: number, b: number): number {
  return saturate((a * b + 16384) >> 15);
}

/** `abs`: magnitude within 16 bits. */
export function magnitude(value: number): number {
  return value === -32768 ? 32767 : value < 0 ? -value : value;
}

/** `norm`: how often a 32-bit number other than 0 can be doubled within 32 bits. */
export function normShift(value: number): number {
  return Math.clz32(value < 0 ? ~value : value) - 1;
}

/** `div`: the fraction numerator / denominator in 15 bits, for 0 ≤ numerator ≤ denominator. */
export function divide(numerator: number, denominator: number): number {
  let rest = numerator;
  let quotient = 0;
  for (let bit = 0; bit < 15; bit++) {
    quotient <<= 1;
    rest <<= 1;
    if (rest >= denominator) {
      rest -= denominator;
      quotient |= 1;
    }
  }
  return quotient;
}
