/**
 * Files of linear and companded samples with a header, as recording programs write them: RIFF/WAVE with 8 to 32 bits,
 * floating point, G.711 or GSM at any rate, and Sun/NeXT .au. The readers in layer media take what an engine can play; a
 * prompt that is to be converted may be more than that.
 */
import { alawToSlin, GSM_FRAME_BYTES, GsmDecoder, mulawToSlin, wav49ToGsm } from "../../media/index.ts";
import { type TelephoneSink, takenRatesHz } from "./to-telephone.ts";

/** How the samples of a file are stored. */
export interface PcmLayout {
  readonly coding: "integer" | "unsigned" | "float" | "alaw" | "mulaw" | "wav49" | "gsm";
  readonly bytesPerSample: number;
  readonly littleEndian: boolean;
  readonly channels: number;
  readonly rateHz: number;
  /** First byte of sound. */
  readonly start: number;
  /** Bytes of sound that the header promises; undefined for all there are. */
  readonly length: number | undefined;
}

/** What cannot be read, and why. */
export class NotAudio extends Error {}

const unknownLength = 0xffffffff;

function checked(layout: PcmLayout): PcmLayout {
  const { channels, rateHz } = layout;
  if (channels < 1 || channels > 8) throw new NotAudio(`${channels} channels`);
  if (rateHz < takenRatesHz.lowest || rateHz > takenRatesHz.highest) throw new NotAudio(`${rateHz} Hz`);
  return layout;
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The coding of a `fmt ` chunk (Microsoft, "Multimedia Programming Interface" 1.0; WAVE_FORMAT_EXTENSIBLE). */
function wavCoding(tag: number, bits: number): Pick<PcmLayout, "coding" | "bytesPerSample"> {
  const bytesPerSample = Math.ceil(bits / 8);
  if (tag === 1 && bytesPerSample === 1) return { coding: "unsigned", bytesPerSample };
  if (tag === 1 && bytesPerSample >= 2 && bytesPerSample <= 4) return { coding: "integer", bytesPerSample };
  if (tag === 3 && (bits === 32 || bits === 64)) return { coding: "float", bytesPerSample };
  if (tag === 6) return { coding: "alaw", bytesPerSample: 1 };
  if (tag === 7) return { coding: "mulaw", bytesPerSample: 1 };
  if (tag === 0x31) return { coding: "wav49", bytesPerSample: 1 };
  throw new NotAudio(`wav with format tag 0x${tag.toString(16)} and ${bits} bits a sample`);
}

/** @throws {@link NotAudio} */
export function readWavLayout(bytes: Uint8Array): PcmLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (ascii(bytes, 8) !== "WAVE") throw new NotAudio("RIFF without WAVE");
  let format: Omit<PcmLayout, "start" | "length"> | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    const name = ascii(bytes, at);
    if (name === "fmt " && size >= 16 && body + Math.min(size, 26) <= bytes.length) {
      const outer = view.getUint16(body, true);
      const tag = outer === 0xfffe && size >= 26 ? view.getUint16(body + 24, true) : outer;
      format = {
        ...wavCoding(tag, view.getUint16(body + 14, true)),
        littleEndian: true,
        channels: view.getUint16(body + 2, true),
        rateHz: view.getUint32(body + 4, true),
      };
    }
    if (name === "data") {
      if (!format) throw new NotAudio("wav data before its format");
      // Writers to a pipe leave 0 or all ones, or (espeak-ng, sox) the most that is possible, for a length they do not know.
      const known = size !== 0 && size < 0x7ffff000;
      return checked({ ...format, start: body, length: known ? size : undefined });
    }
    at = body + size + (size & 1);
  }
  throw new NotAudio("wav without sound in it");
}

