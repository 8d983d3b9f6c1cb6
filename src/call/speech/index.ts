/**
 * speech: sounds in a format that engines play, converted once and kept, and voices that make them of a text. Part of the
 * layer call.
 */
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
export type { Voice, VoiceRequest } from "./voice.ts";
