/**
 * Messages are bytes; inside yayts text is JavaScript strings. Valid UTF-8 becomes the characters it means; every other byte
 * becomes the lone surrogate U+DC00 + byte (U+DC80 to U+DCFF) and turns back into that byte. The same rule as that of layer
 * wire, which sip does not know.
 */

/** The part of Node's Buffer that is faster than a loop; elsewhere the loop does it. */
interface BufferShape {
  from(bytes: ArrayBufferLike, offset: number, length: number): FastBytes;
  from(text: string): Uint8Array;
}

interface FastBytes {
  utf8Slice(start: number, end: number): string;
}

const platformBuffer = (globalThis as unknown as { readonly Buffer?: BufferShape }).Buffer;

/** Stands where UTF-8 was not valid; a text without it was decoded exactly. */
const replacement = "\ufffd";

/** The text that `bytes` from `start` to `end` mean. Never fails; no byte is lost. */
export function decodeText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (platformBuffer) {
    const fast = isFast(bytes)
      ? bytes
      : platformBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = fast.utf8Slice(start, end);
    if (!text.includes(replacement)) return text;
  }
  return decodeExactly(bytes, start, end);
}

/** The text of bytes that are all ASCII; undefined when they are not. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decodeText(bytes, start, end);
  return text.length === end - start && isAscii(text) ? text : undefined;
}

/** Of a text as long as its bytes: whether no byte was escaped. */
export function isAscii(text: string): boolean {
  return !/[\udc80-\udcff]/.test(text);
}

/** The bytes of `text`. A surrogate that is neither paired nor an escaped byte goes out as U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (platformBuffer && text.isWellFormed()) return platformBuffer.from(text);
  return encodeExactly(text);
}

function isFast(bytes: Uint8Array): bytes is Uint8Array & FastBytes {
  return "utf8Slice" in bytes;
}

/** How many bytes `encodeText` makes of `text` from `start` to `end`, where no pair of surrogates is torn. */
export function encodedLength(text: string, start: number, end: number): number {
  let length = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80 || (unit >= 0xdc80 && unit <= 0xdcff && !isHigh(text.charCodeAt(i - 1)))) continue;
    // a pair is two units and four bytes: one more for each
    length += unit < 0x800 || isHigh(unit) || isHigh(text.charCodeAt(i - 1)) ? 1 : 2;
  }
  return length;
}

/** `decodeText` without help from the platform. */
export function decodeExactly(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  let units: number[] = [];
  for (let at = start; at < end; ) {
    const lead = bytes[at] ?? 0;
    const size = lead < 0x80 ? 1 : sequenceLength(bytes, at, end);
    if (size === 0) units.push(0xdc00 + lead);
    else {
      let code = size === 1 ? lead : lead & (0xff >> (size + 1));
      for (let k = 1; k < size; k++) code = (code << 6) | ((bytes[at + k] ?? 0) & 0x3f);
      if (code < 0x10000) units.push(code);
      else units.push(0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
    }
    at += size || 1;
    if (units.length >= 4096) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  return parts.join("") + String.fromCharCode(...units);
}

/** `encodeText` without help from the platform. */
export function encodeExactly(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i) ?? 0;
    if (code > 0xffff) i++;
    else if (code >= 0xd800 && code <= 0xdfff) {
      if (code >= 0xdc80 && code <= 0xdcff) {
        bytes[at++] = code - 0xdc00;
        continue;
      }
      code = 0xfffd;
    }
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return bytes.slice(0, at);
}

/** Bytes of the valid UTF-8 sequence at `at` (Unicode table 3-7: no overlong forms, no surrogates), or 0. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const size =
    lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > end) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let k = 2; k < size; k++) if (((bytes[at + k] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
