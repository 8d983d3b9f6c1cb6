/**
 * audio: the sound of a leg in the app, by the RTP attachment: frames in, samples out with marks and instant clear, voice
 * activity, recordings. Part of layer call; works on every engine.
 */

export { attachAudio } from "./attach-audio.ts";
export {
  type AttachAudioOptions,
  type AttachAudioOutcome,
  type AudioAttachment,
  type AudioEnd,
  type AudioFigures,
  type AudioFormat,
  type AudioFrame,
  type AudioFrames,
  type FramesOptions,
  frameMs,
  frameSamples,
  type LiveAudio,
  type MarkEnd,
  type WriteEnd,
} from "./audio.ts";
export { liveAudioOf } from "./leg-audio.ts";
export { checkConditions, createNetwork, type Network, type NetworkConditions } from "./network.ts";
export { type RecordLoopEnd, type RecordLoopOptions, recordLoop } from "./record-loop.ts";
export {
  createRecording,
  type Recording,
  type RecordingEnd,
  type RecordingOptions,
  type RecordingOutcome,
} from "./recording.ts";
export {
  type Listened,
  type UtteranceSource,
  type Utterances,
  type UtterancesOptions,
  utterances,
} from "./utterances.ts";
export type { Utterance } from "./utterances-cutter.ts";
export {
  createVoiceActivity,
  type VoiceActivity,
  type VoiceActivityOptions,
  type VoiceEvent,
} from "./voice-activity.ts";
