/**
 * Layer trace: what happened on an engine and in its apps, as records, and what is made of them: calls, ladders, files. Pure. May
 * import base, bus.
 */
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
