/**
 * Telling what was heard: where in a recording a known sound is, and which of many. Coarse to fine: candidates by
 * correlation at a reduced rate, then exact scores at the full rate. Scores are normalised correlations, 1 for equal but
 * for loudness and offset, 0 for unrelated.
 */
import { prefixSums, SlidingCorrelation } from "./sliding-correlation.ts";

/** A sound to look for. */
export interface KnownSound {
  readonly name: string;
  /** At the rate of the recording. */
  readonly samples: Int16Array;
}

/** A sound that was found. */
export interface HeardSound {
  readonly name: string;
  /** Where it begins, in ms from the start of the recording. Below 0 if the recording begins within it. */
  readonly startMs: number;
  readonly score: number;
}

/** Settings of {@link identify}. */
export interface IdentifyOptions {
  /** Least score of a match. Default 0.8. */
  minScore?: number;
  /** Finds sounds too in which packets were lost or doubled, at many times the cost. Default false. */
  torn?: boolean;
  /** Rate of the recording and of the known sounds. Default 8000. */
  sampleRateHz?: number;
}

/** Reductions of the rate to try: the greatest that leaves enough of a sound's energy is taken for it. */
const FACTORS = [8, 4, 1];
const MIN_KEPT_ENERGY = 0.1;
/** Least score at the reduced rate that makes a candidate. */
const MIN_COARSE_SCORE = 0.3;
/** How many candidates of a sound are looked at: in all, and within half its length, where periods of a tone crowd. */
const MAX_CANDIDATES = 100;
const MAX_NEIGHBOURS = 16;
/** How much of a sound may lie outside of the recording. */
const OVERHANG = 0.2;

/**
 * Correlation of two sounds sample by sample, over the length of the shorter, without their mean: −1…1, and 0 if either is
 * constant.
 */
export function correlation(a: Int16Array, b: Int16Array): number {
  const n = Math.min(a.length, b.length);
  let sa = 0;
  let sb = 0;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    sa += x;
    sb += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const power = (aa - (sa * sa) / n) * (bb - (sb * sb) / n);
  return n === 0 || power <= 0 ? 0 : (ab - (sa * sb) / n) / Math.sqrt(power);
}

/** Low-pass by a Hann-windowed sinc of a third of the new rate, then every factor-th sample. */
function reduce(samples: Float64Array, factor: number): Float64Array {
  if (factor === 1) return samples;
  const reach = factor * 4;
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const n = i - reach;
    const x = (2 * Math.PI * 0.35 * n) / factor;
    return (n === 0 ? 1 : Math.sin(x) / x) * (0.5 + 0.5 * Math.cos((Math.PI * n) / (reach + 1)));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const result = new Float64Array(Math.floor(samples.length / factor));
  for (let i = 0; i < result.length; i++) {
    let value = 0;
    const start = i * factor - reach;
    const end = Math.min(taps.length, samples.length - start);
    for (let t = Math.max(0, -start); t < end; t++) value += (taps[t] ?? 0) * (samples[start + t] ?? 0);
    result[i] = value / sum;
  }
  return result;
}

function withoutMean(samples: Int16Array): Float64Array {
  const result = new Float64Array(samples.length);
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ?? 0;
  const mean = sum / Math.max(1, samples.length);
  for (let i = 0; i < samples.length; i++) result[i] = (samples[i] ?? 0) - mean;
  return result;
}

function energyOf(samples: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) ** 2;
  return sum;
}

interface Alignment {
  readonly offset: number;
  readonly score: number;
}

/** A sound that was torn is compared in pieces of so long, … */
const PIECE_SAMPLES = 480;
/** … each of which may be so much earlier or later than the one before it lets expect: what was lost, or put in, between them. */
const PIECE_REACH = 640;
/** The least score in pieces, of that as a whole: those at the tears spoil the mean. */
const TORN = 0.85;
/** So many candidates of a sound are worth the while. */
const MAX_TORN = 4;

/** A recording, ready to be searched for many sounds. Offsets are relative to its true start. */
class Recording {
  readonly #samples: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #pad: number;
  readonly #reduced = new Map<number, SlidingCorrelation>();

  constructor(heard: Int16Array, padSamples: number) {
    // A whole number of samples at every reduced rate.
    this.#pad = Math.ceil(padSamples / 8) * 8;
    this.#samples = new Float64Array(heard.length + 2 * this.#pad);
    this.#samples.set(withoutMean(heard), this.#pad);
    this.#sums = prefixSums(this.#samples, false);
    this.#squares = prefixSums(this.#samples, true);
  }

