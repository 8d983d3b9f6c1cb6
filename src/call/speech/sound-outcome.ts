import type { Clock, Signal } from "../../base/index.ts";

/**
 * Why a sound cannot be had:
 *
 * | reason | what it means |
 * |---|---|
 * | `aborted` | the signal fired first |
 * | `decoder-missing` | the format needs a package that is not installed; `text` names it |
 * | `disk-full` | no space for the converted file |
 * | `empty` | the file or the voice's answer has no sound in it |
 * | `not-audio` | the bytes are not what the file's ending says, or a kind of it that cannot be played |
 * | `timeout` | a voice took longer than it may |
 * | `too-large` | longer than the limit of the cache |
 * | `truncated` | the file ends before the sound does |
 * | `unreadable` | the file does not exist or may not be read |
 * | `unwritable` | the cache has no folder that it may write to |
 * | `voice-failed` | the voice gave no speech; `text` tells what it said |
 * | `voice-missing` | the program that speaks is not installed; `text` tells how to get it |
 */
export type SoundFailureReason =
  | "aborted"
  | "decoder-missing"
  | "disk-full"
  | "empty"
  | "not-audio"
  | "timeout"
  | "too-large"
  | "truncated"
  | "unreadable"
  | "unwritable"
  | "voice-failed"
  | "voice-missing";

/** A sound that cannot be had. */
export interface SoundFailure {
  readonly kind: "failed";
  readonly reason: SoundFailureReason;
  /** What happened and what to do about it, as a sentence for a log. */
  readonly text: string;
  /** What was thrown, if anything was. */
  readonly cause?: unknown;
}

/** A file that an engine plays. */
export interface SoundFile {
  readonly kind: "file";
  /** Absolute path. */
  readonly path: string;
  readonly durationMs: number;
}

/** Linear samples, 8 kHz, one channel. Shared between those who ask: not to be written to. */
export interface SoundSamples {
  readonly kind: "samples";
  readonly samples: Int16Array;
  readonly rateHz: 8000;
  readonly durationMs: number;
}

/** A sound that is made when it is needed, such as speech. */
export interface MadeSound {
  /** Tells this sound from all others, in later runs of the program as well: what it is made of, and how. */
  readonly key: string;
  /** Makes it. Not called when the cache has it; may reject, which counts as `voice-failed`. */
  readonly make: (signal: AbortSignal) => Promise<RawSound | SoundFailure>;
}

/** Linear samples of one channel at any rate, or a sound file of any kind. */
export type RawSound = { readonly samples: Int16Array; readonly rateHz: number } | { readonly file: string };

/** What can be played: the path of a file, or a sound to make. */
export type SoundSource = string | MadeSound;

/** Formats that {@link SoundCache.fileOf} can write; both engines play all of them. */
export type CachedFormat = "slin" | "alaw" | "mulaw" | "gsm";

/** What to make of a sound. */
export interface SampleOptions {
  /** Louder (positive) or quieter, in decibels, −60…24; what would be over full scale is limited. Default 0. */
  readonly volumeDb?: number | undefined;
  /** How much of the beginning to leave out, in milliseconds; a paused prompt goes on from there. Default 0. */
  readonly offsetMs?: number | undefined;
  /** Ends the wait with a failure `aborted`; a conversion that nobody waits for is stopped. */
  readonly signal?: Signal | undefined;
}

/** What file to make of a sound. */
export interface FileOptions extends SampleOptions {
  /** Format of a file that has to be made. Default `slin`. */
  readonly format?: CachedFormat | undefined;
}

/** Sounds in a format that engines play. Every member resolves to an outcome; it rejects only for arguments that cannot be used. */
export interface SoundCache {
  /** The folder of the converted files; undefined until the first was made, or when none can be written. */
  readonly folder: string | undefined;
  /**
   * A file with the sound that every engine plays: the given one when it is of that kind already and nothing is to be
   * changed, else a converted one.
   */
  fileOf(source: SoundSource, options?: FileOptions): Promise<SoundFile | SoundFailure>;
  /** The sound as samples, for streaming. */
  samplesOf(source: SoundSource, options?: SampleOptions): Promise<SoundSamples | SoundFailure>;
}

/** Where converted sounds go, and how much of them. */
export interface SoundCacheOptions {
  /** Default `yayts` in `$XDG_CACHE_HOME`, else `~/.cache/yayts`; when that cannot be written, a folder in the system's for temporary files. */
  readonly folder?: string | undefined;
  /** Most bytes of files to keep; over it the ones not used for longest are removed. Default 256 MiB. */
  readonly maxBytes?: number | undefined;
  /** Most bytes of samples to keep in memory. Default 16 MiB. */
  readonly maxMemoryBytes?: number | undefined;
  /** Longest sound, in milliseconds. Default one hour. */
  readonly maxDurationMs?: number | undefined;
  /** Where time comes from, for what was used when. Default the machine's. */
  readonly clock?: Clock | undefined;
}
