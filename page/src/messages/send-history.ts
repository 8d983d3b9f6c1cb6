import type { ComposedMessage } from "./yayts-code.ts";

const key = "yayts-sent";
const most = 20;
/** Longer ones are not worth the browser's room. */
const mostBytes = 16 * 1024;

/** What of `localStorage` is needed. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** The messages that were sent from this browser, the latest first. Whatever else is in the store counts as nothing. */
export function sentMessages(store: TextStore): readonly ComposedMessage[] {
  try {
    const found: unknown = JSON.parse(store.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter(isComposed).slice(0, most) : [];
  } catch {
    return [];
  }
}

/** Puts a message in front; the same one of before moves there. A store that is full or closed is no matter. */
export function rememberSent(store: TextStore, message: ComposedMessage): readonly ComposedMessage[] {
  const text = JSON.stringify(message);
  if (text.length > mostBytes) return sentMessages(store);
  const next = [message, ...sentMessages(store).filter((other) => JSON.stringify(other) !== text)].slice(
    0,
    most,
  );
  try {
    store.setItem(key, JSON.stringify(next));
  } catch {
    // It is only a convenience.
  }
  return next;
}

function isComposed(value: unknown): value is ComposedMessage {
  if (typeof value !== "object" || value === null) return false;
  const { name, params, retvalue, enqueue } = value as Record<string, unknown>;
  return (
    typeof name === "string" &&
    typeof retvalue === "string" &&
    typeof enqueue === "boolean" &&
    Array.isArray(params) &&
    params.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"),
    )
  );
}
