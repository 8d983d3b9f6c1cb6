import { GsmAnalysis } from "./gsm-analysis.ts";
import { GSM_FRAME_BYTES, PARAMETERS, packFrame, segmentStart } from "./gsm-frame.ts";
import { decodePulses, PulseEncoder } from "./gsm-pulses.ts";
import {
  FRAME_SAMPLES,
  GAIN_DECISION,
  GAIN_LEVEL,
  MAX_LAG,
  magnitude,
  multiply,
  multiplyRounded,
  normShift,
  SEGMENT_SAMPLES,
  saturate,
} from "./gsm-tables.ts";

/** Encoder of GSM 06.10 full rate speech (EN 300 961 §5.2), bit-exact. One a stream: it remembers the frames before. */
export class GsmEncoder {
  readonly #analysis = new GsmAnalysis();
  readonly #pulses = new PulseEncoder();
  readonly #parameters = new Uint8Array(PARAMETERS);
  /** The last 120 samples of the reconstructed residual, then the 40 that are being made. */
  readonly #past = new Int16Array(MAX_LAG + SEGMENT_SAMPLES);
  readonly #residual = new Int16Array(SEGMENT_SAMPLES);
  readonly #predicted = new Int16Array(SEGMENT_SAMPLES);
  readonly #scaled = new Int16Array(SEGMENT_SAMPLES);

  /** Encodes samples, 160 to a plain frame of 33 bytes. Samples past the last whole frame are left out. */
  encode(samples: Int16Array): Uint8Array {
    const count = Math.floor(samples.length / FRAME_SAMPLES);
    const frames = new Uint8Array(count * GSM_FRAME_BYTES);
    for (let i = 0; i < count; i++) {
      this.#analysis.analyse(samples, i * FRAME_SAMPLES, this.#parameters);
      for (let segment = 0; segment < 4; segment++) this.#encodeSegment(segment);
      packFrame(this.#parameters, frames, i * GSM_FRAME_BYTES);
    }
    return frames;
  }

  #encodeSegment(segment: number): void {
    const input = this.#analysis.frame.subarray(segment * SEGMENT_SAMPLES, (segment + 1) * SEGMENT_SAMPLES);
    const at = segmentStart(segment);
    const past = this.#past;
    const { lag, gain } = this.#predict(input);
    // §5.2.12: what the long-term predictor leaves goes to the pulses.
    const level = GAIN_LEVEL[gain] ?? 0;
    for (let k = 0; k < SEGMENT_SAMPLES; k++) {
      const predicted = multiplyRounded(level, past[MAX_LAG + k - lag] ?? 0);
      this.#predicted[k] = predicted;
      this.#residual[k] = saturate((input[k] ?? 0) - predicted);
    }
    this.#parameters[at] = lag;
    this.#parameters[at + 1] = gain;
    this.#pulses.encode(this.#residual, this.#parameters, at + 2);
    // §5.2.18: the encoder goes on from what the decoder will have, not from the true residual.
    decodePulses(this.#parameters, at + 2, past, MAX_LAG);
    for (let k = 0; k < SEGMENT_SAMPLES; k++) {
      past[MAX_LAG + k] = saturate((past[MAX_LAG + k] ?? 0) + (this.#predicted[k] ?? 0));
    }
    past.copyWithin(0, SEGMENT_SAMPLES);
  }

  /** §5.2.11: lag with the greatest cross-correlation, and its coded gain. */
  #predict(input: Int16Array): { lag: number; gain: number } {
    const past = this.#past;
    const scaled = this.#scaled;
    let max = 0;
    for (let k = 0; k < SEGMENT_SAMPLES; k++) max = Math.max(max, magnitude(input[k] ?? 0));
    const headroom = max === 0 ? 0 : normShift(max << 16);
    const shift = headroom > 6 ? 0 : 6 - headroom;
    for (let k = 0; k < SEGMENT_SAMPLES; k++) scaled[k] = (input[k] ?? 0) >> shift;

    let lag = 40;
    let most = 0;
    for (let candidate = 40; candidate <= MAX_LAG; candidate++) {
      let sum = 0;
      for (let k = 0, j = MAX_LAG - candidate; k < SEGMENT_SAMPLES; k++, j++) {
        sum += (scaled[k] ?? 0) * (past[j] ?? 0);
      }
      if (sum > most) {
        most = sum;
        lag = candidate;
      }
    }
    const correlation = (most << 1) >> (6 - shift);
    let power = 0;
    for (let k = 0; k < SEGMENT_SAMPLES; k++) {
      const x = (past[MAX_LAG + k - lag] ?? 0) >> 3;
      power += x * x;
    }
    power <<= 1;
    if (correlation <= 0) return { lag, gain: 0 };
    if (correlation >= power) return { lag, gain: 3 };
    const norm = normShift(power);
    const r = (correlation << norm) >> 16;
    const s = (power << norm) >> 16;
    let gain = 0;
    while (gain < 3 && r > multiply(s, GAIN_DECISION[gain] ?? 0)) gain++;
    return { lag, gain };
  }
}
