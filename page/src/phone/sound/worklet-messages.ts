/** What the page and its worklets tell one another. */

/** From the speaker, ten times a second. */
export interface SpeakerReport {
  readonly depthMs: number;
  readonly late: number;
  readonly marginMs: number;
  /** The loudest since the last report, 0…1. */
  readonly peak: number;
}

/**
 * Of the context: both rates of the wire are made from it by halving, and its blocks of 128 samples are short (4 ms). Chromium's own
 * delay to the loudspeaker is 20 ms with it; it is 32 ms with 16 kHz and 64 ms with 8.
 */
export const contextRateHz = 32_000;
