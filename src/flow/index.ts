/**
 * Layer flow: programs that read from top to bottom, choices between waits, sleep, outgoing calls: YAYPM's flow and utils.
 * Pure. May import base and bus.
 */
export { type AnyOptions, any, type Choice, either } from "./choices.ts";
export { type Flow, getResult, go, wait } from "./go.ts";
export {
  type AnsweredCall,
  OutgoingCallError,
  type OutgoingOptions,
  outgoing,
  type PlacedCall,
  place,
} from "./outgoing.ts";
export { type SleepOptions, sleep } from "./sleep.ts";
