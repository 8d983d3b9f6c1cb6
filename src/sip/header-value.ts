import { afterQuoted, parseParameters, type SipParameters } from "./parameters.ts";

/** A value with parameters, as in Content-Type, Event, Reason, Replaces, Session-Expires and Subscription-State. */
export interface HeaderValue {
  /** What stands before the first `;`, in its own case. */
  readonly value: string;
  /** Names in lower case; quoted values stand with their quotes: `unquote`. */
  readonly params: SipParameters;
}

/** Reads `value;name=value…`. Undefined when the value is empty, or something else than parameters is behind it. */
export function parseHeaderValue(text: string): HeaderValue | undefined {
  let at = 0;
  for (; at < text.length && text.charCodeAt(at) !== 59; at++) {
    if (text.charCodeAt(at) !== 34) continue;
    const end = afterQuoted(text, at);
    if (end < 0) return undefined;
    at = end - 1;
  }
  const value = text.slice(0, at).trim();
  const params = parseParameters(text, at);
  return value === "" || !params ? undefined : { value, params };
}
