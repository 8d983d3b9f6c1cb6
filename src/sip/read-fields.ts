import { isUsualName, SipHeaders } from "./headers.ts";
import { isToken } from "./parameters.ts";

/** Header fields as they were read. */
export interface ReadFields {
  readonly headers: SipHeaders;
  /** Of each field: the number of its first line, from 1 for the first line of the text. */
  readonly lines: readonly number[];
  /** Told when the limits were reached, and reading ended there. */
  readonly limit: string | undefined;
}

/**
 * Reads header fields from `from` to the end of the text (RFC 3261 §7.3.1), where no empty line stands. A line without a
 * name stays as a field with an empty name, so that it is not lost.
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
  for (let at = from; at < text.length; ) {
    const line = next++;
    let folded = false;
    let end = lineEnd(text, at);
    while (isFold(text.charCodeAt(end + 1))) {
      folded = true;
      next++;
      end = lineEnd(text, end + 1);
    }
    if (end - at > limits.fieldLength)
      return { headers, lines, limit: `a header field of more than ${limits.fieldLength} characters` };
    if (lines.length === limits.fields)
      return { headers, lines, limit: `more than ${limits.fields} header fields` };
    let colon = text.indexOf(":", at);
    if (colon > end) colon = -1;
    const nameEnd = colon < 0 ? at : beforeSpace(text, at, colon);
    const name = text.slice(at, nameEnd);
    if (name === "") flaw("a header line without a name and a colon", line, at);
    else if (!isUsualName(name) && !isToken(name)) flaw("a header name that is no token", line, at);
    const value = trimmed(text, name === "" ? at : colon + 1, end);
    // what does not end in CR LF is given its end, for more may come behind it
    const whole = end < text.length && text.charCodeAt(end - 1) === 13;
    const raw = whole ? text.slice(at, end + 1) : `${text.slice(at, end)}\r\n`;
    headers.addFromWire(name, folded ? unfolded(value) : value, raw);
    lines.push(line);
    at = end + 1;
  }
  return { headers, lines, limit: undefined };
}

/** The line feed at or after `from`, or the end. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
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
