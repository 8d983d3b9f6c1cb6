/**
 * Analysis half of the GSM 06.10 encoder: from samples to the eight coded log area ratios (EN 300 961 §5.2.0 to
 * §5.2.7) and to the residual that the long-term predictor works on (§5.2.10).
 */
import { ReflectionTrack } from "./gsm-short-term.ts";
import {
  divide,
  FRAME_SAMPLES,
  LAR_A,
  LAR_B,
  LAR_MAX,
  LAR_MIN,
  magnitude,
  multiply,
  multiplyRounded,
  normShift,
  saturate,
} from "./gsm-tables.ts";

const MAX_INT32 = 0x7fffffff;
const MIN_INT32 = -0x80000000;

/** §5.2.5: reflection coefficients from autocorrelations by the Schur recursion. */
function reflectionCoefficients(correlation: Int32Array, reflection: Int16Array): void {
  reflection.fill(0);
  const energy = correlation[0] ?? 0;
  if (energy === 0) return;
  const shift = normShift(energy);
  const p = Int16Array.from(correlation, (value) => (value << shift) >> 16);
  const k = p.slice();
  for (let n = 0; n < 8; n++) {
    const first = p[0] ?? 0;
    const second = p[1] ?? 0;
    const size = magnitude(second);
    if (first < size) return;
    const quotient = divide(size, first);
    const r = second > 0 ? -quotient : quotient;
    reflection[n] = r;
    if (n === 7) return;
    p[0] = saturate(first + multiplyRounded(second, r));
    for (let m = 1; m < 8 - n; m++) {
      const ahead = p[m + 1] ?? 0;
      const kept = k[m] ?? 0;
      p[m] = saturate(ahead + multiplyRounded(kept, r));
      k[m] = saturate(kept + multiplyRounded(ahead, r));
    }
  }
}

/** §5.2.6 and §5.2.7: a reflection coefficient as coded log area ratio. */
function codeRatio(reflection: number, i: number): number {
  let size = magnitude(reflection);
  if (size < 22118) size >>= 1;
  else if (size < 31130) size -= 11059;
  else size = (size - 26112) << 2;
  const scaled = multiply(LAR_A[i] ?? 0, reflection < 0 ? -size : size);
  const rounded = saturate(saturate(scaled + (LAR_B[i] ?? 0)) + 256) >> 9;
  const min = LAR_MIN[i] ?? 0;
  return Math.min(Math.max(rounded, min), LAR_MAX[i] ?? 0) - min;
}

/** Keeps what the analysis remembers from frame to frame. */
export class GsmAnalysis {
  /** The frame in work: samples first, at the end the residual. */
  readonly frame: Int16Array = new Int16Array(FRAME_SAMPLES);
  readonly #track = new ReflectionTrack();
  readonly #memory = new Int16Array(8);
  readonly #reflection = new Int16Array(8);
  readonly #correlation = new Int32Array(9);
  #lastInput = 0;
  #offsetState = 0;
  #lastOutput = 0;

  /** Analyses `samples[at … at + 160]`: writes parameters 0…7 and leaves the residual in {@link frame}. */
  analyse(samples: Int16Array, at: number, parameters: Uint8Array): void {
    this.#preprocess(samples, at);
    this.#autocorrelate();
    reflectionCoefficients(this.#correlation, this.#reflection);
    for (let i = 0; i < 8; i++) parameters[i] = codeRatio(this.#reflection[i] ?? 0, i);
    this.#track.load(parameters);
    this.#track.eachStretch((reflection, start, end) => {
      this.#filter(reflection, start, end);
    });
  }

  /** §5.2.1 to §5.2.3: scaling to 13 bits, offset compensation, pre-emphasis. */
  #preprocess(samples: Int16Array, at: number): void {
    let lastInput = this.#lastInput;
    let state = this.#offsetState;
    let lastOutput = this.#lastOutput;
    for (let k = 0; k < FRAME_SAMPLES; k++) {
      const input = ((samples[at + k] ?? 0) >> 3) << 2;
      const high = state >> 15;
      const low = state - (high << 15);
      const sum = ((input - lastInput) << 15) + multiplyRounded(low, 32735) + high * 32735;
      lastInput = input;
      state = sum > MAX_INT32 ? MAX_INT32 : Math.max(sum, MIN_INT32);
      const rounded = Math.min(state + 16384, MAX_INT32) >> 15;
      this.frame[k] = saturate(rounded + multiplyRounded(lastOutput, -28180));
      lastOutput = rounded;
    }
    this.#lastInput = lastInput;
    this.#offsetState = state;
    this.#lastOutput = lastOutput;
  }

  /** §5.2.4: autocorrelation with dynamic scaling. */
  #autocorrelate(): void {
    const frame = this.frame;
    let max = 0;
    for (let k = 0; k < FRAME_SAMPLES; k++) max = Math.max(max, magnitude(frame[k] ?? 0));
    const scale = max === 0 ? 0 : 4 - normShift(max << 16);
    if (scale > 0) {
      for (let k = 0; k < FRAME_SAMPLES; k++) {
        frame[k] = multiplyRounded(frame[k] ?? 0, 16384 >> (scale - 1));
      }
    }
    for (let lag = 0; lag < 9; lag++) {
      let sum = 0;
      for (let k = lag; k < FRAME_SAMPLES; k++) sum += (frame[k] ?? 0) * (frame[k - lag] ?? 0);
      this.#correlation[lag] = sum << 1;
    }
    if (scale > 0) {
      for (let k = 0; k < FRAME_SAMPLES; k++) frame[k] = (frame[k] ?? 0) << scale;
    }
  }

  /** §5.2.10: short-term analysis filter, in place. */
  #filter(reflection: Int16Array, start: number, end: number): void {
    const memory = this.#memory;
    for (let k = start; k < end; k++) {
      let value = this.frame[k] ?? 0;
      let saved = value;
      for (let i = 0; i < 8; i++) {
        const coefficient = reflection[i] ?? 0;
        const kept = memory[i] ?? 0;
        memory[i] = saved;
        saved = saturate(kept + multiplyRounded(coefficient, value));
        value = saturate(value + multiplyRounded(coefficient, kept));
      }
      this.frame[k] = value;
    }
  }
}
