import { type MessageRecord, paramOf } from "../../trace/index.ts";

/**
 * Parameter that marks what a console dispatches for itself: its questions to the engine, its recording. They would fill the table
 * that they are asked for. What a person sends by hand, or the phone does, is not marked. A route that a person tries is marked as a
 * trial: it is shown, but belongs to no call.
 */
export const ownParam = "yayts.console";

/** The mark of the n-th route that a console tries. */
export function trialMark(own: string, n: number): string {
  return `${own}/${n}`;
}

/** Whether a person asked with it who would take a call. */
export function isTrial(message: Pick<MessageRecord, "params">): boolean {
  return paramOf(message, ownParam)?.includes("/") === true;
}

/** Whether a console dispatched it for itself. */
export function isOwn(message: Pick<MessageRecord, "params">): boolean {
  return paramOf(message, ownParam) !== undefined;
}
