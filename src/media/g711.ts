/**
 * G.711 by tables. Decoding is that of ITU-T G.711. Encoding is the reference engine's, bit for bit, as measured by
 * having a YATE 6.4.1 transcode all 65,536 values: it does not take the nearest code but the first one above
 * the sample less a small offset, so a real encoder (sox, ITU-T G.191) differs for nearly half of the samples, and the
 * faintest negative mu-law values move by a step each time they are decoded and encoded.
 */

const decodedAlaw = new Int16Array(256);
const decodedMulaw = new Int16Array(256);
for (let code = 0; code < 256; code++) {
  const a = code ^ 0x55;
  const aStep = (a >> 4) & 7;
  const aMagnitude = ((a & 15) << 4) + 8;
  const aValue = aStep === 0 ? aMagnitude : (aMagnitude + 256) << (aStep - 1);
  decodedAlaw[code] = a & 0x80 ? aValue : -aValue;

  const mu = ~code & 0xff;
  const muValue = ((((mu & 15) << 3) + 132) << ((mu >> 4) & 7)) - 132;
  decodedMulaw[code] = mu & 0x80 ? -muValue : muValue;
}

/** Codes in the order of their values. Of the two zeros of mu-law only the positive one (0xff) is ever sent. */
function codesByValue(decoded: Int16Array, unused: number): number[] {
  return Array.from({ length: 256 }, (_, code) => code)
    .filter((code) => code !== unused)
    .sort((a, b) => (decoded[a] ?? 0) - (decoded[b] ?? 0));
}

/** Table from the low 16 bits of a sample to its code: the first code whose value is above sample − offset. */
function encodeTable(
  decoded: Int16Array,
  unused: number,
  offset: number,
  offsetBelowZero: number,
): Uint8Array {
  const codes = codesByValue(decoded, unused);
  const table = new Uint8Array(65536);
  let at = 0;
  for (let sample = -32768; sample < 32768; sample++) {
    const above = sample - (sample < 0 ? offsetBelowZero : offset);
    while (at < codes.length - 1 && (decoded[codes[at] ?? 0] ?? 0) <= above) at++;
    table[sample & 0xffff] = codes[at] ?? 0;
  }
  return table;
}

/** Table from code to code of the other law: the nearest value, ties upward. */
function crossTable(from: Int16Array, to: Int16Array, unused: number): Uint8Array {
  const codes = codesByValue(to, unused);
  return Uint8Array.from(from, (value) => {
    let best = codes[0] ?? 0;
    for (const code of codes) {
      if (Math.abs((to[code] ?? 0) - value) <= Math.abs((to[best] ?? 0) - value)) best = code;
    }
    return best;
  });
}

const encodedAlaw = encodeTable(decodedAlaw, -1, 8, 8);
const encodedMulaw = encodeTable(decodedMulaw, 0x7f, 4, 12);
const alawAsMulaw = crossTable(decodedAlaw, decodedMulaw, 0x7f);
// The one pair where the reference engine does not take the nearest value: ±8064 becomes ±8316, not ±7932.
alawAsMulaw[10] = 0x1f;
alawAsMulaw[138] = 0x9f;
const mulawAsAlaw = crossTable(decodedMulaw, decodedAlaw, -1);

/** The value of one A-law code as a 16-bit sample. */
export function decodeAlaw(code: number): number {
  return decodedAlaw[code & 0xff] ?? 0;
}

/** The value of one mu-law code as a 16-bit sample. */
export function decodeMulaw(code: number): number {
  return decodedMulaw[code & 0xff] ?? 0;
}

/** The A-law code of one 16-bit sample. */
export function encodeAlaw(sample: number): number {
  return encodedAlaw[sample & 0xffff] ?? 0;
}

/** The mu-law code of one 16-bit sample. */
export function encodeMulaw(sample: number): number {
  return encodedMulaw[sample & 0xffff] ?? 0;
}

function expand(table: Int16Array, codes: Uint8Array): Int16Array {
  const samples = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i++) samples[i] = table[codes[i] ?? 0] ?? 0;
  return samples;
}

function compress(table: Uint8Array, samples: Int16Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  // Unsigned samples index the table as they are.
  const indexes = new Uint16Array(samples.buffer, samples.byteOffset, samples.length);
  for (let i = 0; i < codes.length; i++) codes[i] = table[indexes[i] ?? 0] ?? 0;
  return codes;
}

function cross(table: Uint8Array, codes: Uint8Array): Uint8Array {
  const result = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) result[i] = table[codes[i] ?? 0] ?? 0;
  return result;
}

/** Decodes a block of A-law into new samples. */
export function alawToSlin(codes: Uint8Array): Int16Array {
  return expand(decodedAlaw, codes);
}

/** Decodes a block of mu-law into new samples. */
export function mulawToSlin(codes: Uint8Array): Int16Array {
  return expand(decodedMulaw, codes);
}

/** Encodes samples into a new block of A-law. */
export function slinToAlaw(samples: Int16Array): Uint8Array {
  return compress(encodedAlaw, samples);
}

/** Encodes samples into a new block of mu-law. */
export function slinToMulaw(samples: Int16Array): Uint8Array {
  return compress(encodedMulaw, samples);
}

/** A-law to mu-law, code by code, without the way through linear samples. */
export function alawToMulaw(codes: Uint8Array): Uint8Array {
  return cross(alawAsMulaw, codes);
}

/** Mu-law to A-law, code by code, without the way through linear samples. */
export function mulawToAlaw(codes: Uint8Array): Uint8Array {
  return cross(mulawAsAlaw, codes);
}
