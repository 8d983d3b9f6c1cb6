/**
 * Layer trace: what happened on an engine and in its apps, as records, and what is made of them: calls, ladders, files. Pure. May
 * import base, bus.
 */
export {
  type AppFigures,
  type AppMeter,
  type AppTracer,
  type TraceAppOptions,
  traceApp,
} from "./app-tracer.ts";
export {
  CallBook,
  type CallBookEvents,
  type CallBookLimits,
  type PastCallsQuery,
} from "./call-book.ts";
export type { CallEntry, CallStory } from "./call-entry.ts";
export { type FilterProblem, type MessagePredicate, type ParsedFilter, parseFilter } from "./filter.ts";
export {
  type Journal,
  type JournalSound,
  journalFormat,
  journalName,
  journalVersion,
  type ReadJournal,
  readJournal,
  writeJournal,
} from "./journal.ts";
export { isQuietMessage, type MessagePoint, messagePoint, shortSound } from "./message-point.ts";
export { channelParams, finalName, isBeside, looksLikeChannel, paramOf } from "./message-words.ts";
export { checkRecords, type ParsedBatch, parseTraceData } from "./parse-batch.ts";
export { estimateBytes } from "./record-size.ts";
export type {
  AppRecord,
  ChannelEntry,
  ConnectionEntry,
  EngineRecord,
  ErrorRecord,
  HandlerStep,
  LogRecord,
  MessageRecord,
  OperationRecord,
  Pairs,
  ParamChange,
  RegistrationEntry,
  RtpFigures,
  RtpRecord,
  SipRecord,
  SourcedRecord,
  TracePlace,
  TraceRecord,
  TraceSource,
  WaitRecord,
} from "./records.ts";
export { isSecretParam, maskParam, maskRetvalue, maskSip, secretMask } from "./secrets.ts";
export {
  type TraceBatch,
  type TraceOperation,
  type TraceTopic,
  traceBatchBytes,
  traceBatchMs,
  traceControl,
  traceData,
  traceKeepMs,
  traceLeaseMs,
  traceTopics,
} from "./trace-messages.ts";
