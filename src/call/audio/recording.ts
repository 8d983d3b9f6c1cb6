import type { Signal, YaytsError } from "../../base/index.ts";
import type { AudioAttachment } from "./audio.ts";

/** What to record, and where to. */
export interface RecordingOptions {
  readonly audio: AudioAttachment;
  /**
   * File to write; its folder is made if it is missing. The ending tells the format: `.wav` and `.au` linear, `.alaw`, `.mulaw`, `.gsm`, `.slin` without
   * header (what a real YATE can play). Default: no file, but {@link Recording.blocks}.
   */
  readonly to?: string | undefined;
  /** Left the party, right what we send; `.wav`, `.au` or no file. Default false: the party alone. */
  readonly stereo?: boolean | undefined;
  /** Ends it by itself. Default: no limit. */
  readonly maxMs?: number | undefined;
  /** Ends it. */
  readonly signal?: Signal | undefined;
}

/** How a recording ended. What is in the file is complete and playable, however it ended. */
export type RecordingEnd =
  | {
      readonly kind: "finished";
      /** `stopped` by `stop()`, the signal or the closing of the attachment; `hangup` also by the loss of the engine. */
      readonly by: "stopped" | "max" | "hangup";
      readonly durationMs: number;
      readonly file?: string;
    }
  | {
      readonly kind: "failed";
      readonly error: YaytsError;
      /** What was saved before. */
      readonly durationMs: number;
      readonly file?: string;
    };

/** A recording under way. */
export interface Recording {
  /** Sound taken so far. */
  readonly durationMs: number;
  /** Resolves when it is over and the file is closed. Never rejects. */
  readonly ended: Promise<RecordingEnd>;
  /**
   * What is recorded, in blocks of 160 samples (stereo: 320, left first), when there is no file; they end with the recording. Blocks
   * that nobody takes for 60 s are a failure (`overflow`).
   */
  readonly blocks: AsyncIterable<Int16Array>;
  /** Ends it. @param trimMs how much of the end to cut off; only of a file. Default 0 */
  stop(trimMs?: number): Promise<RecordingEnd>;
}

/** What became of beginning a recording. */
export type RecordingOutcome =
  | { readonly kind: "recording"; readonly recording: Recording }
  | { readonly kind: "failed"; readonly error: YaytsError };
