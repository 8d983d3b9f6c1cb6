/**
 * Sound files as streams: the ending chooses container and format (spec/media.md §4), a header reader and a header writer
 * do the rest. Bytes in, values out; opening files is the caller's.
 */
import { createAuHeader, parseAuHeader } from "./au-file.ts";
import { BlockAligner } from "./block-aligner.ts";
import { type MediaFormat, parseFormat } from "./format.ts";
import { GSM_FRAME_BYTES, gsmToWav49, WAV49_BLOCK_BYTES, wav49ToGsm } from "./gsm-frame.ts";
import { createWavHeader, parseWavHeader } from "./wav-file.ts";

/** `raw` has no header. */
export type SoundContainer = "raw" | "au" | "wav";

/**
 * How the bytes in the file differ from those of the media format: `none`; `swap16`, big-endian samples; `wav49`, GSM
 * frames packed in pairs of 65 bytes.
 */
export type SoundPacking = "none" | "swap16" | "wav49";

/** What a file name says. */
export interface SoundFileKind {
  readonly container: SoundContainer;
  /** Format of a raw file; of the others the format that a recording gets unless told otherwise. */
  readonly format: MediaFormat;
}

/** Where the sound of a file is and how it is stored. */
export interface SoundLayout {
  readonly kind: "sound";
  readonly format: MediaFormat;
  readonly packing: SoundPacking;
  /** First byte of sound. */
  readonly dataOffset: number;
  /** Bytes of sound as the header tells; undefined means to the end of the file. A cut file has less. */
  readonly dataLength?: number;
}

/** Outcome of reading a header: a layout, a wish for at least so many first bytes of the file, or why it cannot be played. */
export type SoundHeader =
  | SoundLayout
  | { readonly kind: "more"; readonly needBytes: number }
  | { readonly kind: "unsupported"; readonly reason: string };

/** Bytes to write over an earlier part of the file. */
export interface SoundPatch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How to write a file of some container and format. */
export interface SoundWriterLayout {
  readonly format: MediaFormat;
  readonly packing: SoundPacking;
  /** Bytes to write before the first sound, with the length open; empty for a raw file. */
  readonly header: Uint8Array;
  /** What to correct, and to append at the end of the file, once `dataBytes` of packed sound are written. */
  finish(dataBytes: number): { readonly patches: readonly SoundPatch[]; readonly trailer: Uint8Array };
}

/** Changes the packing of a stream, block by block; keeps what is cut for the next block. */
export type SoundTransform = (block: Uint8Array) => Uint8Array;

const RAW_ENDINGS: ReadonlyMap<string, string> = new Map([
  ["mulaw", "mulaw"],
  ["u", "mulaw"],
  ["alaw", "alaw"],
  ["A", "alaw"],
  ["gsm", "gsm"],
  ["2slin", "2*slin"],
  ["2alaw", "2*alaw"],
  ["2mulaw", "2*mulaw"],
]);
const FOREIGN_ENDINGS: ReadonlySet<string> = new Set(["g729", "g722", "ilbc20", "ilbc30", "lbc"]);

/**
 * Container and format by the ending of a file name; unknown and missing endings are raw slin.
 * @returns undefined for the endings of codecs that this layer lacks (.g729 .g722 .ilbc20 .ilbc30 .lbc).
 */
export function soundFileKind(fileName: string): SoundFileKind | undefined {
  const ending = /\.([^./]*)$/.exec(fileName)?.[1] ?? "";
  if (FOREIGN_ENDINGS.has(ending)) return undefined;
  const container = ending === "au" || ending === "wav" ? ending : "raw";
  const format = parseFormat(RAW_ENDINGS.get(ending) ?? "slin");
  return format && { container, format };
}

/**
 * Reads the header from the first bytes of a file, 64 to begin with.
 * @param complete true when `bytes` are the whole file, so that asking for more would be in vain.
 */
export function readSoundHeader(kind: SoundFileKind, bytes: Uint8Array, complete: boolean): SoundHeader {
  const raw: SoundLayout = { kind: "sound", format: kind.format, packing: "none", dataOffset: 0 };
  if (kind.container === "raw") return raw;
  const header = kind.container === "au" ? parseAuHeader(bytes) : parseWavHeader(bytes);
  // A file without the header that its ending promises is raw slin, as in the reference engine.
  if (header === undefined) return raw;
  if (header.kind === "more" && complete) {
    return { kind: "unsupported", reason: `the ${kind.container} header is cut after ${bytes.length} bytes` };
  }
  return header;
}

/**
 * Chooses packing and header for a recording.
 * @returns undefined if the container has no place for the format (`gsm` in .au).
 */
export function soundWriter(container: SoundContainer, format: MediaFormat): SoundWriterLayout | undefined {
  if (container === "au") return createAuHeader(format);
  if (container === "wav") return createWavHeader(format);
  return {
    format,
    packing: "none",
    header: new Uint8Array(0),
    finish: () => ({ patches: [], trailer: new Uint8Array(0) }),
  };
}

/** Exchanges the bytes of each 16-bit sample, into a new array; a last odd byte is left out. */
export function byteSwap(bytes: Uint8Array): Uint8Array {
  const swapped = new Uint8Array(bytes.length & ~1);
  for (let i = 0; i < swapped.length; i += 2) {
    swapped[i] = bytes[i + 1] ?? 0;
    swapped[i + 1] = bytes[i] ?? 0;
  }
  return swapped;
}

/** From the bytes of a file to those of its media format. */
export function unpackSound(layout: { format: MediaFormat; packing: SoundPacking }): SoundTransform {
  switch (layout.packing) {
    case "none":
      return (block) => block;
    case "swap16": {
      const aligner = new BlockAligner(2);
      return (block) => byteSwap(aligner.push(block));
    }
    case "wav49": {
      const aligner = new BlockAligner(WAV49_BLOCK_BYTES);
      return (block) => wav49ToGsm(aligner.push(block));
    }
  }
}

/** From the bytes of a media format to those of a file. */
export function packSound(layout: { format: MediaFormat; packing: SoundPacking }): SoundTransform {
  if (layout.packing !== "wav49") return unpackSound(layout);
  const aligner = new BlockAligner(2 * GSM_FRAME_BYTES);
  return (block) => gsmToWav49(aligner.push(block));
}
