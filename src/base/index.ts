/**
 * Layer base: errors, clock, bounded queue, logger interface. Pure; imports nothing.
 */
export { createBoundedQueue, type BoundedQueue } from "./bounded-queue.ts";
export { createManualClock, realClock, type Clock, type ManualClock, type Timer } from "./clock.ts";
export {
  Abandoned,
  Cancelled,
  Disconnected,
  errorCodes,
  errorText,
  TimedOut,
  YaytsError,
  type ErrorCode,
} from "./errors.ts";
export { silentLogger, type Logger } from "./logger.ts";
export { onAbort, type Signal } from "./platform.ts";