  /** The best alignments of a sound, at least half its length apart, best first. */
  find(sound: Int16Array, minCoarseScore: number): Alignment[] {
    const template = withoutMean(sound);
    const { factor, reduced } = reduceEnough(template);
    const coarse = this.#at(factor).scores(reduced);
    const refined = peaks(coarse, minCoarseScore, reduced.length / 2)
      .map((peak) => this.#refine(template, peak * factor, factor))
      .sort((a, b) => b.score - a.score);
    const apart = template.length / 2;
    const found: Alignment[] = [];
    for (const candidate of refined) {
      if (found.every((other) => Math.abs(other.offset - candidate.offset) >= apart)) found.push(candidate);
    }
    return found.map(({ offset, score }) => ({ offset: offset - this.#pad, score }));
  }

  /** Alignments of a sound with at least this score; if there are none and `torn`, those of it in pieces. */
  findAll(sound: Int16Array, minScore: number, torn: boolean): Alignment[] {
    const found = this.find(sound, MIN_COARSE_SCORE);
    const whole = found.filter(({ score }) => score >= minScore);
    if (whole.length > 0 || !torn) return whole;
    return found
      .slice(0, MAX_TORN)
      .map(({ offset }) => ({ offset, score: this.#inPieces(sound, offset) }))
      .filter(({ score }) => score >= minScore * TORN);
  }

  /**
   * The score of a sound in which packets were lost or doubled: that of its pieces, each where it fits best near its place, by
   * their energy.
   */
  #inPieces(sound: Int16Array, offset: number): number {
    let shift = this.#pad;
    let sum = 0;
    let weight = 0;
    for (let at = 0; at + PIECE_SAMPLES <= sound.length; at += PIECE_SAMPLES) {
      const piece = withoutMean(sound.subarray(at, at + PIECE_SAMPLES));
      const energy = energyOf(piece);
      const best = this.#refine(piece, offset + at + shift, PIECE_REACH);
      if (best.score >= 0.8) shift = best.offset - offset - at;
      sum += best.score * energy;
      weight += energy;
    }
    return weight > 0 ? sum / weight : 0;
  }

  #at(factor: number): SlidingCorrelation {
    const known = this.#reduced.get(factor);
    if (known) return known;
    const made = new SlidingCorrelation(reduce(this.#samples, factor));
    this.#reduced.set(factor, made);
    return made;
  }

  #refine(template: Float64Array, around: number, reach: number): Alignment {
    const last = this.#samples.length - template.length;
    const energy = energyOf(template);
    let best: Alignment = { offset: around, score: 0 };
    // Each offset counts: a sound rich in hiss matches to the sample or not at all.
    const end = Math.min(last, around + reach);
    for (let offset = Math.max(0, around - reach); offset <= end; offset++) {
      const score = this.#score(template, energy, offset);
      if (score > best.score) best = { offset, score };
    }
    return best;
  }

  #score(template: Float64Array, energy: number, offset: number): number {
    const n = template.length;
    let product = 0;
    for (let i = 0; i < n; i++) product += (template[i] ?? 0) * (this.#samples[offset + i] ?? 0);
    const sum = (this.#sums[offset + n] ?? 0) - (this.#sums[offset] ?? 0);
    const square = (this.#squares[offset + n] ?? 0) - (this.#squares[offset] ?? 0);
    const power = energy * (square - (sum * sum) / n);
    return power <= 1 ? 0 : product / Math.sqrt(power);
  }
}

function reduceEnough(template: Float64Array): { factor: number; reduced: Float64Array } {
  const energy = energyOf(template);
  for (const factor of FACTORS) {
    const reduced = reduce(template, factor);
    if (energyOf(reduced) * factor >= MIN_KEPT_ENERGY * energy && reduced.length >= 64)
      return { factor, reduced };
  }
  return { factor: 1, reduced: template };
}

/** Indices of local maxima of at least `least`, greatest first, thinned out where many are nearer than `apart`. */
function peaks(scores: Float64Array, least: number, apart: number): number[] {
  const tops: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score >= least && score >= (scores[i - 1] ?? -1) && score > (scores[i + 1] ?? -1)) tops.push(i);
  }
  tops.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const kept: number[] = [];
  for (const top of tops) {
    if (kept.length >= MAX_CANDIDATES) break;
    const neighbours = kept.reduce((count, other) => count + (Math.abs(other - top) < apart ? 1 : 0), 0);
    if (neighbours < MAX_NEIGHBOURS) kept.push(top);
  }
  return kept;
}

/**
 * Where in a recording a sound fits best. A fifth of it may lie before the start or after the end of the recording.
 * @returns the offset of its first sample and its score; score 0 at offset 0 when nothing resembles it.
 */
export function bestAlignment(
  heard: Int16Array,
  prompt: Int16Array,
): { offsetSamples: number; score: number } {
  const recording = new Recording(heard, Math.floor(prompt.length * OVERHANG));
  const [best] = recording.find(prompt, 0.1);
  return { offsetSamples: best?.offset ?? 0, score: best?.score ?? 0 };
}

/**
 * Which of the known sounds are in a recording, in the order of their starts. Where two overlap by more than a half of the
 * shorter, the better one counts. Survives G.711 and GSM, gain, and other sounds before and after.
 */
export function identify(
  heard: Int16Array,
  prompts: readonly KnownSound[],
  options: IdentifyOptions = {},
): HeardSound[] {
  const { minScore = 0.8, sampleRateHz = 8000, torn = false } = options;
  const longest = prompts.reduce((most, { samples }) => Math.max(most, samples.length), 0);
  const recording = new Recording(heard, Math.floor(longest * OVERHANG));
  const candidates = prompts
    .flatMap(({ name, samples }) =>
      recording
        .findAll(samples, minScore, torn)
        .map(({ offset, score }) => ({ name, start: offset, end: offset + samples.length, score })),
    )
    .sort((a, b) => b.score - a.score);
  const found: typeof candidates = [];
  for (const candidate of candidates) {
    const free = found.every((other) => {
      const common = Math.min(other.end, candidate.end) - Math.max(other.start, candidate.start);
      return common * 2 <= Math.min(other.end - other.start, candidate.end - candidate.start);
    });
    if (free) found.push(candidate);
  }
  return found
    .sort((a, b) => a.start - b.start)
    .map(({ name, start, score }) => ({ name, startMs: (start * 1000) / sampleRateHz, score }));
}
