import { checkMessage } from "./check-message.ts";
import type { SipHeaders } from "./headers.ts";
import type { SipMessage } from "./message.ts";
import { readFields } from "./read-fields.ts";
import { parseStartLine } from "./start-line.ts";
import { decodeText, encodeText } from "./text.ts";

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

/**
 * Reads one message: a datagram, or what a framer cut out of a stream. Never throws. A body longer than Content-Length is cut
 * (RFC 3261 §18.3). The flaws are for people; what is done about them, `requestVerdict` and `responseFlaw` say.
 */
export function parseSipMessage(bytes: Uint8Array, limits: SipLimits = {}): ParsedSip {
  const { headBytes = 65_535, fields = 256, fieldLength = 16_384 } = limits;
  let begin = 0;
  while (bytes[begin] === 13 || bytes[begin] === 10) begin++; // RFC 3261 §7.5
  if (begin >= bytes.length) return garbage("nothing but line ends", 1, 0);
  const { headEnd, bodyStart } = endOfHead(bytes, begin, headBytes);
  if (headEnd < 0) return garbage(`header fields of more than ${headBytes} bytes`, 1, begin);
  const head = decodeText(bytes, begin, headEnd);
  let end = head.indexOf("\n");
  if (end < 0) end = head.length;
  const start = parseStartLine(head.slice(0, head.charCodeAt(end - 1) === 13 ? end - 1 : end));
  if (typeof start === "string") return garbage(start, 1, begin);

  const flaws: SipFlaw[] = [];
  const offsetOf = (at: number) => begin + encodeText(head.slice(0, at)).length;
  const flaw = (what: string, line: number, at: number) =>
    void flaws.push({ what, line, offset: offsetOf(at) });
  const { headers, lines, limit } = readFields(head, end + 1, 2, { fields, fieldLength }, flaw);
  if (limit) return garbage(limit, (lines.at(-1) ?? 1) + 1, begin);
  if (bodyStart < 0) flaws.push({ what: "no empty line ends the header fields", offset: bytes.length });

  let body = bodyStart < 0 || bodyStart === bytes.length ? noBody : bytes.subarray(bodyStart);
  const length = contentLength(headers);
  if (length !== undefined && length < body.length) {
    const over = body.length - length;
    flaws.push({ what: `${over} bytes more than Content-Length says`, offset: bodyStart + length });
    body = body.subarray(0, length);
  }
  const message: SipMessage = { ...start, headers, body };
  for (const { what, field } of checkMessage(message)) {
    const line = field < 0 ? 1 : (lines[field] ?? 1);
    flaws.push({ what, line, offset: offsetOf(startOfLine(head, line)) });
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

function startOfLine(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) at = text.indexOf("\n", at) + 1;
  return at;
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
