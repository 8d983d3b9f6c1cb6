import { decodeText, encodeText } from "../base/index.ts";
import { parseHeaderValue } from "./header-value.ts";
import { SipHeaders } from "./headers.ts";
import { unquote } from "./parameters.ts";
import { readFields } from "./read-fields.ts";

/** One part of a multipart body (RFC 2046 §5.1). */
export interface BodyPart {
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

const maxParts = 64;
const limits = { fields: 64, fieldLength: 16_384 };

/**
 * The parts of a body whose Content-Type is `multipart/…`, at most 64; empty when it is not, or has no boundary. Preamble and
 * epilogue are left out; a last part that nothing ends counts.
 */
export function parseMultipart(contentType: string, body: Uint8Array): BodyPart[] {
  const type = parseHeaderValue(contentType);
  const boundary = unquote(type?.params.get("boundary") ?? "");
  if (!type || !/^multipart\//i.test(type.value) || boundary === "" || boundary.length > 200) return [];
  const delimiter = encodeText(`--${boundary}`);
  const parts: BodyPart[] = [];
  let partStart = -1;
  let line = 0;
  while (line < body.length && parts.length < maxParts) {
    const feed = body.indexOf(10, line);
    const next = feed < 0 ? body.length : feed + 1;
    const end = endOfDelimiter(body, line, next, delimiter);
    if (end) {
      if (partStart >= 0)
        parts.push(readPart(body.subarray(partStart, beforeLineEnd(body, partStart, line))));
      partStart = end === "last" ? -1 : next;
      if (end === "last") break;
    }
    line = next;
  }
  if (partStart >= 0 && parts.length < maxParts) parts.push(readPart(body.subarray(partStart)));
  return parts;
}

/** Whether the line from `from` to `to` is a delimiter, and which. */
function endOfDelimiter(
  body: Uint8Array,
  from: number,
  to: number,
  delimiter: Uint8Array,
): "next" | "last" | undefined {
  if (to - from < delimiter.length) return undefined;
  for (let i = 0; i < delimiter.length; i++) if (body[from + i] !== delimiter[i]) return undefined;
  let at = from + delimiter.length;
  const last = body[at] === 45 && body[at + 1] === 45;
  if (last) at += 2;
  for (; at < to; at++) if ((body[at] ?? 0) > 32) return undefined;
  return last ? "last" : "next";
}

/** The line end before a delimiter belongs to the delimiter. */
function beforeLineEnd(body: Uint8Array, from: number, line: number): number {
  const feed = line - 1;
  if (feed < from) return from;
  return feed > from && body[feed - 1] === 13 ? feed - 1 : feed;
}

function readPart(bytes: Uint8Array): BodyPart {
  let headEnd = 0;
  let line = 0;
  for (;;) {
    const feed = bytes.indexOf(10, line);
    if (feed < 0) return { headers: new SipHeaders(), body: bytes };
    if (feed === line || (feed === line + 1 && bytes[line] === 13)) {
      headEnd = feed + 1;
      break;
    }
    line = feed + 1;
  }
  const { headers } = readFields(decodeText(bytes, 0, line), 0, 1, limits, () => {});
  return { headers, body: bytes.subarray(headEnd) };
}
