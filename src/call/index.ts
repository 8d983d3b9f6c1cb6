/**
 * call: the level at which people write phone apps, one async function a call. Made of nothing but the `Yate` interface and
 * the RTP attachment, so that it works on every engine.
 *
 * May import: base, bus, flow, rtp, media.
 */
export type { Call } from "./call.ts";
export type { CallState } from "./call-core.ts";
export type { CallMatch, CallProgram, OnCallOptions } from "./incoming.ts";
export type { TypedKey } from "./keys/key-buffer.ts";
export type { CallKitOptions } from "./kit.ts";
export type { Done, Failed, HangUp, PlayEnd } from "./outcomes.ts";
export type { CallAttempt, CallFailure, CallOptions, CallOutcome } from "./outgoing.ts";
export { app, type Calls, withCalls, type YateWithCalls } from "./yate.ts";
