/**
 * The frames of an MPEG audio layer III file (ISO/IEC 11172-3 §2.4.2.3, 13818-3; 2.5 is the common extension), to tell
 * whether a file is one and whether it is whole. Decoding is the decoder's.
 */

/** What a walk over a file has found. */
export interface Mp3Walk {
  /** Frames of sound, without the one that only informs. */
  readonly frames: number;
  /** Whether the last frame is cut, or frames are missing of those that the Xing header counts. */
  readonly truncated: boolean;
}

const bitRatesKbps = {
  v1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  v2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const ratesHz: ReadonlyMap<number, readonly number[]> = new Map([
  [3, [44_100, 48_000, 32_000]],
  [2, [22_050, 24_000, 16_000]],
  [0, [11_025, 12_000, 8000]],
]);
/** Bytes without a frame that are skipped in search of the next one; a file with more between frames is no mp3. */
const mostGarbage = 4096;

interface Frame {
  readonly bytes: number;
  /** Where the Xing or Info header is in the first frame: after the side information. */
  readonly infoAt: number;
}

/**
 * The header: 11 bits of sync, 2 version (3 is MPEG 1, 2 is MPEG 2, 0 is 2.5), 2 layer (1 is III), 1 protection, 4 bit
 * rate, 2 rate, 1 padding, 1 private, 2 mode (3 is mono) and 6 more.
 */
function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes.subarray(at, at + 4);
  if (b0 !== 0xff || (b1 & 0xe0) !== 0xe0 || ((b1 >> 1) & 3) !== 1) return undefined;
  const version = (b1 >> 3) & 3;
  const kbps = (version === 3 ? bitRatesKbps.v1 : bitRatesKbps.v2)[b2 >> 4] ?? 0;
  const rateHz = ratesHz.get(version)?.[(b2 >> 2) & 3] ?? 0;
  if (kbps === 0 || rateHz === 0) return undefined;
  const mono = b3 >> 6 === 3;
  const side = version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17;
  const samplesPerByte = version === 3 ? 144 : 72;
  return {
    bytes: Math.floor((samplesPerByte * kbps * 1000) / rateHz) + ((b2 >> 1) & 1),
    infoAt: at + 4 + side,
  };
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
}

/** Bytes of the ID3v2 tag at the beginning, 0 without: ten of header, a size of four times seven bits, maybe a footer. */
function tagBytes(bytes: Uint8Array): number {
  if (!startsWith(bytes, 0, "ID3") || bytes.length < 10) return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => (sum << 7) | ((bytes[at] ?? 0) & 0x7f), 0);
  return 10 + size + ((bytes[5] ?? 0) & 0x10 ? 10 : 0);
}

/** Whether the file begins as an mp3 does: with a tag, or with two frames one after the other (or one, and nothing more). */
export function looksLikeMp3(bytes: Uint8Array): boolean {
  if (startsWith(bytes, 0, "ID3")) return true;
  const first = frameAt(bytes, 0);
  return first !== undefined && (first.bytes >= bytes.length || frameAt(bytes, first.bytes) !== undefined);
}

/** Walks over all frames. @returns undefined when there is none */
export function walkMp3(bytes: Uint8Array): Mp3Walk | undefined {
  let at = tagBytes(bytes);
  // A tag that is longer than the file: what it holds is lost.
  if (at >= bytes.length) return at === 0 ? undefined : { frames: 0, truncated: true };
  let frames = 0;
  let promised = 0;
  let garbage = 0;
  while (at + 4 <= bytes.length) {
    if (
      startsWith(bytes, at, "TAG") ||
      startsWith(bytes, at, "APETAGEX") ||
      startsWith(bytes, at, "LYRICSBEGIN")
    )
      break;
    const frame = frameAt(bytes, at);
    if (!frame) {
      if (++garbage > mostGarbage) return frames > 1 ? { frames, truncated: false } : undefined;
      at++;
      continue;
    }
    garbage = 0;
    if (at + frame.bytes > bytes.length) return { frames, truncated: true };
    const { infoAt } = frame;
    if (frames === 0 && (startsWith(bytes, infoAt, "Xing") || startsWith(bytes, infoAt, "Info"))) {
      const hasCount = ((bytes[infoAt + 7] ?? 0) & 1) === 1;
      promised = hasCount ? new DataView(bytes.buffer, bytes.byteOffset + infoAt + 8, 4).getUint32(0) : 0;
    } else {
      frames++;
    }
    at += frame.bytes;
  }
  return frames === 0 && promised === 0 ? undefined : { frames, truncated: frames < promised };
}
