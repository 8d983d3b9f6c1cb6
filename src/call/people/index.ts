/**
 * people: whom a call's party talks to. Bridges, hold, transfers, parking, joining in, calls to several, and bringing two together.
 *
 * May import: what the layer call may.
 */
export type { AttendedOptions, AttendedTransfer } from "./attended.ts";
export type { BargeOptions } from "./barge.ts";
export type { BridgeOver } from "./bridge.ts";
export type { BridgeEnd, BridgeOptions } from "./bridge-calls.ts";
export { type CallBothAttempt, type CallBothEnd, type CallBothOptions, callBoth } from "./call-both.ts";
export { type CallPeople, callPeople } from "./call-people.ts";
export type { DialEnd, DialOptions } from "./dial.ts";
export {
  type ForkAttempt,
  type ForkOptions,
  type ForkOutcome,
  placeCalls,
  type TargetFailure,
} from "./forking.ts";
export type { HoldEnd, HoldOptions, ResumeEnd } from "./hold.ts";
export type { Music } from "./music.ts";
export type { ParkEnd, Parked, ParkOptions, ParkOutcome } from "./park.ts";
export type { RingOutOptions } from "./ring-out.ts";
export { putTogether, type TransferEnd, type TransferOptions } from "./transfer.ts";
export type { WhisperEnd, WhisperOptions } from "./whisper.ts";
