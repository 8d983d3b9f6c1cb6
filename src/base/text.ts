/**
 * Lines and messages are bytes; inside yayts text is JavaScript strings. Valid UTF-8 becomes the characters it means; every other byte
 * becomes the lone surrogate U+DC00 + byte (U+DC80 to U+DCFF) and turns back into that byte, so that whatever came over a
 * wire goes out again unchanged.
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

/** The bytes of `text`. A surrogate that is neither paired nor an escaped byte goes out as U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (platformBuffer && text.isWellFormed()) return platformBuffer.from(text);
  return encodeExactly(text);
}

/** How many bytes `encodeText` makes of `text` from `start` to `end`, where no pair of surrogates is torn. */
export function encodedLength(text: string, start = 0, end: number = text.length): number {
  let length = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length++;
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      length += 2;
      i++;
    } else if (!isEscapedByte(unit)) length += 2;
  }
  return length;
}

/** `decodeText` without help from the platform. */
export function decodeExactly(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  let units: number[] = [];
  let i = start;
  while (i < end) {
    const lead = bytes[i] ?? 0;
    const size = lead < 0x80 ? 1 : sequenceLength(bytes, i, end);
    if (size === 1) units.push(lead);
    else if (size === 0) units.push(0xdc00 + lead);
    else pushCharacter(units, bytes, i, size);
    i += size || 1;
    if (units.length >= 4096) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  parts.push(String.fromCharCode(...units));
  return parts.join("");
}

/** `encodeText` without help from the platform. */
export function encodeExactly(text: string): Uint8Array {
  const bytes = new Uint8Array(encodedLength(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (isHigh(code) && isLow(text.charCodeAt(i + 1))) code = text.codePointAt(i++) ?? 0;
    else if (isEscapedByte(code)) {
      bytes[at++] = code - 0xdc00;
      continue;
    } else if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
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
  return bytes;
}

/** Bytes of the valid UTF-8 sequence at `i` (Unicode table 3-7: no overlong forms, no surrogates), or 0. */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i] ?? 0;
  const size =
    lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (size === 0 || i + size > end) return 0;
  const second = bytes[i + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let k = 2; k < size; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}

function pushCharacter(units: number[], bytes: Uint8Array, i: number, size: number): void {
  let code = (bytes[i] ?? 0) & (0xff >> (size + 1));
  for (let k = 1; k < size; k++) code = (code << 6) | ((bytes[i + k] ?? 0) & 0x3f);
  if (code < 0x10000) units.push(code);
  else units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
}

function isFast(bytes: Uint8Array): bytes is Uint8Array & FastBytes {
  return "utf8Slice" in bytes;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isEscapedByte(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}
