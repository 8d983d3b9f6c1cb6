import { errorText } from "../base/index.ts";
import {
  bytesOf,
  type OpusCodec,
  type OpusDecoder,
  type OpusEncoder,
  opusSampleRateHz,
  samplesOf,
} from "../media/index.ts";

/** Opus, if its package is there: it is optional, and loaded when it is first asked for. */
export interface OpusLibrary {
  /** Resolves to undefined when it cannot be loaded. Loads once. */
  load(): Promise<OpusCodec | undefined>;
  /** What `load` has found. */
  readonly loaded: OpusCodec | undefined;
  /** Why there is none, and what to do; undefined before `load` has found that out. */
  readonly missing: string | undefined;
}

/** Bits a second that speech of 16 kHz needs to sound as it is. */
const bitRate = 24_000;
/** Work for quality, 0…10: with more than this speech gains little, and a frame costs twice the time. */
const complexity = 5;
/** What each packet tells of the one before is made for so much loss (RFC 6716 §2.1.7). */
const expectedLossPercent = 10;

/** What the package `@evan/opus` gives, as far as it is used. */
interface OpusPackage {
  readonly Encoder: new (options: {
    channels: 1;
    sample_rate: number;
    application: "voip";
  }) => PackageEncoder;
  readonly Decoder: new (options: {
    channels: 1;
    sample_rate: number;
  }) => { decode(packet: Uint8Array): Uint8Array };
}

interface PackageEncoder {
  bitrate: number;
  complexity: number;
  inband_fec: boolean;
  packet_loss: number;
  signal: string;
  encode(samples: Uint8Array): Uint8Array;
}

// Not a literal: it shall compile, and be bundled, where the package is not.
const packageName: string = "@evan/opus";

/** @param importPackage how to get the package; default is to import it by its name */
export function createOpusLibrary(
  importPackage: () => Promise<unknown> = () => import(packageName),
): OpusLibrary {
  let loading: Promise<OpusCodec | undefined> | undefined;
  let loaded: OpusCodec | undefined;
  let missing: string | undefined;

  const load = async (): Promise<OpusCodec | undefined> => {
    try {
      const found: unknown = await importPackage();
      if (!isOpusPackage(found)) throw new TypeError("it has no Encoder and Decoder");
      loaded = codecOf(found);
    } catch (error) {
      missing = `opus needs the package ${packageName}: npm install ${packageName} (${firstLine(errorText(error))})`;
    }
    return loaded;
  };

  return {
    load() {
      loading ??= load();
      return loading;
    },
    get loaded() {
      return loaded;
    },
    get missing() {
      return missing;
    },
  };
}

/** That of this process. */
export const opusLibrary: OpusLibrary = createOpusLibrary();

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function isOpusPackage(found: unknown): found is OpusPackage {
  if (typeof found !== "object" || found === null) return false;
  return ["Encoder", "Decoder"].every((name) => typeof Reflect.get(found, name) === "function");
}

function codecOf({ Encoder, Decoder }: OpusPackage): OpusCodec {
  return {
    createEncoder(): OpusEncoder {
      const encoder = new Encoder({ channels: 1, sample_rate: opusSampleRateHz, application: "voip" });
      encoder.bitrate = bitRate;
      encoder.complexity = complexity;
      encoder.signal = "voice";
      encoder.inband_fec = true;
      encoder.packet_loss = expectedLossPercent;
      return { encode: (samples) => encoder.encode(bytesOf(samples)) };
    },
    createDecoder(): OpusDecoder {
      const decoder = new Decoder({ channels: 1, sample_rate: opusSampleRateHz });
      return { decode: (packet) => samplesOf(decoder.decode(packet)) };
    },
  };
}
