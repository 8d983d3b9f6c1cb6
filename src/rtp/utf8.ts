/** The bytes of one character; what cannot be encoded (half a pair) becomes U+FFFD. */
export function utf8Bytes(codePoint: number): number[] {
  const code = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
  if (code < 0x80) return [code];
  const low = 0x80 | (code & 63);
  if (code < 0x800) return [0xc0 | (code >> 6), low];
  const middle = 0x80 | ((code >> 6) & 63);
  if (code < 0x10000) return [0xe0 | (code >> 12), middle, low];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), middle, low];
}

/** The text of some bytes; each byte that is not part of a character becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] ?? 0;
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : -1;
    let code = more <= 0 ? first : first & (0x3f >> more);
    for (let k = 1; k <= more; k++) {
      const next = bytes[i + k] ?? 0;
      code = (next & 0xc0) === 0x80 ? code * 64 + (next & 63) : Number.NaN;
    }
    const smallest = [0, 0x80, 0x800, 0x10000][more] ?? Number.NaN;
    const good = code >= smallest && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    text += good ? String.fromCodePoint(code) : "\ufffd";
    i += good ? more + 1 : 1;
  }
  return text;
}
