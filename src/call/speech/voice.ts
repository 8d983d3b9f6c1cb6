import type { RawSound, SoundFailure } from "./sound-outcome.ts";

/** How to speak. */
export interface VoiceRequest {
  /** Language of the text, a BCP 47 tag such as `en` or `pl-PL`. */
  readonly language: string;
  /** Which of its voices, in the voice's own words; undefined for its usual one of the language. */
  readonly voice: string | undefined;
  /** Fires when nobody waits for the speech any more. */
  readonly signal: AbortSignal;
}

/**
 * Speaks a text: samples of one channel at any rate, or the path of a sound file, or why not. What it throws counts as
 * `voice-failed`. The text comes from anywhere: it is data, never options or markup.
 */
export interface Voice {
  (text: string, request: VoiceRequest): Promise<RawSound | SoundFailure>;
  /**
   * Tells the voice and its settings from all others, for the cache. Without it the speech of this voice is kept only as
   * long as the program runs.
   */
  readonly id?: string | undefined;
}
