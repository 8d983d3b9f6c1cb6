import { type Signal, signal } from "@preact/signals";
import type { MessageRecord } from "../../../src/trace/index.ts";
import { sentMessages } from "./send-history.ts";
import type { ComposedMessage } from "./yayts-code.ts";

/** What the dialog for sending begins with; undefined while it is closed. */
export const composing: Signal<ComposedMessage | undefined> = signal(undefined);

let draft: ComposedMessage | undefined;

/** Keeps what was composed when the dialog is closed, so that Escape loses nothing. */
export function keepDraft(message: ComposedMessage): void {
  draft = message;
}

/** Opens the dialog for sending a message, with one given, what was composed last, the last one that was sent, or an empty one. */
export function compose(message?: ComposedMessage): void {
  composing.value = message ??
    draft ??
    sentMessages(localStorage)[0] ?? { name: "", params: [], retvalue: "", enqueue: false };
}

/** A message that was seen as one to send: with what it began with, without what the engine added to it. */
export function composedFrom(record: MessageRecord): ComposedMessage {
  const params = (record.before ?? record.params).filter(([name]) => name !== "handlers");
  return { name: record.name, params, retvalue: "", enqueue: record.queuedMs !== undefined };
}
