/** Header of Sun/NeXT .au files: six big-endian words, then an annotation up to the data offset. */
import { type MediaFormat, parseFormat } from "./format.ts";
import type { SoundHeader, SoundWriterLayout } from "./sound-file.ts";

const MAGIC = 0x2e736e64;
const FIXED_BYTES = 24;
const UNKNOWN_SIZE = 0xffffffff;
/** Fills the rest of the header, with NUL at its end. */
const ANNOTATION = "yayts";
const HEADER_BYTES = 32;
const CODECS: ReadonlyMap<number, string> = new Map([
  [1, "mulaw"],
  [3, "slin"],
  [27, "alaw"],
]);

/** Reads a header. @returns undefined if the file does not begin with the magic number. */
export function parseAuHeader(bytes: Uint8Array): SoundHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length >= 4 && view.getUint32(0) !== MAGIC) return undefined;
  if (bytes.length < FIXED_BYTES) return { kind: "more", needBytes: FIXED_BYTES };
  const dataOffset = view.getUint32(4);
  const size = view.getUint32(8);
  const encoding = view.getUint32(12);
  const sampleRateHz = view.getUint32(16);
  const channels = view.getUint32(20);
  const codec = CODECS.get(encoding);
  if (codec === undefined) return { kind: "unsupported", reason: `au encoding ${encoding}` };
  const format = parseFormat(`${channels}*${codec}/${sampleRateHz}`);
  if (!format) {
    return { kind: "unsupported", reason: `au with ${channels} channels of ${codec} at ${sampleRateHz} Hz` };
  }
  if (dataOffset < FIXED_BYTES) return { kind: "unsupported", reason: `au data offset ${dataOffset}` };
  return {
    kind: "sound",
    format,
    packing: codec === "slin" ? "swap16" : "none",
    dataOffset,
    ...(size === UNKNOWN_SIZE ? {} : { dataLength: size }),
  };
}

/** Makes a 32-byte header with open size. @returns undefined for GSM, which .au cannot hold. */
export function createAuHeader(format: MediaFormat): SoundWriterLayout | undefined {
  const encoding = [...CODECS].find(([, codec]) => codec === format.codec)?.[0];
  if (encoding === undefined) return undefined;
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const words = [MAGIC, HEADER_BYTES, UNKNOWN_SIZE, encoding, format.sampleRateHz, format.channels];
  words.forEach((word, i) => {
    view.setUint32(i * 4, word);
  });
  for (let i = 0; i < ANNOTATION.length; i++) header[FIXED_BYTES + i] = ANNOTATION.charCodeAt(i);
  return {
    format,
    packing: format.codec === "slin" ? "swap16" : "none",
    header,
    finish(dataBytes) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, Math.min(dataBytes, UNKNOWN_SIZE));
      return { patches: [{ offset: 8, bytes }], trailer: new Uint8Array(0) };
    },
  };
}
