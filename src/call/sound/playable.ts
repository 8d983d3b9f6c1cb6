import type { YaytsError } from "../../base/index.ts";

/**
 * What can be played: a prompt by name (`digits/5`, `welcome`) or path (`./sounds/hello.wav`), a tone, silence, a text to
 * speak, a value to speak, sound of the program's own, or several of these in a row.
 */
export type Playable =
  | string
  | PlayableTone
  | PlayableSilence
  | PlayableText
  | PlayableValue
  | PlayableSamples
  | readonly Playable[];

/** A tone of the engine: dial, busy, ring, congestion, … (spec/media.md §5). */
export interface PlayableTone {
  readonly kind: "tone";
  readonly name: string;
  /** Default: until it is stopped. */
  readonly forMs?: number | undefined;
}

export interface PlayableSilence {
  readonly kind: "silence";
  readonly forMs: number;
}

/** A text for the voice. */
export interface PlayableText {
  readonly kind: "text";
  readonly text: string;
  readonly voice?: string | undefined;
  readonly language?: string | undefined;
}

/** A value as a list of prompts, which depends on the language. */
export interface PlayableValue {
  readonly kind: "value";
  promptsIn(language: string): readonly string[];
}

/** Sound of the program's own: linear samples at 8 kHz, whole or as they come. */
export interface PlayableSamples {
  readonly kind: "samples";
  readonly samples: Int16Array | AsyncIterable<Int16Array>;
}

/** @param forMs default: until it is stopped */
export function tone(name: string, forMs?: number): PlayableTone {
  return { kind: "tone", name, forMs };
}

export function silence(forMs: number): PlayableSilence {
  return { kind: "silence", forMs };
}

/** A text that the voice speaks, between prompts; alone it is `call.say`. */
export function text(
  words: string,
  options: { readonly voice?: string; readonly language?: string } = {},
): PlayableText {
  return { kind: "text", text: words, ...options };
}

/** Linear samples at 8 kHz, whole or as they come. */
export function samples(sound: Int16Array | AsyncIterable<Int16Array>): PlayableSamples {
  return { kind: "samples", samples: sound };
}

/** Why something could not be made into sound. */
export interface NoSound {
  readonly kind: "failed";
  readonly error: YaytsError;
}
