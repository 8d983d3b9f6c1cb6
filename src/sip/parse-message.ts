import { decodeText, encodedLength } from "../base/index.ts";
import { checkMessage } from "./check-message.ts";
import type { SipHeaders } from "./headers.ts";
import type { SipMessage } from "./message.ts";
import { readFields } from "./read-fields.ts";
import { parseStartLine } from "./start-line.ts";
import { decodeAscii, isAscii } from "./text.ts";

/** Something in a message that is not as it must be. */
export interface SipFlaw {
  /** In words. */
  readonly what: string;
  /** From 1, the start line. */
  readonly line?: number;
  /** In bytes from the beginning: of that line, or of what is meant in the body. */
  readonly offset?: number;
}

/** What bytes mean as a SIP message; `garbage`: nothing that could be answered. */
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

/** More do not help anybody, and cost. */
const maxFlaws = 32;

/** Up to this length a message is turned into text whole, which is faster than to look for the end of its head. */
const wholeBytes = 8192;

/**
 * Reads one message: a datagram, or what a framer cut out of a stream. Never throws. A body longer than Content-Length is cut
 * (RFC 3261 §18.3). The flaws are for people; what is done about them, `requestVerdict` and `responseFlaw` say.
 */
export function parseSipMessage(bytes: Uint8Array, limits: SipLimits = {}): ParsedSip {
  const { headBytes = 65_535, fields = 256, fieldLength = 16_384 } = limits;
  let begin = 0;
  while (bytes[begin] === 13 || bytes[begin] === 10) begin++; // RFC 3261 §7.5
  if (begin >= bytes.length) return garbage("nothing but line ends", 1, 0);
  const { head, ascii } = decodeHead(bytes, begin, headBytes);
  if (head === undefined) return garbage(`header fields of more than ${headBytes} bytes`, 1, begin);
  let end = head.indexOf("\n");
  if (end < 0) end = head.length;
  const start = parseStartLine(head.slice(0, head.charCodeAt(end - 1) === 13 ? end - 1 : end));
  if (typeof start === "string") return garbage(start, 1, begin);

  const flaws: SipFlaw[] = [];
  let known = { at: 0, offset: 0 };
  const offsetOf = (at: number) => {
    if (ascii) return begin + at;
    if (at < known.at) known = { at: 0, offset: 0 };
    known = { at, offset: known.offset + encodedLength(head, known.at, at) };
    return begin + known.offset;
  };
  const flaw = (what: string, line: number, at: number) => {
    if (flaws.length < maxFlaws) flaws.push({ what, line, offset: offsetOf(at) });
  };
  const read = readFields(head, end + 1, 2, { fields, fieldLength }, flaw);
  const { headers, lines } = read;
  if (read.limit) return garbage(read.limit, (lines.at(-1) ?? 1) + 1, offsetOf(read.end));
  let body: Uint8Array = noBody;
  if (read.end >= head.length)
    flaws.push({ what: "no empty line ends the header fields", offset: bytes.length });
  else {
    const bodyStart = offsetOf(head.indexOf("\n", read.end) + 1);
    if (bodyStart < bytes.length) body = bytes.subarray(bodyStart);
    const length = contentLength(headers);
    if (length !== undefined && length < body.length) {
      const over = body.length - length;
      flaws.push({ what: `${over} bytes more than Content-Length says`, offset: bodyStart + length });
      body = body.subarray(0, length);
    }
  }
  const message: SipMessage = { ...start, headers, body };
  let checked = false;
  return {
    kind: "message",
    message,
    // Who serves the message asks `requestVerdict`: what is for people is found out when they want it.
    get flaws() {
      if (checked) return flaws;
      checked = true;
      for (const { what, field } of checkMessage(message)) {
        const line = field < 0 ? 1 : (lines[field] ?? 1);
        if (headers.keyAt(field) !== "" || field < 0) flaw(what, line, startOfLine(head, line));
      }
      return flaws;
    },
  };
}

/** What Content-Length says; undefined when it is missing or no number. */
function contentLength(headers: SipHeaders): number | undefined {
  const value = headers.get("content-length");
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function garbage(what: string, line: number, offset: number): ParsedSip {
  return { kind: "garbage", flaw: { what, line, offset } };
}

function startOfLine(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) at = text.indexOf("\n", at) + 1;
  return at;
}

/**
 * The text from `begin` to the empty line with it, or further; undefined when there is none within `limit`. `ascii`: a
 * character is a byte.
 */
function decodeHead(
  bytes: Uint8Array,
  begin: number,
  limit: number,
): { readonly head: string | undefined; readonly ascii: boolean } {
  if (bytes.length - begin <= Math.min(limit, wholeBytes)) {
    const head = decodeAscii(bytes, begin, bytes.length);
    if (head !== undefined) return { head, ascii: true };
  }
  const last = Math.min(bytes.length, begin + limit);
  let end = -1;
  for (let at = bytes.indexOf(10, begin); at >= 0 && at < last && end < 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) end = at + 2;
    else if (bytes[at + 1] === 13 && bytes[at + 2] === 10) end = at + 3;
  }
  if (end < 0 && bytes.length > last) return { head: undefined, ascii: false };
  if (end < 0) end = bytes.length;
  const head = decodeText(bytes, begin, end);
  return { head, ascii: head.length === end - begin && isAscii(head) };
}
