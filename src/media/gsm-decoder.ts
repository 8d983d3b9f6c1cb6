import { GSM_FRAME_BYTES, PARAMETERS, segmentStart, unpackFrame } from "./gsm-frame.ts";
import { decodePulses } from "./gsm-pulses.ts";
import { ReflectionTrack } from "./gsm-short-term.ts";
import {
  FRAME_SAMPLES,
  GAIN_LEVEL,
  MAX_LAG,
  multiplyRounded,
  SEGMENT_SAMPLES,
  saturate,
} from "./gsm-tables.ts";

/** Decoder of GSM 06.10 full rate speech (EN 300 961 §5.3), bit-exact. One a stream: it remembers the frames before. */
export class GsmDecoder {
  readonly #track = new ReflectionTrack();
  readonly #parameters = new Uint8Array(PARAMETERS);
  /** The last 120 samples of excitation, then the 40 that are being made. */
  readonly #excitation = new Int16Array(MAX_LAG + SEGMENT_SAMPLES);
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  readonly #memory = new Int16Array(9);
  #lag = 40;
  #deemphasis = 0;

  /**
   * Decodes the plain frames of a block, 160 samples each. A frame without signature gives silence and leaves
   * the decoder as it was; a cut last frame is left out.
   */
  decode(frames: Uint8Array): Int16Array {
    const count = Math.floor(frames.length / GSM_FRAME_BYTES);
    const samples = new Int16Array(count * FRAME_SAMPLES);
    for (let i = 0; i < count; i++) {
      if (unpackFrame(frames, i * GSM_FRAME_BYTES, this.#parameters)) {
        this.#decodeFrame(samples.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES));
      }
    }
    return samples;
  }

  #decodeFrame(output: Int16Array): void {
    const parameters = this.#parameters;
    const excitation = this.#excitation;
    for (let segment = 0; segment < 4; segment++) {
      const at = segmentStart(segment);
      // §5.3.2: long-term synthesis; a lag out of range repeats the last good one.
      const lag = parameters[at] ?? 0;
      if (lag >= 40 && lag <= MAX_LAG) this.#lag = lag;
      const gain = GAIN_LEVEL[parameters[at + 1] ?? 0] ?? 0;
      decodePulses(parameters, at + 2, excitation, MAX_LAG);
      for (let k = MAX_LAG; k < MAX_LAG + SEGMENT_SAMPLES; k++) {
        const predicted = multiplyRounded(gain, excitation[k - this.#lag] ?? 0);
        excitation[k] = saturate((excitation[k] ?? 0) + predicted);
      }
      this.#frame.set(excitation.subarray(MAX_LAG), segment * SEGMENT_SAMPLES);
      excitation.copyWithin(0, SEGMENT_SAMPLES);
    }
    this.#track.load(parameters);
    this.#track.eachStretch((reflection, start, end) => {
      this.#synthesise(reflection, start, end, output);
    });
    // §5.3.5: de-emphasis, then doubling and truncation to 13 bits.
    let last = this.#deemphasis;
    for (let k = 0; k < FRAME_SAMPLES; k++) {
      last = saturate((output[k] ?? 0) + multiplyRounded(last, 28180));
      output[k] = saturate(last + last) & 0xfff8;
    }
    this.#deemphasis = last;
  }

  /** §5.3.4: short-term synthesis filter. */
  #synthesise(reflection: Int16Array, start: number, end: number, output: Int16Array): void {
    const memory = this.#memory;
    for (let k = start; k < end; k++) {
      let value = this.#frame[k] ?? 0;
      for (let i = 7; i >= 0; i--) {
        const coefficient = reflection[i] ?? 0;
        const kept = memory[i] ?? 0;
        value = saturate(value - multiplyRounded(coefficient, kept));
        memory[i + 1] = saturate(kept + multiplyRounded(coefficient, value));
      }
      memory[0] = value;
      output[k] = value;
    }
  }
}
