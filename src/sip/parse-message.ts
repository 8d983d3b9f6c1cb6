import { checkMessage } from "./check-message.ts";
import { SipHeaders } from "./headers.ts";
import type { SipMessage } from "./message.ts";
import { parseStartLine } from "./start-line.ts";
import { decodeText, encodeText } from "./text.ts";

/** Something in a message that is not as it must be. */
export interface SipFlaw {
  /** In words. */
  readonly what: string;
  /** From 1. */
  readonly line?: number;
  /** Of the line's first byte, from 0. */
  readonly offset?: number;
}

/** What bytes mean as a SIP message; `garbage`: not even a start line that could be answered. */
export type ParsedSip =
  | { readonly kind: "message"; readonly message: SipMessage; readonly flaws: readonly SipFlaw[] }
  | { readonly kind: "garbage"; readonly flaw: SipFlaw };

/** What is still read; more is `garbage`. */
export interface SipLimits {
  /** Default 65,535 bytes: start line and header fields. */
  readonly headBytes?: number | undefined;
  /** Default 256. */
  readonly fields?: number | undefined;
  /** Default 16,384 characters: one header field with its continuations. */
  readonly fieldLength?: number | undefined;
}

const noBody = new Uint8Array(0);

/**
 * Reads one message: a datagram, or what a framer cut out of a stream. Never throws. A body longer than Content-Length is cut
 * (RFC 3261 §18.3). Flaws do not say what becomes of the message: `requestVerdict` does.
 */
export function parseSipMessage(bytes: Uint8Array, limits: SipLimits = {}): ParsedSip {
  const { headBytes = 65_535, fields: maxFields = 256, fieldLength = 16_384 } = limits;
  let begin = 0;
  while (bytes[begin] === 13 || bytes[begin] === 10) begin++; // RFC 3261 §7.5
  if (begin >= bytes.length) return garbage("nothing but line ends", 1, 0);
  const { headEnd, bodyStart } = endOfHead(bytes, begin, headBytes);
  if (headEnd < 0) return garbage(`the header fields take more than ${headBytes} bytes`, 1, begin);
  const head = decodeText(bytes, begin, headEnd);
  let end = head.indexOf("\n");
  if (end < 0) end = head.length;
  const start = parseStartLine(head.slice(0, head.charCodeAt(end - 1) === 13 ? end - 1 : end));
  if (typeof start === "string") return garbage(start, 1, begin);

  const flaws: SipFlaw[] = [];
  const flaw = (what: string, line: number, at: number) => {
    flaws.push({ what, line, offset: begin + encodeText(head.slice(0, at)).length });
  };
  const headers = new SipHeaders();
  const lines: number[] = [];
  let line = 1;
  for (let at = end + 1; at < head.length; ) {
    const firstLine = ++line;
    let folded = false;
    end = head.indexOf("\n", at);
    if (end < 0) end = head.length;
    for (let next = head.charCodeAt(end + 1); next === 32 || next === 9; next = head.charCodeAt(end + 1)) {
      folded = true;
      line++;
      end = head.indexOf("\n", end + 1);
      if (end < 0) end = head.length;
    }
    if (end - at > fieldLength)
      return garbage(`a header field of more than ${fieldLength} characters`, firstLine, at);
    if (lines.length === maxFields) return garbage(`more than ${maxFields} header fields`, firstLine, at);
    const colon = head.indexOf(":", at);
    const nameEnd = colon < 0 || colon > end ? at : beforeSpace(head, at, colon);
    if (nameEnd === at) flaw("a header line without a name and a colon", firstLine, at);
    const value = nameEnd === at ? trimmed(head, at, end) : trimmed(head, colon + 1, end);
    const raw = head.slice(at, end + 1);
    headers.addFromWire(
      head.slice(at, nameEnd),
      folded ? unfolded(value) : value,
      raw.endsWith("\r\n") ? raw : `${raw.trimEnd()}\r\n`,
    );
    lines.push(firstLine);
    at = end + 1;
  }
  if (bodyStart < 0) flaw("no empty line after the header fields", line, head.length);

  let body = bodyStart < 0 || bodyStart === bytes.length ? noBody : bytes.subarray(bodyStart);
  const length = contentLength(headers);
  if (length !== undefined && length < body.length) {
    flaws.push({
      what: `the body has ${body.length - length} bytes more than Content-Length says`,
      offset: bodyStart + length,
    });
    body = body.subarray(0, length);
  }
  const message: SipMessage = { ...start, headers, body };
  for (const { what, field } of checkMessage(message)) {
    const at = field === undefined ? undefined : lines[field];
    flaws.push(at === undefined ? { what } : { what, line: at });
  }
  return { kind: "message", message, flaws };
}

/** What Content-Length says; undefined when it is missing or no number. */
function contentLength(headers: SipHeaders): number | undefined {
  const value = headers.get("content-length");
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function garbage(what: string, line: number, offset: number): ParsedSip {
  return { kind: "garbage", flaw: { what, line, offset } };
}

/** Where the header fields end, with their last line end, and where the body begins; -1 without an empty line. */
function endOfHead(bytes: Uint8Array, from: number, limit: number): { headEnd: number; bodyStart: number } {
  const last = Math.min(bytes.length, from + limit);
  for (let at = bytes.indexOf(10, from); at >= 0 && at < last; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10) return { headEnd: at + 1, bodyStart: at + 2 };
    if (next === 13 && bytes[at + 2] === 10) return { headEnd: at + 1, bodyStart: at + 3 };
  }
  return { headEnd: bytes.length > last ? -1 : bytes.length, bodyStart: -1 };
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
