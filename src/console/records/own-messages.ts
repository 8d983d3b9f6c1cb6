import { type MessageRecord, paramOf } from "../../trace/index.ts";

/**
 * Parameter that marks what a console dispatches for itself: its questions to the engine, its trying of routes, its recording. They
 * would fill the table that they are asked for. What a person sends by hand, or the phone does, is not marked.
 */
export const ownParam = "yayts.console";

/** Whether a console dispatched it for itself. */
export function isOwn(message: Pick<MessageRecord, "params">): boolean {
  return paramOf(message, ownParam) !== undefined;
}
