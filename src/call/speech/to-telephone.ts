/**
 * Any sound to the sound of a telephone: 8 kHz, one channel, 16 bits. A windowed sinc (Kaiser) for any ratio of rates, as a
 * polyphase filter whose phases are made when they are first met.
 */
import { setImmediate as turn } from "node:timers/promises";

/** Rate of what comes out. */
export const telephoneRateHz = 8000;

/** Zero crossings of the filter on either side, at the lower of the two rates. */
const SIDE_CROSSINGS = 32;
/** Middle of the transition, as a part of the lower band edge: flat to 3.4 kHz at 8 kHz, 80 dB down from 4.1 kHz. */
const CUTOFF = 0.9375;
const KAISER_BETA = 8;

/** Lowest and highest rate that is taken; others are damage. */
export const takenRatesHz: { readonly lowest: number; readonly highest: number } = {
  lowest: 4000,
  highest: 192_000,
};

/** More sound came than was to be taken. */
export class TooLong extends Error {}

/** Takes sound block by block. */
export interface TelephoneSink {
  /**
   * Takes one block: an array a channel, all of the same length, −1…1. Channels are averaged.
   * @throws {@link TooLong} when the limit is passed
   */
  push(channels: readonly Float32Array[], rateHz: number): void;
  /** All that was taken. */
  finish(): Int16Array;
}

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

interface Resampling {
  push(samples: Float32Array): Float32Array;
  /** What is still inside: the block that brings the number of samples to what the ratio says. */
  finish(): Float32Array;
}

function createResampling(fromHz: number): Resampling {
  const divisor = gcd(fromHz, telephoneRateHz);
  const step = fromHz / divisor;
  const phases = telephoneRateHz / divisor;
  const half = Math.ceil(SIDE_CROSSINGS * Math.max(1, fromHz / telephoneRateHz));
  const cutoff = CUTOFF * Math.min(1, telephoneRateHz / fromHz);
  const made = new Map<number, Float32Array>();
  const tapsOf = (phase: number): Float32Array => {
    const known = made.get(phase);
    if (known) return known;
    const taps = new Float32Array(2 * half);
    let sum = 0;
    for (let i = 0; i < taps.length; i++) {
      const x = i - half + 1 - phase / phases;
      const angle = Math.PI * cutoff * x;
      const window = besselI0(KAISER_BETA * Math.sqrt(Math.max(0, 1 - (x / half) ** 2)));
      const tap = (Math.abs(x) < 1e-9 ? 1 : Math.sin(angle) / angle) * window;
      taps[i] = tap;
      sum += tap;
    }
    const normal = taps.map((tap) => tap / sum);
    made.set(phase, normal);
    return normal;
  };
  // What the next sample of the result still needs of the input, after half a filter of silence.
  let kept = new Float32Array(half - 1);
  let phase = 0;
  // What comes next and is before all that the next sample needs.
  let skip = 0;
  let taken = 0;
  let given = 0;
  const push = (samples: Float32Array): Float32Array => {
    const input = new Float32Array(kept.length + samples.length);
    input.set(kept);
    input.set(samples, kept.length);
    const result: number[] = [];
    let at = 0;
    while (at + 2 * half <= input.length) {
      const taps = tapsOf(phase);
      let sum = 0;
      for (let i = 0; i < taps.length; i++) sum += (taps[i] ?? 0) * (input[at + i] ?? 0);
      result.push(sum);
      phase += step;
      at += Math.floor(phase / phases);
      phase %= phases;
    }
    kept = input.slice(Math.min(at, input.length));
    // At high rates the next sample may lie beyond what has come.
    skip = Math.max(0, at - input.length);
    return Float32Array.from(result);
  };
  return {
    push(samples) {
      taken += samples.length;
      const skipped = Math.min(skip, samples.length);
      skip -= skipped;
      const result = skipped === samples.length ? new Float32Array(0) : push(samples.subarray(skipped));
      given += result.length;
      return result;
    },
    finish() {
      const rest = push(new Float32Array(half + step));
      return rest.subarray(0, Math.max(0, Math.ceil((taken * phases) / step) - given));
    },
  };
}

function mixDown(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (others.length === 0) return first;
  const mono = Float32Array.from(first);
  for (const other of others)
    for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) + (other[i] ?? 0);
  return mono.map((sample) => sample / channels.length);
}

function toInt16(samples: Float32Array): Int16Array {
  const result = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round((samples[i] ?? 0) * 32768);
    result[i] = value > 32767 ? 32767 : Math.max(value, -32768);
  }
  return result;
}

/** Joins blocks of samples. */
export function joinSamples(blocks: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    joined.set(block, at);
    at += block.length;
  }
  return joined;
}

/** @param maxSamples most samples of the result */
export function createTelephoneSink(maxSamples: number): TelephoneSink {
  const blocks: Int16Array[] = [];
  let count = 0;
  let rate = 0;
  let resampling: Resampling | undefined;
  const add = (samples: Float32Array): void => {
    count += samples.length;
    if (count > maxSamples) throw new TooLong(`longer than ${maxSamples / telephoneRateHz} s`);
    if (samples.length > 0) blocks.push(toInt16(samples));
  };
  return {
    push(channels, rateHz) {
      if (rateHz !== rate) {
        if (resampling) add(resampling.finish());
        rate = rateHz;
        resampling = rateHz === telephoneRateHz ? undefined : createResampling(rateHz);
      }
      const mono = mixDown(channels);
      add(resampling ? resampling.push(mono) : mono);
    },
    finish() {
      if (resampling) add(resampling.finish());
      resampling = undefined;
      rate = 0;
      return joinSamples(blocks);
    },
  };
}

/** Linear samples of one channel at any rate, at the telephone's. Other work has its turn between pieces of a few milliseconds. */
export async function toTelephoneRate(samples: Int16Array, rateHz: number): Promise<Int16Array> {
  if (rateHz === telephoneRateHz) return samples;
  const sink = createTelephoneSink(Number.POSITIVE_INFINITY);
  const pieceSamples = 1 << 14;
  for (let at = 0; at < samples.length; at += pieceSamples) {
    if (at > 0) await turn();
    const piece = samples.subarray(at, at + pieceSamples);
    sink.push([Float32Array.from(piece, (sample) => sample / 32768)], rateHz);
  }
  return sink.finish();
}
