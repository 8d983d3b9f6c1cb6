import {
  alawToSlin,
  bytesOf,
  type MediaFormat,
  mulawToSlin,
  parseFormat,
  slinToAlaw,
  slinToMulaw,
} from "../../media/index.ts";
import type { AudioFormat } from "./audio.ts";

/** A format of the attachment as it travels. */
export interface AudioCodec {
  readonly media: MediaFormat;
  /** spec/rtp.md §2; `slin` is in little endian there. */
  readonly payloadType: number;
  /** A new array. */
  encode(samples: Int16Array): Uint8Array;
  /** A new array. */
  decode(bytes: Uint8Array): Int16Array;
}

/** Linear samples at 16 kHz, for which engines have no number of their own: both sides are told one (spec/rtp.md §2). */
export function wideCodec(): AudioCodec | undefined {
  const media = parseFormat("slin/16000");
  const narrow = audioCodec("slin");
  return media && narrow && { ...narrow, media, payloadType: 96 };
}

/** @returns undefined for what is no format of ours */
export function audioCodec(format: AudioFormat): AudioCodec | undefined {
  const media = parseFormat(format);
  if (!media) return undefined;
  switch (format) {
    case "alaw":
      return { media, payloadType: 8, encode: slinToAlaw, decode: alawToSlin };
    case "mulaw":
      return { media, payloadType: 0, encode: slinToMulaw, decode: mulawToSlin };
    case "slin":
      return {
        media,
        payloadType: 11,
        encode: (samples) => bytesOf(samples.slice()),
        decode: (bytes) => new Int16Array(bytes.slice().buffer),
      };
    default:
      return undefined;
  }
}
