import { extname } from "node:path";
import { errorText } from "../../base/index.ts";
import { opusPacketMs, samplesOf, soundFileKind } from "../../media/index.ts";
import { looksLikeMp3, walkMp3 } from "./mp3-frames.ts";
import { looksLikeOgg, readOgg } from "./ogg-pages.ts";
import {
  type ImportPackage,
  importByName,
  loadPacketDecoder,
  loadStreamDecoder,
} from "./optional-decoders.ts";
import {
  decodePcm,
  NotAudio,
  type PcmLayout,
  pcmUnitBytes,
  readAuLayout,
  readWavLayout,
} from "./pcm-file.ts";
import type { SoundFailure, SoundFailureReason } from "./sound-outcome.ts";
import { createTelephoneSink, type TelephoneSink, TooLong } from "./to-telephone.ts";

/** How to decode. */
export interface DecodeOptions {
  /** Most samples of the result; more is a failure `too-large`. */
  readonly maxSamples: number;
  /** How to load the packages that decode mp3 and ogg. Default `import`. */
  readonly importPackage?: ImportPackage | undefined;
}

/** Linear samples, 8 kHz, one channel. */
export interface DecodedSound {
  readonly kind: "decoded";
  readonly samples: Int16Array;
}

/** Endings of files without a header, and their format in the names of layer media. */
const rawEndings: ReadonlySet<string> = new Set([
  ".slin",
  ".alaw",
  ".A",
  ".mulaw",
  ".u",
  ".gsm",
  ".raw",
  ".sln",
]);

/** Whether a file of this name is taken for raw sound, by its ending alone. */
export function isRawSound(fileName: string): boolean {
  return rawEndings.has(extname(fileName));
}

function failed(reason: SoundFailureReason, text: string, cause?: unknown): SoundFailure {
  return { kind: "failed", reason, text, cause };
}

function rawLayout(fileName: string): PcmLayout {
  const codec = soundFileKind(fileName)?.format.codec ?? "slin";
  return {
    coding: codec === "slin" ? "integer" : codec,
    bytesPerSample: codec === "slin" ? 2 : 1,
    littleEndian: true,
    channels: 1,
    rateHz: 8000,
    start: 0,
    length: undefined,
  };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

function layoutOf(bytes: Uint8Array, fileName: string): PcmLayout | undefined {
  if (isRawSound(fileName)) return rawLayout(fileName);
  if (startsWith(bytes, "RIFF")) return readWavLayout(bytes);
  if (startsWith(bytes, ".snd")) return readAuLayout(bytes);
  return undefined;
}

function cut(what: string): SoundFailure {
  return failed("truncated", `${what} ends before its sound does`);
}

function pcm(bytes: Uint8Array, layout: PcmLayout, sink: TelephoneSink): SoundFailure | undefined {
  const end = layout.length === undefined ? bytes.length : layout.start + layout.length;
  if (end > bytes.length) return cut("the file");
  const sound = bytes.subarray(layout.start, end);
  if (sound.length % pcmUnitBytes(layout) !== 0) return cut("the file");
  decodePcm(sound, layout, sink);
  return undefined;
}

const pieceBytes = 1 << 16;

async function stream(
  format: "mp3" | "ogg vorbis",
  bytes: Uint8Array,
  sink: TelephoneSink,
  importPackage: ImportPackage,
): Promise<SoundFailure | undefined> {
  const decoder = await loadStreamDecoder(format, importPackage);
  if ("kind" in decoder) return decoder;
  try {
    const take = ({
      channelData,
      samplesDecoded,
      sampleRate,
    }: Awaited<ReturnType<typeof decoder.decode>>): void => {
      if (samplesDecoded > 0) sink.push(channelData, sampleRate);
    };
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      take(await decoder.decode(bytes.subarray(at, at + pieceBytes)));
    }
    if (decoder.flush) take(await decoder.flush());
    return undefined;
  } finally {
    decoder.free();
  }
}

