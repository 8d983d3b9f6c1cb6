/**
 * recording: whole calls and conferences, recorded by the engine. Part of layer call; works on every engine.
 */
export {
  type CallRecording,
  type CallRecordings,
  callRecordings,
  type RecordCallEnd,
  type RecordCallOptions,
} from "./call-recording.ts";
export { type EngineRecording, type RecordedSound, recordOnEngine } from "./engine-recording.ts";
