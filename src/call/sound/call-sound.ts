import type { Signal } from "../../base/index.ts";
import type { PlayEnd } from "../outcomes.ts";
import type { Playable } from "./playable.ts";

/** How to play. */
export interface PlayOptions {
  /** How often, default once. `Infinity`: until it is stopped. */
  readonly loops?: number | undefined;
  /** Louder or softer, in decibels; default 0. */
  readonly volumeDb?: number | undefined;
  /** Keys that end it: `true` any, or some of them as in `"0*#"`. Default none. The key can still be read. */
  readonly bargeIn?: boolean | string | undefined;
  /** Default: the call's. */
  readonly language?: string | undefined;
  /** Stops it when it fires. */
  readonly signal?: Signal | undefined;
}

/** Something that is being played: a promise of how it ends, which can be stopped. Never rejects but for bad arguments. */
export interface Playing extends Promise<PlayEnd> {
  /** Ends it now; resolves to how it ended, which may have been otherwise. */
  stop(): Promise<PlayEnd>;
  /** Is silent from now on; `resume` goes on where it was. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** How much was played until now. */
  readonly playedMs: number;
}

/** What the party hears and says. One thing is played at a time: the next one stops the one before. */
export interface CallSound {
  /** Language of prompts and speech; default the app's. */
  language: string;
  /**
   * Plays prompts, tones, texts to the party. Before the answer the caller is told first that there is sound (`progress`).
   */
  play(what: Playable, options?: PlayOptions): Playing;
  /** Speaks a text: `play` of `text(…)`. */
  say(words: string, options?: PlayOptions & { readonly voice?: string | undefined }): Playing;
}
