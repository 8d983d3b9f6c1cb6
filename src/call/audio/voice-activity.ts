/** What a {@link VoiceActivity} tells; times are on the scale of the frames' `atMs`, else milliseconds from the first frame. */
export type VoiceEvent =
  | { readonly kind: "speech-started"; readonly atMs: number }
  | { readonly kind: "speech-ended"; readonly atMs: number; readonly speechMs: number };

/** How to tell speech from noise. */
export interface VoiceActivityOptions {
  /** How far above the noise speech is, in decibels. Default 9. */
  readonly aboveNoiseDb?: number | undefined;
  /** What is fainter than this is never speech, in decibels below full scale. Default −48. */
  readonly minLevelDb?: number | undefined;
  /** Sound that is shorter is no speech: a click. Default 80. */
  readonly minSpeechMs?: number | undefined;
  /** Pauses up to so long are part of the speech. Default 400. */
  readonly hangoverMs?: number | undefined;
}

/** Tells speech from silence, frame by frame. Without a clock: the same frames give the same events. */
export interface VoiceActivity {
  /** Between `speech-started` and `speech-ended`. */
  readonly speaking: boolean;
  /** The noise it has learned, in decibels below full scale. */
  readonly noiseDb: number;
  /**
   * Takes the next 20 ms.
   * @param atMs of the frame's beginning; default: right after the frame before it.
   */
  push(samples: Int16Array, atMs?: number): VoiceEvent | undefined;
}
