/**
 * speech: sounds in a format that engines play, converted once and kept, and voices that make them of a text. Part of the
 * layer call.
 */
export { decodeFile } from "./decode-file.ts";
export { type EspeakOptions, espeak } from "./espeak.ts";
export { createSoundCache } from "./sound-cache.ts";
export type {
  CachedFormat,
  FileOptions,
  MadeSound,
  RawSound,
  SampleOptions,
  SoundCache,
  SoundCacheOptions,
  SoundFailure,
  SoundFailureReason,
  SoundFile,
  SoundSamples,
  SoundSource,
} from "./sound-outcome.ts";
export { type SpokenTextOptions, spokenText } from "./spoken-text.ts";
export type { Voice, VoiceRequest } from "./voice.ts";
