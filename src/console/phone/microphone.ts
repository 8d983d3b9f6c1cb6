import { createResampler, type Resampler } from "../../media/index.ts";
import type { SoundFrame } from "../protocol.ts";

/** What a page said, and when. */
export interface Said {
  /** 20 ms. */
  readonly samples: Int16Array;
  /** By the page's count of samples; on the scale of the `nowMs` that was given. */
  readonly atMs: number;
}

/** Further apart than this, the count of samples tells nothing of the time: the page stood still, or is another one. */
const mostApartMs = 250;
/** How much of what they are apart is mended with each frame. */
const mended = 1 / 256;

/**
 * What a page's microphone says, for a line. When a frame was said is told by its place in the sound, not by its coming, which the way here
 * makes uneven; the page's sound card and this machine have clocks of their own, so that time follows ours slowly.
 */
export class Microphone {
  readonly rateHz: 8000 | 16_000;
  /** From the page's rate to ours, where they are not the same. */
  #resampler: Resampler | undefined;
  #last: { readonly position: number; readonly atMs: number; readonly rateHz: number } | undefined;
  #expected: number | undefined;

  /** @param rateHz of what comes out; frames may be of either rate. */
  constructor(rateHz: 8000 | 16_000 = 8000) {
    this.rateHz = rateHz;
  }

  take({ samples, rateHz, position }: SoundFrame, nowMs: number): Said {
    // What the filter remembers is of another sound.
    if (position !== this.#expected) this.#resampler = undefined;
    this.#expected = (position + samples.length) >>> 0;
    if (rateHz !== this.rateHz) this.#resampler ??= createResampler(rateHz, this.rateHz);
    const ours = rateHz === this.rateHz ? samples : (this.#resampler?.push(samples) ?? samples);
    return { samples: ours, atMs: this.#timeOf(position, rateHz, nowMs) };
  }

  #timeOf(position: number, rateHz: number, nowMs: number): number {
    let atMs = nowMs;
    if (this.#last?.rateHz === rateHz) {
      const byCountMs = this.#last.atMs + (((position - this.#last.position) | 0) * 1000) / rateHz;
      const apartMs = nowMs - byCountMs;
      if (Math.abs(apartMs) <= mostApartMs) atMs = byCountMs + apartMs * mended;
    }
    this.#last = { position, atMs, rateHz };
    return atMs;
  }
}
