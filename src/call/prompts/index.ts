/**
 * prompts: sound files by name and language, and values (numbers, dates, money) as lists of such names. Part of the layer
 * call.
 */

export type { NumberToSpeak } from "./decimal.ts";
export { english } from "./english.ts";
export type {
  CivilDate,
  CivilTime,
  Language,
  SpokenDuration,
  SpokenMoney,
  SpokenNumber,
} from "./language.ts";
export { polish } from "./polish.ts";
export type {
  PromptFound,
  PromptMissing,
  PromptOutcome,
  PromptRefused,
  Prompts,
  PromptsOptions,
  ResolveOptions,
} from "./prompt-outcome.ts";
export { createPrompts } from "./prompts.ts";
export {
  type SpeakOptions,
  type SpeakTimeOptions,
  speakDate,
  speakDigits,
  speakDuration,
  speakMoney,
  speakNumber,
  speakTime,
} from "./speak.ts";
