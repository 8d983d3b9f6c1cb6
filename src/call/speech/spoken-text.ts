import { randomUUID } from "node:crypto";
import { espeak } from "./espeak.ts";
import type { MadeSound } from "./sound-outcome.ts";
import type { Voice } from "./voice.ts";

/** How to speak a text. */
export interface SpokenTextOptions {
  /** Who speaks. Default espeak-ng, when it is installed. */
  readonly speaker?: Voice | undefined;
  /** Language of the text, a BCP 47 tag. Default `en`. */
  readonly language?: string | undefined;
  /** Which voice of the speaker, in its own words. Default its usual one of the language. */
  readonly voice?: string | undefined;
}

let usualSpeaker: Voice | undefined;
/** Voices without an id of their own have one for as long as the program runs. */
const ids = new WeakMap<Voice, string>();

function idOf(speaker: Voice): string {
  if (speaker.id !== undefined) return speaker.id;
  const id = ids.get(speaker) ?? randomUUID();
  ids.set(speaker, id);
  return id;
}

/**
 * A text as a sound that is made when it is first played, and kept by text, voice and language: give it to
 * {@link SoundCache.fileOf} or {@link SoundCache.samplesOf}.
 */
export function spokenText(text: string, options: SpokenTextOptions = {}): MadeSound {
  usualSpeaker ??= espeak();
  const { speaker = usualSpeaker, language = "en", voice } = options;
  return {
    key: JSON.stringify(["speech", idOf(speaker), language, voice ?? "", text]),
    make: (signal) => speaker(text, { language, voice, signal }),
  };
}
