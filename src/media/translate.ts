/**
 * Translation between formats by the rules of spec/media.md §1: single conversions have a cost, and where there is
 * none, the cheapest chain through linear formats of at most three.
 */
import { BlockAligner, bytesOf, samplesOf } from "./block-aligner.ts";
import { type MediaFormat, mediaFormats, parseFormat } from "./format.ts";
import { alawToMulaw, alawToSlin, mulawToAlaw, mulawToSlin, slinToAlaw, slinToMulaw } from "./g711.ts";
import { GsmDecoder } from "./gsm-decoder.ts";
import { GsmEncoder } from "./gsm-encoder.ts";
import { createResampler } from "./resample.ts";

/** Translates a stream of blocks. Never throws; keeps what does not make a whole sample or frame for the next block. */
export interface Translator {
  readonly from: MediaFormat;
  readonly to: MediaFormat;
  /** Takes a block of any size. The result may be empty, and is the given array itself when the formats are equal. */
  translate(block: Uint8Array): Uint8Array;
}

type Convert = (block: Uint8Array) => Uint8Array;

interface Conversion {
  readonly to: MediaFormat;
  readonly cost: number;
  /** Bytes that must not be cut in front of it. */
  readonly unitBytes: number;
  create(): Convert;
}

const MAX_STEPS = 3;
const GSM_FRAME_SLIN_BYTES = 320;

function duplicate(block: Uint8Array): Uint8Array {
  const mono = samplesOf(block);
  const stereo = new Int16Array(mono.length * 2);
  for (let i = 0; i < mono.length; i++) {
    const sample = mono[i] ?? 0;
    stereo[2 * i] = sample;
    stereo[2 * i + 1] = sample;
  }
  return bytesOf(stereo);
}

function average(block: Uint8Array): Uint8Array {
  const stereo = samplesOf(block);
  const mono = new Int16Array(stereo.length >> 1);
  for (let i = 0; i < mono.length; i++) {
    mono[i] = ((stereo[2 * i] ?? 0) + (stereo[2 * i + 1] ?? 0)) >> 1;
  }
  return bytesOf(mono);
}

/** How to convert one format into another in a single step, if there is a way. */
function conversion(from: MediaFormat, to: MediaFormat): Conversion | undefined {
  const step = (cost: number, create: () => Convert, unitBytes = from.unitBytes): Conversion => ({
    to,
    cost,
    unitBytes,
    create,
  });
  const codecs = `${from.codec}>${to.codec}`;
  if (codecs === "slin>slin") {
    if (from.channels === 1 && to.channels === 1) {
      return step(2, () => {
        const resampler = createResampler(from.sampleRateHz, to.sampleRateHz);
        return (block) => bytesOf(resampler.push(samplesOf(block)));
      });
    }
    if (from.sampleRateHz !== to.sampleRateHz || from.channels === to.channels) return undefined;
    return to.channels === 2 ? step(1, () => duplicate) : step(2, () => average);
  }
  if (from.channels !== to.channels || from.sampleRateHz !== to.sampleRateHz) return undefined;
  switch (codecs) {
    case "alaw>slin":
      return step(1, () => (block) => bytesOf(alawToSlin(block)));
    case "mulaw>slin":
      return step(1, () => (block) => bytesOf(mulawToSlin(block)));
    case "slin>alaw":
      return step(1, () => (block) => slinToAlaw(samplesOf(block)));
    case "slin>mulaw":
      return step(1, () => (block) => slinToMulaw(samplesOf(block)));
    case "alaw>mulaw":
      return step(1, () => alawToMulaw);
    case "mulaw>alaw":
      return step(1, () => mulawToAlaw);
    case "gsm>slin":
      return step(5, () => {
        const decoder = new GsmDecoder();
        return (block) => bytesOf(decoder.decode(block));
      });
    case "slin>gsm":
      return step(
        5,
        () => {
          const encoder = new GsmEncoder();
          return (block) => encoder.encode(samplesOf(block));
        },
        GSM_FRAME_SLIN_BYTES,
      );
    default:
      return undefined;
  }
}

interface Chain {
  readonly cost: number;
  readonly steps: readonly Conversion[];
}

const chains = new Map<string, Chain | undefined>();

/** The cheapest chain; of equals the shortest. A single conversion always wins over a chain. */
function findChain(from: MediaFormat, to: MediaFormat): Chain | undefined {
  if (from === to) return { cost: 0, steps: [] };
  const direct = conversion(from, to);
  if (direct) return { cost: direct.cost, steps: [direct] };
  let best: Chain | undefined;
  const linear = mediaFormats().filter(
    (format) => format.codec === "slin" && format !== from && format !== to,
  );
  const extend = (at: MediaFormat, soFar: Chain): void => {
    const last = conversion(at, to);
    const cost = soFar.cost + (last?.cost ?? 0);
    if (
      last &&
      (!best || cost < best.cost || (cost === best.cost && soFar.steps.length + 1 < best.steps.length))
    ) {
      best = { cost, steps: [...soFar.steps, last] };
    }
    if (soFar.steps.length + 1 >= MAX_STEPS) return;
    for (const via of linear) {
      const next = conversion(at, via);
      if (next) extend(via, { cost: soFar.cost + next.cost, steps: [...soFar.steps, next] });
    }
  };
  extend(from, { cost: 0, steps: [] });
  return best;
}

function chainOf(from: MediaFormat, to: MediaFormat): Chain | undefined {
  const key = `${from.name}>${to.name}`;
  if (!chains.has(key)) chains.set(key, findChain(from, to));
  return chains.get(key);
}

function formatOf(format: MediaFormat | string): MediaFormat | undefined {
  return parseFormat(typeof format === "string" ? format : format.name);
}

/**
 * Cost of the way from one format to another, in the reference engine's units: 0 for equal formats, undefined when
 * there is no way or a name is unknown.
 */
export function translationCost(from: MediaFormat | string, to: MediaFormat | string): number | undefined {
  const source = formatOf(from);
  const target = formatOf(to);
  return source && target ? chainOf(source, target)?.cost : undefined;
}

/** Makes a translator for one stream, or undefined where {@link translationCost} is. */
export function createTranslator(
  from: MediaFormat | string,
  to: MediaFormat | string,
): Translator | undefined {
  const source = formatOf(from);
  const target = formatOf(to);
  const chain = source && target && chainOf(source, target);
  if (!(source && target && chain)) return undefined;
  const steps = chain.steps.map((step) => ({
    aligner: new BlockAligner(step.unitBytes),
    convert: step.create(),
  }));
  return {
    from: source,
    to: target,
    translate(block: Uint8Array): Uint8Array {
      let bytes = block;
      for (const { aligner, convert } of steps) bytes = convert(aligner.push(bytes));
      return bytes;
    },
  };
}
