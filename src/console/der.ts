/** The few of ASN.1's types that a certificate is made of, in DER (ITU-T X.690). */

function wrap(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const big = [length >> 16, (length >> 8) & 0xff, length & 0xff].filter(
    (byte, at) => byte > 0 || length >> (8 * (2 - at)) > 0,
  );
  const head = length < 128 ? [tag, length] : [tag, 0x80 | big.length, ...big];
  return Buffer.concat([Uint8Array.from(head), ...parts]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => wrap(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => wrap(0x31, ...parts);
/** @param bytes big-endian, the first bit is the sign */
export const integer = (bytes: Uint8Array): Uint8Array => wrap(0x02, bytes);
export const boolean = (value: boolean): Uint8Array => wrap(0x01, Uint8Array.of(value ? 0xff : 0));
export const octets = (bytes: Uint8Array): Uint8Array => wrap(0x04, bytes);
/** @param unused bits at the end that do not count */
export const bitString = (bytes: Uint8Array, unused: number): Uint8Array =>
  wrap(0x03, Uint8Array.of(unused), bytes);
export const utf8 = (text: string): Uint8Array => wrap(0x0c, new TextEncoder().encode(text));

/** A part with a tag of its context, around what it holds or in its place. */
export const tagged = (tag: number, content: Uint8Array, around = false): Uint8Array =>
  wrap((around ? 0xa0 : 0x80) | tag, content);

/** An object identifier, as in `2.5.4.3`. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return wrap(0x06, Uint8Array.from(bytes));
}

/** A time to the second: with two digits of the year until 2049, as RFC 5280 §4.1.2.5 wants it. */
export function time(at: Date): Uint8Array {
  const digits = `${at.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  const short = at.getUTCFullYear() < 2050;
  return wrap(short ? 0x17 : 0x18, new TextEncoder().encode(short ? digits.slice(2) : digits));
}
