/** Codecs that the media layer can translate. */
export type Codec = "slin" | "alaw" | "mulaw" | "gsm";

/** Sampling rates in Hz that a {@link MediaFormat} may have. */
export type SampleRateHz = 8000 | 16000 | 32000;

/** A media format: what `[<channels>*]<codec>[/<rate>]` names. */
export interface MediaFormat {
  /** Canonical name: channels only when 2, rate only when not 8000. */
  readonly name: string;
  readonly codec: Codec;
  /** Interleaved channels. */
  readonly channels: 1 | 2;
  readonly sampleRateHz: SampleRateHz;
  /** Smallest number of bytes that make sense alone: a frame for GSM, else one sample of every channel. */
  readonly unitBytes: number;
  /** Bytes of one nominal frame of {@link frameMs} (spec/media.md §1, but right at 32 kHz). */
  readonly frameBytes: number;
  /** Nominal frame time in milliseconds: 20 for GSM, else 10. */
  readonly frameMs: number;
  /**
   * Byte that stands for silence when repeated: 0 for slin, 0xd5 A-law, 0xff mu-law. Zero bytes are no GSM
   * frame; the decoder plays them as silence all the same.
   */
  readonly silenceByte: number;
}

const BYTES_PER_SAMPLE: Readonly<Record<Exclude<Codec, "gsm">, number>> = { slin: 2, alaw: 1, mulaw: 1 };
const SILENCE: Readonly<Record<Codec, number>> = { slin: 0, alaw: 0xd5, mulaw: 0xff, gsm: 0 };
const RATES: readonly SampleRateHz[] = [8000, 16000, 32000];

function build(codec: Codec, channels: 1 | 2, sampleRateHz: SampleRateHz): MediaFormat {
  const gsm = codec === "gsm";
  const unitBytes = gsm ? 33 : BYTES_PER_SAMPLE[codec] * channels;
  return Object.freeze({
    name: `${channels === 1 ? "" : `${channels}*`}${codec}${sampleRateHz === 8000 ? "" : `/${sampleRateHz}`}`,
    codec,
    channels,
    sampleRateHz,
    unitBytes,
    frameBytes: gsm ? 33 : (unitBytes * sampleRateHz) / 100,
    frameMs: gsm ? 20 : 10,
    silenceByte: SILENCE[codec],
  });
}

const FORMATS: ReadonlyMap<string, MediaFormat> = new Map(
  [
    ...RATES.flatMap((rate) => (["slin", "alaw", "mulaw"] as const).map((codec) => build(codec, 1, rate))),
    ...RATES.map((rate) => build("slin", 2, rate)),
    build("alaw", 2, 8000),
    build("mulaw", 2, 8000),
    build("gsm", 1, 8000),
  ].map((format) => [format.name, format]),
);

const NAME = /^(?:([12])\*)?([a-z0-9]+)(?:\/(\d{1,6}))?$/;

/** Every format of this layer, by canonical name. */
export function mediaFormats(): MediaFormat[] {
  return [...FORMATS.values()];
}

/**
 * Reads a format name, `[<channels>*]<codec>[/<rate>]` with defaults 1 and 8000.
 * @returns the format (always the same object for the same format), or undefined for a name that is not ours.
 */
export function parseFormat(name: string): MediaFormat | undefined {
  const known = FORMATS.get(name);
  if (known) return known;
  const [matched, channels = "1", codec = "", rate = "8000"] = NAME.exec(name) ?? [];
  if (matched === undefined) return undefined;
  return FORMATS.get(
    `${channels === "1" ? "" : `${channels}*`}${codec}${Number(rate) === 8000 ? "" : `/${Number(rate)}`}`,
  );
}

/** The canonical form of a format name (`1*slin/8000` is `slin`), or undefined for a name that is not ours. */
export function canonicalFormat(name: string): string | undefined {
  return parseFormat(name)?.name;
}

/** Bytes that `durationMs` of a format take, rounded down to whole units (33-byte frames for GSM). Never negative. */
export function bytesForMs(format: MediaFormat, durationMs: number): number {
  const units =
    format.codec === "gsm" ? durationMs / format.frameMs : (durationMs * format.sampleRateHz) / 1000;
  return Math.max(0, Math.floor(units + 1e-9)) * format.unitBytes;
}

/** Playing time in milliseconds of so many bytes of a format. */
export function msForBytes(format: MediaFormat, bytes: number): number {
  return (bytes / format.frameBytes) * format.frameMs;
}

/** `durationMs` of silence in a format: a new array of {@link bytesForMs} bytes. */
export function silence(format: MediaFormat, durationMs: number): Uint8Array {
  return new Uint8Array(bytesForMs(format, durationMs)).fill(format.silenceByte);
}
