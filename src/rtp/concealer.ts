import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw, type MediaFormat } from "../media/index.ts";
import { createGsmConcealer } from "./gsm-concealer.ts";

/** Milliseconds after which concealment has faded to nothing. */
export const concealMs = 60;
/** Milliseconds of what was heard that concealment begins from. */
export const historyMs = 60;

/** Makes up sound for what is missing. Works on frames as they travel, in place. */
export interface Concealer {
  /** Whether something is being concealed and has not faded yet. */
  readonly live: boolean;
  /** Begins after `history`, the encoded sound heard last; may be shorter than {@link historyMs}, or empty. */
  begin(history: Uint8Array): void;
  /** Writes the next `units` units into `frame` from its unit `at` on; silence after it has faded. */
  fill(frame: Uint8Array, at: number, units: number): void;
  /** Real sound is back at unit `at` of `frame`: softens the change, and ends. */
  recover(frame: Uint8Array, at: number, units: number): void;
  /** Ends without sound to go over to. */
  stop(): void;
  /** Mean amplitude of a frame, 0…32767. */
  level(frame: Uint8Array): number;
  /** How alike two frames are, −1…1. */
  likeness(first: Uint8Array, second: Uint8Array): number;
  /** Makes one frame, in `first`, of two that follow each other: begins as the first and ends as the second. */
  join(first: Uint8Array, second: Uint8Array): void;
}

/** Pitch of voices: 66…200 Hz (ITU-T G.711 Appendix I). */
const minPitchMs = 5;
const maxPitchMs = 15;
/** Length of what is compared to find the pitch. */
const compareMs = 20;
/** Full strength for so long, then fading (G.711 Appendix I: 20 % for each 10 ms). */
const steadyMs = 10;
const softenMs = 5;

/** A concealer for a format. */
export function createConcealer(format: MediaFormat): Concealer {
  return format.codec === "gsm" ? createGsmConcealer() : createSampleConcealer(format);
}

/**
 * Repeats the last period of the pitch, its end blended into its beginning so that it can go round, and fades: the way of G.711
 * Appendix I, but without its delay of 3.75 ms.
 */
function createSampleConcealer(format: MediaFormat): Concealer {
  const { codec, channels, sampleRateHz, unitBytes } = format;
  const perMs = (sampleRateHz / 1000) * channels;
  const steady = steadyMs * perMs;
  const whole = concealMs * perMs;
  const soften = softenMs * perMs;
  const history = new Int16Array(historyMs * perMs);
  const period = new Int16Array(maxPitchMs * perMs);
  let lag = 0;
  /** What the first sample made up is off from the last one heard, spread over the beginning. */
  const offset = new Float64Array(channels);
  /** Samples made up so far. */
  let made = 0;
  let live = false;

  const decode = (bytes: Uint8Array, i: number): number => {
    if (codec === "alaw") return decodeAlaw(bytes[i] ?? 0);
    if (codec === "mulaw") return decodeMulaw(bytes[i] ?? 0);
    return (((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)) << 16) >> 16;
  };
  const encode = (bytes: Uint8Array, i: number, value: number): void => {
    const sample = Math.max(-32768, Math.min(32767, Math.round(value)));
    if (codec === "alaw") bytes[i] = encodeAlaw(sample);
    else if (codec === "mulaw") bytes[i] = encodeMulaw(sample);
    else {
      bytes[2 * i] = sample;
      bytes[2 * i + 1] = sample >> 8;
    }
  };

  /** The next sample made up. */
  const next = (): number => {
    if (made >= whole) return 0;
    const strength = made < steady ? 1 : (whole - made) / (whole - steady);
    const early = made < soften ? ((soften - made) / soften) * (offset[made % channels] ?? 0) : 0;
    const value = (period[made % lag] ?? 0) + early;
    made++;
    return value * strength;
  };

  const begin = (bytes: Uint8Array): void => {
    const length = Math.min(history.length, (bytes.length / unitBytes) * channels);
    const skipped = (bytes.length / unitBytes) * channels - length;
    for (let i = 0; i < length; i++) history[i] = decode(bytes, skipped + i);
    made = 0;
    const compared = Math.min(compareMs * perMs, length - maxPitchMs * perMs);
    live = compared >= minPitchMs * perMs;
    if (!live) return;
    lag = pitchLag(history, length, compared, minPitchMs * perMs, maxPitchMs * perMs, channels);
    const start = length - lag;
    period.set(history.subarray(start, length));
    // The last quarter of the period turns into what came before its beginning.
    const blended = lag >> 2;
    for (let i = 0; i < blended; i++) {
      const share = (i + 1) / (blended + 1);
      const at = lag - blended + i;
      period[at] = (1 - share) * (period[at] ?? 0) + share * (history[start - blended + i] ?? 0);
    }
    for (let i = 0; i < channels; i++) {
      const last = length - channels + i;
      offset[i] = (history[last] ?? 0) - (history[last - lag] ?? 0);
    }
  };

  return {
    get live() {
      return live && made < whole;
    },
    begin,
    fill(frame, at, units) {
      for (let i = at * channels; i < (at + units) * channels; i++) encode(frame, i, live ? next() : 0);
    },
    recover(frame, at, units) {
      if (!live) return;
      const length = Math.min(soften, units * channels);
      for (let i = 0; i < length; i++) {
        const share = (i + 1) / (length + 1);
        const index = at * channels + i;
        encode(frame, index, share * decode(frame, index) + (1 - share) * next());
      }
      live = false;
    },
    stop() {
      live = false;
    },
    level(frame) {
      const samples = (frame.length / unitBytes) * channels;
      let sum = 0;
      for (let i = 0; i < samples; i++) sum += Math.abs(decode(frame, i));
      return samples > 0 ? sum / samples : 0;
    },
    likeness(first, second) {
      const samples = (first.length / unitBytes) * channels;
      let product = 0;
      let power = 1;
      let powerSecond = 1;
      for (let i = 0; i < samples; i++) {
        const a = decode(first, i);
        const b = decode(second, i);
        product += a * b;
        power += a * a;
        powerSecond += b * b;
      }
      return product / Math.sqrt(power * powerSecond);
    },
    join(first, second) {
      const samples = (first.length / unitBytes) * channels;
      for (let i = 0; i < samples; i++) {
        const share = i / samples;
        encode(first, i, (1 - share) * decode(first, i) + share * decode(second, i));
      }
    },
  };
}

/** The lag at which the end of the history is most like what was before: first on a coarse grid, then around its best. */
function pitchLag(
  history: Int16Array,
  length: number,
  compared: number,
  minLag: number,
  maxLag: number,
  channels: number,
): number {
  const start = length - compared;
  const score = (lag: number, step: number): number => {
    let product = 0;
    let power = 1;
    for (let i = start; i < length; i += step) {
      const before = history[i - lag] ?? 0;
      product += (history[i] ?? 0) * before;
      power += before * before;
    }
    return product / Math.sqrt(power);
  };
  const coarse = 2 * channels;
  let best = minLag;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let lag = minLag; lag <= maxLag; lag += coarse) {
    const value = score(lag, 2);
    if (value > bestScore) [best, bestScore] = [lag, value];
  }
  const around = best;
  bestScore = Number.NEGATIVE_INFINITY;
  for (let lag = around - coarse; lag <= around + coarse; lag += channels) {
    if (lag < minLag || lag > maxLag) continue;
    const value = score(lag, 1);
    if (value > bestScore) [best, bestScore] = [lag, value];
  }
  return best;
}