const auCodings: ReadonlyMap<number, Pick<PcmLayout, "coding" | "bytesPerSample">> = new Map([
  [1, { coding: "mulaw", bytesPerSample: 1 }],
  [2, { coding: "integer", bytesPerSample: 1 }],
  [3, { coding: "integer", bytesPerSample: 2 }],
  [4, { coding: "integer", bytesPerSample: 3 }],
  [5, { coding: "integer", bytesPerSample: 4 }],
  [6, { coding: "float", bytesPerSample: 4 }],
  [7, { coding: "float", bytesPerSample: 8 }],
  [27, { coding: "alaw", bytesPerSample: 1 }],
]);

/** @throws {@link NotAudio} */
export function readAuLayout(bytes: Uint8Array): PcmLayout {
  if (bytes.length < 24) throw new NotAudio("au header is cut");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, size, encoding] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  const coding = auCodings.get(encoding);
  if (!coding || start < 24) throw new NotAudio(`au encoding ${encoding}`);
  const length = size === unknownLength ? undefined : size;
  const [rateHz, channels] = [view.getUint32(16), view.getUint32(20)];
  return checked({ ...coding, littleEndian: false, channels, rateHz, start, length });
}

type ReadSample = (view: DataView, at: number) => number;

function sampleReader({ coding, bytesPerSample, littleEndian }: PcmLayout): ReadSample {
  if (coding === "unsigned") return (view, at) => (view.getUint8(at) - 128) / 128;
  if (coding === "float") {
    return bytesPerSample === 8
      ? (view, at) => view.getFloat64(at, littleEndian)
      : (view, at) => view.getFloat32(at, littleEndian);
  }
  switch (bytesPerSample) {
    case 1:
      return (view, at) => view.getInt8(at) / 0x80;
    case 2:
      return (view, at) => view.getInt16(at, littleEndian) / 0x8000;
    case 3:
      return littleEndian
        ? (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 0x10000) / 0x800000
        : (view, at) => (view.getInt8(at) * 0x10000 + view.getUint16(at + 1)) / 0x800000;
    default:
      return (view, at) => view.getInt32(at, littleEndian) / 0x80000000;
  }
}

function channelsOf(block: Uint8Array, layout: PcmLayout): Float32Array[] {
  const { channels, bytesPerSample, coding } = layout;
  const frames = Math.floor(block.length / (channels * bytesPerSample));
  const split = Array.from({ length: channels }, () => new Float32Array(frames));
  if (coding === "alaw" || coding === "mulaw") {
    const linear = coding === "alaw" ? alawToSlin(block) : mulawToSlin(block);
    for (const [c, channel] of split.entries()) {
      for (let i = 0; i < frames; i++) channel[i] = (linear[i * channels + c] ?? 0) / 32768;
    }
    return split;
  }
  const read = sampleReader(layout);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (const [c, channel] of split.entries()) {
    for (let i = 0; i < frames; i++) {
      const sample = read(view, (i * channels + c) * bytesPerSample);
      // Floating point can hold what is no number.
      channel[i] = Number.isFinite(sample) ? sample : 0;
    }
  }
  return split;
}

/** Bytes of a block that can be decoded alone: whole samples of all channels, or whole GSM blocks. */
export function pcmUnitBytes({ coding, channels, bytesPerSample }: PcmLayout): number {
  if (coding === "wav49") return 65;
  return coding === "gsm" ? GSM_FRAME_BYTES : channels * bytesPerSample;
}

/** Gives the sound of a layout to a sink. @param sound the bytes of sound, whole units */
export function decodePcm(sound: Uint8Array, layout: PcmLayout, sink: TelephoneSink): void {
  const unit = pcmUnitBytes(layout);
  const gsm = new GsmDecoder();
  const blockBytes = unit * Math.ceil((1 << 15) / unit);
  for (let at = 0; at < sound.length; at += blockBytes) {
    const block = sound.subarray(at, at + blockBytes);
    if (layout.coding === "wav49" || layout.coding === "gsm") {
      const frames = layout.coding === "gsm" ? block : wav49ToGsm(block);
      sink.push([Float32Array.from(gsm.decode(frames), (sample) => sample / 32768)], layout.rateHz);
    } else {
      sink.push(channelsOf(block, layout), layout.rateHz);
    }
  }
}
