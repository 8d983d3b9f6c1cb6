/**
 * media: signal cores of telephony. Formats and their translation (G.711, GSM 06.10, rates, channels), tones, headers of
 * sound files, conference mixing, key detection, and telling what was heard. Bytes and samples in, bytes and samples
 * out: no clock, no file, no socket. slin is 16-bit little endian, which is also the byte order of every host that Node
 * runs on today but s390x.
 *
 * May import: base.
 */
export { BlockAligner, bytesOf, samplesOf } from "./block-aligner.ts";
export {
  bestAlignment,
  correlation,
  type HeardSound,
  type IdentifyOptions,
  identify,
  type KnownSound,
} from "./compare.ts";
export {
  createDtmfDetector,
  type DetectedDigit,
  type DtmfDetector,
  type DtmfDetectorOptions,
  detectDigits,
} from "./dtmf-detect.ts";
export {
  bytesForMs,
  type Codec,
  canonicalFormat,
  type MediaFormat,
  mediaFormats,
  msForBytes,
  parseFormat,
  type SampleRateHz,
  silence,
} from "./format.ts";
export {
  alawToMulaw,
  alawToSlin,
  decodeAlaw,
  decodeMulaw,
  encodeAlaw,
  encodeMulaw,
  mulawToAlaw,
  mulawToSlin,
  slinToAlaw,
  slinToMulaw,
} from "./g711.ts";
export { GsmDecoder } from "./gsm-decoder.ts";
export { GsmEncoder } from "./gsm-encoder.ts";
export { GSM_FRAME_BYTES, gsmToWav49, WAV49_BLOCK_BYTES, wav49ToGsm } from "./gsm-frame.ts";
export { createMixer, type Mixer, type MixerLeg, type MixerLegOptions } from "./mixer.ts";
export {
  type OpusCodec,
  type OpusDecoder,
  type OpusEncoder,
  opusClockRateHz,
  opusFrameMs,
  opusFrameSamples,
  opusLossPackets,
  opusPacketMs,
  opusSampleRateHz,
} from "./opus.ts";
export { createResampler, type Resampler } from "./resample.ts";
export {
  byteSwap,
  packSound,
  readSoundHeader,
  type SoundContainer,
  type SoundFileKind,
  type SoundHeader,
  type SoundLayout,
  type SoundPacking,
  type SoundPatch,
  type SoundTransform,
  type SoundWriterLayout,
  soundFileKind,
  soundWriter,
  unpackSound,
} from "./sound-file.ts";
export { createDescribedTone, createOneShotTone, createTone, type ToneGenerator } from "./tone.ts";
export {
  dtmfFrequencies,
  standardTones,
  type ToneEntry,
  type ToneSection,
  type ToneSound,
} from "./tone-table.ts";
export { createTranslator, type Translator, translationCost } from "./translate.ts";
