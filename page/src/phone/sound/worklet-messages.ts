/** What the page and its worklets tell one another. */

/** To the speaker: a frame as it came. */
export interface SpeakerFrame {
  readonly rateHz: 8000 | 16_000;
  readonly position: number;
  readonly samples: Int16Array;
}

/** From the speaker, ten times a second. */
export interface SpeakerReport {
  readonly depthMs: number;
  readonly late: number;
  readonly marginMs: number;
  /** The loudest since the last report, 0…1. */
  readonly peak: number;
}

/** Of the context: both rates of the wire are made from it by halving, and its blocks are short (8 ms). */
export const contextRateHz = 16_000;
