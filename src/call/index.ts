/**
 * call: the level at which people write phone apps, one async function a call. Made of nothing but the `Yate` interface and
 * the RTP attachment, so that it works on every engine.
 *
 * May import: base, bus, flow, rtp, media.
 */
export {
  type AudioAttachment,
  type AudioEnd,
  type AudioFigures,
  type AudioFrame,
  type AudioFrames,
  checkConditions,
  createNetwork,
  createVoiceActivity,
  type Listened,
  type LiveAudio,
  liveAudioOf,
  type MarkEnd,
  type Network,
  type NetworkConditions,
  type Utterance,
  type UtteranceSource,
  type Utterances,
  type UtterancesOptions,
  utterances,
  type VoiceActivity,
  type VoiceActivityOptions,
  type VoiceEvent,
  type WriteEnd,
} from "./audio/index.ts";
export type { Call } from "./call.ts";
export type { CallState } from "./call-core.ts";
export type {
  AnnounceOptions,
  CallConference,
  Conference,
  ConferenceEvent,
  ConferenceMember,
  ConferenceOptions,
  ConferenceRecording,
  JoinEnd,
  Joined,
  JoinOptions,
} from "./conference/index.ts";
export type { CallMatch, CallProgram, OnCallOptions } from "./incoming.ts";
export type { CallKeys } from "./keys/call-keys.ts";
export type { FinishedBy, WhyInvalid } from "./keys/collect.ts";
export type { GatherOptions, GatherOutcome, Verdict } from "./keys/gather.ts";
export type { Key } from "./keys/key.ts";
export type { TypedKey } from "./keys/key-buffer.ts";
export type { MenuOutcome } from "./keys/menu.ts";
export {
  type Again,
  again,
  type ChosenOf,
  type MenuChoices,
  type MenuOptions,
  type Submenu,
  submenu,
} from "./keys/menu-options.ts";
export type { QuestionOptions } from "./keys/question.ts";
export type { SendDtmfOptions } from "./keys/send-dtmf.ts";
export { audioHostOf, type CallKitOptions, type PhoneKit, type PhoneWay } from "./kit.ts";
export type { Done, Failed, HangUp, PlayEnd } from "./outcomes.ts";
export type { CallAttempt, CallOptions, CallOutcome } from "./outgoing.ts";
export {
  type AttendedOptions,
  type AttendedTransfer,
  type BargeOptions,
  type BridgeEnd,
  type BridgeOptions,
  type BridgeOver,
  type CallBothAttempt,
  type CallBothEnd,
  type CallBothOptions,
  type CallPeople,
  type DialEnd,
  type DialOptions,
  type ForkAttempt,
  type ForkOptions,
  type ForkOutcome,
  type HoldEnd,
  type HoldOptions,
  type Music,
  type ParkEnd,
  type Parked,
  type ParkOptions,
  type ParkOutcome,
  putTogether,
  type ResumeEnd,
  type RingOutOptions,
  type TargetFailure,
  type TransferEnd,
  type TransferOptions,
  type WhisperEnd,
  type WhisperOptions,
} from "./people/index.ts";
export {
  type CivilDate,
  type CivilTime,
  english,
  type Language,
  type NumberToSpeak,
  polish,
  speakDate,
  speakDigits,
  speakDuration,
  speakMoney,
  speakNumber,
  speakTime,
} from "./prompts/index.ts";
export type { CallQueue } from "./queue/call-queue.ts";
export type { CallQueueing } from "./queue/enqueue.ts";
export type { AgentOptions, QueueAgents } from "./queue/queue-agents.ts";
export type { QueueEvent } from "./queue/queue-events.ts";
export type { PlaceInLine, QueueOptions } from "./queue/queue-options.ts";
export type { AgentView, QueueSnapshot, WaitingView } from "./queue/queue-snapshot.ts";
export type {
  AgentRecord,
  AgentState,
  MemberRecord,
  QueueFigures,
  QueueRecord,
  QueueState,
  QueueStrategy,
  WaitingRecord,
} from "./queue/queue-state.ts";
export { createMemoryStore, type QueueStore } from "./queue/queue-store.ts";
export type { EnqueueOptions, EnqueueOutcome } from "./queue/queued-call.ts";
export {
  type RingGroup,
  type RingGroupDialOptions,
  type RingGroupEnd,
  type RingGroupOptions,
  type RingStrategy,
  ringGroup,
} from "./queue/ring-group.ts";
export type {
  CallRecording,
  CallRecordings,
  RecordCallEnd,
  RecordCallOptions,
  RecordedSound,
} from "./recording/index.ts";
export {
  addToCallRecord,
  type CallRecord,
  type CallRecords,
  type CallRecordsOptions,
  callRecords,
  formatRecordCsv,
  formatRecordLine,
  type RecordOutcome,
  recordCsvHeader,
} from "./records/index.ts";
export type { CallFailed, CallFailure, CallRefused } from "./route.ts";
export type {
  AudioOpened,
  CallSound,
  Playing,
  PlayOptions,
  RecordEnd,
  RecordingHandle,
  RecordOptions,
} from "./sound/call-sound.ts";
export {
  type Playable,
  type PlayableSamples,
  type PlayableSilence,
  type PlayableText,
  type PlayableTone,
  type PlayableValue,
  samples,
  silence,
  text,
  tone,
} from "./sound/playable.ts";
export { spoken } from "./sound/spoken.ts";
export {
  decodeFile,
  type EspeakOptions,
  espeak,
  type RawSound,
  type SoundFailure,
  type Voice,
  type VoiceRequest,
} from "./speech/index.ts";
export {
  type LeaveOutcome,
  type ListenOptions,
  type ListenOutcome,
  type Mailbox,
  type MailboxChange,
  type MessageCounts,
  type MessageWaitingOptions,
  tellPhones,
  type VoiceMessage,
  type Voicemail,
  type VoicemailOptions,
  voicemail,
} from "./voicemail/index.ts";
export { app, type Calls, withCalls, withPhoneCalls, type YateWithCalls } from "./yate.ts";
