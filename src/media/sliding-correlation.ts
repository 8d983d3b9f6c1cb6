/**
 * Correlation of short signals with every stretch of a long one, normalised, by overlap-save: the spectra of the long
 * signal are made once for all short ones.
 */
import { Fft } from "./fft.ts";

const SIZE = 8192;
/** How much a stretch may fall below the mean power before it counts as silence, which resembles nothing. */
const SILENCE = 1e-6;

/** Adds up values: entry i is the sum of the first i. */
export function prefixSums(values: ArrayLike<number>, square: boolean): Float64Array {
  const sums = new Float64Array(values.length + 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    sum += square ? value * value : value;
    sums[i + 1] = sum;
  }
  return sums;
}

/** (A + iB) · conj(T): the correlations with T of A, as the real part, and of B, as the imaginary one. */
function correlateSpectra(
  ar: Float64Array,
  ai: Float64Array,
  br: Float64Array,
  bi: Float64Array,
  tr: Float64Array,
  ti: Float64Array,
  pr: Float64Array,
  pi: Float64Array,
): void {
  for (let k = 0; k < pr.length; k++) {
    const sr = (ar[k] ?? 0) - (bi[k] ?? 0);
    const si = (ai[k] ?? 0) + (br[k] ?? 0);
    const r = tr[k] ?? 0;
    const m = ti[k] ?? 0;
    pr[k] = sr * r + si * m;
    pi[k] = si * r - sr * m;
  }
}

/** A long signal, ready to be compared with short ones. */
export class SlidingCorrelation {
  readonly #signal: Float64Array;
  readonly #energy: Float64Array;
  readonly #plans = new Map<number, { fft: Fft; hop: number; re: Float64Array[]; im: Float64Array[] }>();

  constructor(signal: Float64Array) {
    this.#signal = signal;
    this.#energy = prefixSums(signal, true);
  }

  /**
   * Scores −1…1 of a template against the signal at each offset from 0, while the template fits in; an empty array when it
   * never does.
   */
  scores(template: Float64Array): Float64Array {
    const count = this.#signal.length - template.length + 1;
    if (count <= 0 || template.length === 0) return new Float64Array(0);
    // The template takes at most a half of the transform.
    let size = SIZE;
    while (size < template.length * 2) size *= 2;
    const { fft, hop, re, im } = this.#plan(size, template.length);
    const tr = new Float64Array(size);
    const ti = new Float64Array(size);
    tr.set(template);
    fft.transform(tr, ti);

    const result = new Float64Array(count);
    const pr = new Float64Array(size);
    const pi = new Float64Array(size);
    const nothing = new Float64Array(size);
    // Two stretches of the signal at a time: both are real, so one goes through the imaginary part.
    for (let block = 0; block * hop < count; block += 2) {
      const ar = re[block];
      const ai = im[block];
      if (!(ar && ai)) break;
      correlateSpectra(ar, ai, re[block + 1] ?? nothing, im[block + 1] ?? nothing, tr, ti, pr, pi);
      fft.transform(pi, pr);
      const first = block * hop;
      result.set(pr.subarray(0, Math.min(hop, count - first)), first);
      const second = first + hop;
      if (second < count) result.set(pi.subarray(0, Math.min(hop, count - second)), second);
    }
    this.#normalise(result, template, size);
    return result;
  }

  #normalise(result: Float64Array, template: Float64Array, size: number): void {
    const energy = this.#energy;
    const own = prefixSums(template, true)[template.length] ?? 0;
    const total = energy[energy.length - 1] ?? 0;
    const least = Math.max(1e-9, (SILENCE * total * template.length) / this.#signal.length);
    for (let i = 0; i < result.length; i++) {
      const there = (energy[i + template.length] ?? 0) - (energy[i] ?? 0);
      result[i] = there < least || own < 1e-9 ? 0 : (result[i] ?? 0) / size / Math.sqrt(own * there);
    }
  }

  /** Spectra of the signal for a transform size and all templates up to half of it. */
  #plan(
    size: number,
    templateLength: number,
  ): { fft: Fft; hop: number; re: Float64Array[]; im: Float64Array[] } {
    // Short templates share a plan with a longer hop.
    let reach = size / 2;
    while (reach > size / 8 && templateLength <= reach / 2) reach /= 2;
    const key = size + reach;
    const known = this.#plans.get(key);
    if (known) return known;
    const fft = new Fft(size);
    const hop = size - reach;
    const plan = { fft, hop, re: [] as Float64Array[], im: [] as Float64Array[] };
    for (let at = 0; at < this.#signal.length; at += hop) {
      const re = new Float64Array(size);
      const im = new Float64Array(size);
      re.set(this.#signal.subarray(at, at + size));
      fft.transform(re, im);
      plan.re.push(re);
      plan.im.push(im);
    }
    this.#plans.set(key, plan);
    return plan;
  }
}
