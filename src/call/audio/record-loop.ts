import type { Signal, YaytsError } from "../../base/index.ts";
import type { AudioAttachment } from "./audio.ts";
import type { VoiceActivityOptions } from "./voice-activity.ts";

/** How to record a message: "after the tone …". */
export interface RecordLoopOptions {
  readonly audio: AudioAttachment;
  /** As in `createRecording`. Default: no file; the outcome then has the samples. */
  readonly to?: string | undefined;
  readonly stereo?: boolean | undefined;
  /** Longest recording. Default 120,000. */
  readonly maxMs?: number | undefined;
  /** Ends when nothing was said for so long. Default: never. */
  readonly silenceMs?: number | undefined;
  /** … and so long at the beginning. Default: `silenceMs`. */
  readonly initialSilenceMs?: number | undefined;
  /** Ends when it resolves (to the key) or fires (its reason, if it is a text, is the key). It is the caller's to give up. */
  readonly finishOn?: PromiseLike<string | undefined> | Signal | undefined;
  /** Plays a beep first; samples to play others. Default false. */
  readonly beep?: boolean | Int16Array | undefined;
  /** Cuts silence off the end, but for 200 ms. Default true. */
  readonly trimSilence?: boolean | undefined;
  /** Ends it with `stopped`. */
  readonly signal?: Signal | undefined;
  readonly voice?: VoiceActivityOptions | undefined;
}

/** How it ended. */
export type RecordLoopEnd =
  | {
      readonly kind: "finished";
      readonly by: "max" | "silence" | "key" | "stopped" | "hangup";
      /** By which key, when `by` is `key`. */
      readonly key?: string;
      readonly durationMs: number;
      /** Whether anything was said. */
      readonly spoken: boolean;
      readonly file?: string;
      /** The recording itself when there is no file. */
      readonly samples?: Int16Array;
    }
  | {
      readonly kind: "failed";
      readonly error: YaytsError;
      readonly durationMs: number;
      readonly file?: string;
    };