const opusRateHz = 16_000;
/** RFC 7845 §4: positions count 48,000 a second, whatever the rate. */
const opusUnits = 48_000 / opusRateHz;

/** Ogg Opus (RFC 7845): two packets of headers, then sound, of which `pre-skip` is left out at the beginning. */
async function opus(
  bytes: Uint8Array,
  sink: TelephoneSink,
  importPackage: ImportPackage,
): Promise<SoundFailure | undefined> {
  const { packets } = readOgg(bytes);
  const head = packets[0]?.bytes ?? new Uint8Array(0);
  if (head.length < 19) throw new NotAudio("its Opus header is cut");
  const decoder = await loadPacketDecoder(opusRateHz, importPackage);
  if ("kind" in decoder) return decoder;
  const preSkip = (head[10] ?? 0) | ((head[11] ?? 0) << 8);
  let skip = Math.round(preSkip / opusUnits);
  // The position of the last page tells where within its packets the sound ends.
  const last = Number(packets.at(-1)?.granule ?? 0n);
  let left = last > preSkip ? Math.round((last - preSkip) / opusUnits) : Number.POSITIVE_INFINITY;
  for (const { bytes: packet } of packets.slice(2)) {
    if (opusPacketMs(packet) === undefined) continue;
    const samples = samplesOf(Uint8Array.from(decoder.decode(packet)));
    const sound = samples.subarray(Math.min(skip, samples.length)).subarray(0, left);
    skip = Math.max(0, skip - samples.length);
    left -= sound.length;
    if (sound.length > 0) sink.push([Float32Array.from(sound, (sample) => sample / 32768)], opusRateHz);
  }
  return undefined;
}

async function fill(
  bytes: Uint8Array,
  fileName: string,
  sink: TelephoneSink,
  importPackage: ImportPackage,
): Promise<SoundFailure | undefined> {
  const layout = layoutOf(bytes, fileName);
  if (layout) return pcm(bytes, layout, sink);
  if (looksLikeOgg(bytes)) {
    const { packets, truncated } = readOgg(bytes);
    const head = packets[0]?.bytes ?? new Uint8Array(0);
    if (truncated) return cut("the ogg file");
    if (startsWith(head, "OpusHead")) return opus(bytes, sink, importPackage);
    if (startsWith(head.subarray(1), "vorbis")) return stream("ogg vorbis", bytes, sink, importPackage);
    throw new NotAudio("ogg with something other than vorbis or opus");
  }
  const walk = looksLikeMp3(bytes) ? walkMp3(bytes) : undefined;
  if (!walk) throw new NotAudio("its first bytes are not those of wav, au, mp3 or ogg");
  if (walk.truncated) return cut("the mp3 file");
  return stream("mp3", bytes, sink, importPackage);
}

/**
 * Decodes the bytes of a sound file. Files without a header are told by their ending (`.slin`, `.alaw`, `.mulaw`, `.gsm`),
 * all others by their first bytes: wav, au, mp3, ogg with vorbis or opus. Never rejects.
 */
export async function decodeFile(
  bytes: Uint8Array,
  fileName: string,
  { maxSamples, importPackage = importByName }: DecodeOptions,
): Promise<DecodedSound | SoundFailure> {
  const named = (failure: SoundFailure): SoundFailure => ({
    ...failure,
    text: `${fileName}: ${failure.text}`,
  });
  if (bytes.length === 0) return named(failed("empty", "the file is empty"));
  const sink = createTelephoneSink(maxSamples);
  try {
    const failure = await fill(bytes, fileName, sink, importPackage);
    if (failure) return named(failure);
    const samples = sink.finish();
    return samples.length > 0 ? { kind: "decoded", samples } : named(failed("empty", "no sound in it"));
  } catch (error) {
    if (error instanceof TooLong) return named(failed("too-large", error.message));
    return named(failed("not-audio", `it cannot be played: ${errorText(error)}`, error));
  }
}
