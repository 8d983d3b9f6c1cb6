import type { Clock } from "../../base/index.ts";

/** A prompt that exists. */
export interface PromptFound {
  readonly kind: "found";
  /** The name that was asked for. */
  readonly name: string;
  /** Absolute path of the sound file. */
  readonly path: string;
  /** Language in whose folder it was; undefined for a sound of no language (`beep`) and for an explicit path. */
  readonly language: string | undefined;
}

/** A prompt that none of the folders has. */
export interface PromptMissing {
  readonly kind: "missing";
  readonly name: string;
  /** The places that were looked at, in their order, as paths without the ending: `/app/sounds/digits/pl/5`. */
  readonly lookedAt: readonly string[];
  /** The name of the prompt whose name is most like the one asked for, if any is near. */
  readonly nearest: string | undefined;
  /** All of it as a sentence for a log. */
  readonly text: string;
}

/** A name that cannot be one: empty, with a NUL, or leading out of the folders (`digits/../../secret`). */
export interface PromptRefused {
  readonly kind: "refused";
  readonly name: string;
  /** Why, as a sentence for a log. */
  readonly text: string;
}

/** What became of looking for a prompt; `kind` tells. */
export type PromptOutcome = PromptFound | PromptMissing | PromptRefused;

/** How to look for one prompt. */
export interface ResolveOptions {
  /** Language to look for first, a BCP 47 tag such as `pl` or `pl-PL`. Default: that of the {@link Prompts}. */
  readonly language?: string | undefined;
}

/** Finds sound files by name and language. */
export interface Prompts {
  /** The language of those who name none. */
  readonly language: string;
  /** The folders, in the order in which they are searched. */
  readonly folders: readonly string[];
  /** Looks for one prompt. Never rejects. */
  resolve(name: string, options?: ResolveOptions): Promise<PromptOutcome>;
}

/** Where prompts are and how to look for them. */
export interface PromptsOptions {
  /** Folders to search, the first one first. The package's own prompts come after them. Default none. */
  readonly folders?: readonly string[] | undefined;
  /** Whether the package's own prompts (`sounds/`) are searched last. Default true. */
  readonly packageSounds?: boolean | undefined;
  /** Language of those who name none, and the one to fall back to. Default `en`. */
  readonly language?: string | undefined;
  /** Folder that paths beginning with `./` are relative to. Default: the working directory at the time of the call. */
  readonly baseFolder?: string | undefined;
  /** How long a listing of a folder is taken for true, in milliseconds. Default 1000. */
  readonly rescanMs?: number | undefined;
  /** Where time comes from. Default the machine's. */
  readonly clock?: Clock | undefined;
}
