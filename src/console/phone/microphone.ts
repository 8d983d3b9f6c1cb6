import { createResampler, type Resampler } from "../../media/index.ts";
import type { SoundFrame } from "../protocol.ts";

const frameMs = 20;
/** More than this for a whole {@link watchFrames} was never needed, and is only delay. */
const enoughMs = 24;
/** What is left of it. */
const keptMs = 8;
const watchFrames = 50;
/** What a stall of the page may leave behind. */
const mostMs = 160;
/** Over which the two sides of a cut are blended. */
const blendMs = 5;

/**
 * What a page's microphone says, from frames as they come to one every 20 ms. The page's sound card and this machine have clocks of
 * their own: when it runs dry a frame is left out, which by itself leaves more in it; when more is in it than was needed for a second,
 * that is cut out. So the delay is what the coming of the frames asks for, however long the call.
 */
export class Microphone {
  readonly rateHz: 8000 | 16_000;
  readonly #samplesPerMs: number;
  /** From the page's rate to ours, where they are not the same. */
  #resampler: Resampler | undefined;
  #queue: Int16Array = new Int16Array(0);
  #expected: number | undefined;
  /** Least that was left in a frame's time, since the watch began. */
  #least: number = Number.POSITIVE_INFINITY;
  #watched = 0;
  #cutMs = 0;
  #dry = 0;

  /** @param rateHz of what comes out; frames may be of either rate. */
  constructor(rateHz: 8000 | 16_000 = 8000) {
    this.rateHz = rateHz;
    this.#samplesPerMs = rateHz / 1000;
  }

  get bufferedMs(): number {
    return this.#queue.length / this.#samplesPerMs;
  }

  /** Sound cut out because the page was ahead. */
  get cutMs(): number {
    return this.#cutMs;
  }

  /** Frames that were not there in time. */
  get dry(): number {
    return this.#dry;
  }

  push({ samples, rateHz, position }: SoundFrame): void {
    // What the filter remembers is of another sound.
    if (position !== this.#expected) this.#resampler = undefined;
    this.#expected = (position + samples.length) >>> 0;
    if (rateHz !== this.rateHz) this.#resampler ??= createResampler(rateHz, this.rateHz);
    const ours = rateHz === this.rateHz ? samples : (this.#resampler?.push(samples) ?? samples);
    const joined = new Int16Array(this.#queue.length + ours.length);
    joined.set(this.#queue);
    joined.set(ours, this.#queue.length);
    this.#queue = joined;
    if (this.bufferedMs > mostMs) this.#cutTo(enoughMs);
  }

  /** The next 20 ms; undefined when they have not come. */
  pull(): Int16Array | undefined {
    const frameSamples = frameMs * this.#samplesPerMs;
    if (this.#queue.length < frameSamples) {
      this.#dry++;
      this.#watch(0);
      return undefined;
    }
    const frame = this.#queue.slice(0, frameSamples);
    this.#queue = this.#queue.slice(frameSamples);
    this.#watch(this.bufferedMs);
    return frame;
  }

  /** Forgets what has come. */
  clear(): void {
    this.#queue = new Int16Array(0);
    this.#resampler = undefined;
    this.#least = Number.POSITIVE_INFINITY;
    this.#watched = 0;
  }

  #watch(leftMs: number): void {
    this.#least = Math.min(this.#least, leftMs);
    if (++this.#watched < watchFrames) return;
    if (this.#least > enoughMs) this.#cutTo(this.bufferedMs - (this.#least - keptMs));
    this.#least = Number.POSITIVE_INFINITY;
    this.#watched = 0;
  }

  /** Takes sound out behind the first few samples, which are blended into what follows. */
  #cutTo(leftMs: number): void {
    const drop = this.#queue.length - Math.round(leftMs * this.#samplesPerMs);
    const blendSamples = blendMs * this.#samplesPerMs;
    if (drop <= 0) return;
    const rest = this.#queue.slice(drop);
    for (let i = 0; i < Math.min(blendSamples, rest.length); i++) {
      const share = i / blendSamples;
      rest[i] = Math.round((this.#queue[i] ?? 0) * (1 - share) + (rest[i] ?? 0) * share);
    }
    this.#queue = rest;
    this.#cutMs += drop / this.#samplesPerMs;
  }
}
