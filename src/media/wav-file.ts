/**
 * Header of RIFF/WAVE files (Microsoft, "Multimedia Programming Interface and Data Specifications" 1.0, and the
 * WAVE_FORMAT_EXTENSIBLE supplement): chunks with an even length, in any order, of which `fmt ` and `data` matter.
 */
import { type MediaFormat, parseFormat } from "./format.ts";
import type { SoundHeader, SoundPatch, SoundWriterLayout } from "./sound-file.ts";

const PCM = 1;
const ALAW = 6;
const MULAW = 7;
const GSM610 = 0x31;
const EXTENSIBLE = 0xfffe;
const UNKNOWN_SIZE = 0xffffffff;
/** Headers longer than this are taken for damage. */
const MAX_HEADER_BYTES = 1 << 20;
const WAV49_BYTES = 65;
const WAV49_SAMPLES = 320;

function ascii(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

type Storage = Pick<Extract<SoundHeader, { kind: "sound" }>, "format" | "packing">;

/** Reads the body of a `fmt ` chunk: the storage, or why it cannot be played. */
function parseFormatChunk(view: DataView): Storage | string {
  if (view.byteLength < 16) return `wav format chunk of ${view.byteLength} bytes`;
  const outerTag = view.getUint16(0, true);
  // An extensible format has its real tag in the first bytes of the GUID.
  const tag = outerTag === EXTENSIBLE && view.byteLength >= 26 ? view.getUint16(24, true) : outerTag;
  const channels = view.getUint16(2, true);
  const sampleRateHz = view.getUint32(4, true);
  const bits = view.getUint16(14, true);
  const codec = { [PCM]: "slin", [ALAW]: "alaw", [MULAW]: "mulaw", [GSM610]: "gsm" }[tag];
  if (codec === undefined) return `wav format tag 0x${tag.toString(16)}`;
  if (tag === PCM && bits !== 16) return `wav with ${bits} bits a sample`;
  if (tag === GSM610 && view.getUint16(12, true) !== WAV49_BYTES) {
    return `wav GSM blocks of ${view.getUint16(12, true)} bytes`;
  }
  const format = parseFormat(`${channels}*${codec}/${sampleRateHz}`);
  if (!format) return `wav with ${channels} channels of ${codec} at ${sampleRateHz} Hz`;
  return { format, packing: tag === GSM610 ? "wav49" : "none" };
}

/** Reads a header. @returns undefined if the file does not begin with RIFF…WAVE. */
export function parseWavHeader(bytes: Uint8Array): SoundHeader | undefined {
  if (bytes.length >= 4 && ascii(bytes, 0) !== "RIFF") return undefined;
  if (bytes.length < 12) return { kind: "more", needBytes: 12 };
  if (ascii(bytes, 8) !== "WAVE") return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let storage: Storage | undefined;
  let at = 12;
  while (at < MAX_HEADER_BYTES) {
    if (bytes.length < at + 8) return { kind: "more", needBytes: at + 8 };
    const name = ascii(bytes, at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (name === "data") {
      if (!storage) return { kind: "unsupported", reason: "wav data before its format" };
      // Writers to a pipe leave 0 or all ones for a length they do not know yet.
      const known = size !== UNKNOWN_SIZE && size !== 0;
      return { kind: "sound", ...storage, dataOffset: body, ...(known ? { dataLength: size } : {}) };
    }
    if (name === "fmt ") {
      const end = body + Math.min(size, 64);
      if (bytes.length < end) return { kind: "more", needBytes: end };
      const parsed = parseFormatChunk(new DataView(bytes.buffer, bytes.byteOffset + body, end - body));
      if (typeof parsed === "string") return { kind: "unsupported", reason: parsed };
      storage = parsed;
    }
    at = body + size + (size & 1);
  }
  return { kind: "unsupported", reason: `wav without data in its first ${MAX_HEADER_BYTES} bytes` };
}

/**
 * Makes a header with open size: PCM in the classic 44 bytes, the other codecs with the extension size and the
 * `fact` chunk that they must have.
 */
export function createWavHeader(format: MediaFormat): SoundWriterLayout {
  const { codec, channels, sampleRateHz } = format;
  const gsm = codec === "gsm";
  const extraBytes = codec === "slin" ? 0 : gsm ? 4 : 2;
  const formatBytes = 16 + extraBytes;
  const factAt = codec === "slin" ? undefined : 20 + formatBytes;
  const dataAt = 20 + formatBytes + (factAt === undefined ? 0 : 12);
  const header = new Uint8Array(dataAt + 8);
  const view = new DataView(header.buffer);
  const tag = (at: number, text: string): void => {
    for (let i = 0; i < 4; i++) header[at + i] = text.charCodeAt(i);
  };
  const blockBytes = gsm ? WAV49_BYTES : format.unitBytes;
  tag(0, "RIFF");
  view.setUint32(4, UNKNOWN_SIZE, true);
  tag(8, "WAVE");
  tag(12, "fmt ");
  view.setUint32(16, formatBytes, true);
  view.setUint16(20, { slin: PCM, alaw: ALAW, mulaw: MULAW, gsm: GSM610 }[codec], true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, gsm ? (sampleRateHz * WAV49_BYTES) / WAV49_SAMPLES : sampleRateHz * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, gsm ? 0 : codec === "slin" ? 16 : 8, true);
  if (extraBytes > 0) view.setUint16(36, extraBytes - 2, true);
  if (gsm) view.setUint16(38, WAV49_SAMPLES, true);
  if (factAt !== undefined) {
    tag(factAt, "fact");
    view.setUint32(factAt + 4, 4, true);
    view.setUint32(factAt + 8, UNKNOWN_SIZE, true);
  }
  tag(dataAt, "data");
  view.setUint32(dataAt + 4, UNKNOWN_SIZE, true);

  const word = (offset: number, value: number): SoundPatch => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, Math.min(value, UNKNOWN_SIZE), true);
    return { offset, bytes };
  };
  return {
    format,
    packing: gsm ? "wav49" : "none",
    header,
    finish(dataBytes) {
      const trailer = new Uint8Array(dataBytes & 1);
      const samples = Math.floor(dataBytes / blockBytes) * (gsm ? WAV49_SAMPLES : 1);
      return {
        patches: [
          word(4, header.length - 8 + dataBytes + trailer.length),
          ...(factAt === undefined ? [] : [word(factAt + 8, samples)]),
          word(dataAt + 4, dataBytes),
        ],
        trailer,
      };
    },
  };
}
