import { SipHeaders, usualKey } from "./headers.ts";
import { isToken } from "./parameters.ts";

/** Header fields as they were read. */
export interface ReadFields {
  readonly headers: SipHeaders;
  /** Of each field: the number of its first line, from 1 for the first line of the text. */
  readonly lines: readonly number[];
  /** Where the empty line stands that ends them; the length of the text without one. */
  readonly end: number;
  /** Told when the limits were reached, and reading ended there. */
  readonly limit: string | undefined;
}

/**
 * Reads header fields from `from` to the first empty line (RFC 3261 §7.3.1). A line without a name stays as a field with an
 * empty name, so that it is not lost.
 */
export function readFields(
  text: string,
  from: number,
  firstLine: number,
  limits: { readonly fields: number; readonly fieldLength: number },
  flaw: (what: string, line: number, at: number) => void,
): ReadFields {
  const headers = new SipHeaders();
  const lines: number[] = [];
  let next = firstLine;
  let at = from;
  /** The next one at or behind `at`; looked for again only when passed, lest lines without one cost the square of them. */
  let colon = -1;
  for (; at < text.length; ) {
    const first = text.charCodeAt(at);
    if (first === 10 || (first === 13 && text.charCodeAt(at + 1) === 10)) break;
    const line = next++;
    let end = placeOf(text, "\n", at);
    const folded = isFold(text.charCodeAt(end + 1));
    while (isFold(text.charCodeAt(end + 1))) {
      next++;
      end = placeOf(text, "\n", end + 1);
    }
    const limit =
      end - at > limits.fieldLength
        ? `a header field of more than ${limits.fieldLength} characters`
        : lines.length === limits.fields
          ? `more than ${limits.fields} header fields`
          : undefined;
    if (limit) return { headers, lines, end: at, limit };
    if (colon < at) colon = placeOf(text, ":", at);
    const nameEnd = colon >= end ? at : beforeSpace(text, at, colon);
    const name = text.slice(at, nameEnd);
    const key = usualKey(name);
    if (name === "") flaw("a header line without a name and a colon", line, at);
    else if (key === undefined && !isToken(name)) flaw("a header name that is no token", line, at);
    let valueAt = name === "" ? at : colon + 1;
    let valueEnd = end;
    while (valueAt < valueEnd && text.charCodeAt(valueAt) <= 32) valueAt++;
    while (valueEnd > valueAt && text.charCodeAt(valueEnd - 1) <= 32) valueEnd--;
    const value = text.slice(valueAt, valueEnd);
    const whole = end < text.length && text.charCodeAt(end - 1) === 13;
    const plain =
      whole &&
      !folded &&
      nameEnd === colon &&
      valueAt === colon + 2 &&
      valueEnd === end - 1 &&
      text.charCodeAt(colon + 1) === 32;
    // what does not end in CR LF is given its end, for more may come behind it
    const raw = plain ? "" : whole ? text.slice(at, end + 1) : `${text.slice(at, end)}\r\n`;
    headers.addFromWire(name, folded ? unfolded(value) : value, raw, key);
    lines.push(line);
    at = end + 1;
  }
  return { headers, lines, end: Math.min(at, text.length), limit: undefined };
}

/** The first `character` at or after `from`, or the end. */
function placeOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

function isFold(unit: number): boolean {
  return unit === 32 || unit === 9;
}

/** Where a name that ends at or before `end` ends: LWS may stand before the colon. */
function beforeSpace(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && text.charCodeAt(at - 1) <= 32) at--;
  return at;
}

function trimmed(text: string, from: number, end: number): string {
  let first = from;
  let last = end;
  while (first < last && text.charCodeAt(first) <= 32) first++;
  while (last > first && text.charCodeAt(last - 1) <= 32) last--;
  return text.slice(first, last);
}

/** A line end and the white space around it mean one space (RFC 3261 §7.3.1). */
function unfolded(value: string): string {
  return value
    .split("\n")
    .map((line) => trimmed(line, 0, line.length))
    .filter((line) => line !== "")
    .join(" ");
}
