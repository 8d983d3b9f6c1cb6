/**
 * Layer base: errors, clock, bounded queue, logger interface. Pure; imports nothing.
 */
export { type BoundedQueue, createBoundedQueue } from "./bounded-queue.ts";
export { type Clock, createManualClock, type ManualClock, realClock, type Timer } from "./clock.ts";
export {
  Abandoned,
  Cancelled,
  Disconnected,
  type ErrorCode,
  errorCodes,
  errorText,
  TimedOut,
  YaytsError,
} from "./errors.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { nearestName } from "./nearest-name.ts";
export { onAbort, type Signal } from "./platform.ts";
export { decodeExactly, decodeText, encodedLength, encodeExactly, encodeText } from "./text.ts";
