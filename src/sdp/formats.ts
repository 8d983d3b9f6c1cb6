import type { Codec } from "./description.ts";

/** How a format of the engine is named in RTP. */
export interface RtpFormat {
  /** The engine's name. */
  readonly format: string;
  readonly encoding: string;
  /** Rate of the RTP timestamps in Hz. */
  readonly clockRateHz: number;
  readonly channels: number;
  /** The number RFC 3551 binds to it; undefined: one of 96 to 127 is chosen (never another static number). */
  readonly staticPayload?: number;
  /** The number spec/rtp.md §2 lists for it: what counts as standard in `rtp_mapping`, not what goes over the wire. */
  readonly yatePayload?: number;
  /** Number that is tried first when one of 96 to 127 is chosen. */
  readonly preferredPayload?: number;
  /** What our own fmtp line says. */
  readonly fmtp?: string;
}

type Row = readonly [
  format: string,
  encoding: string,
  clockRateHz: number,
  channels: number,
  numbers: { readonly fixed?: number; readonly yate?: number; readonly first?: number },
  fmtp?: string,
];

/*
 * Numbers: `fixed` as RFC 3551 §6 binds it, `yate` where spec/rtp.md §2 has one, `first` a dynamic one of our choice. L16 is
 * where both part: 10 and 11 are L16 at 44100 Hz in RFC 3551, so `slin` at 8000 Hz travels under a dynamic number.
 * 2 is reserved now and was G726-32 before RFC 3551: it is understood (staticCodecs below), and not used.
 */
const ROWS: readonly Row[] = [
  ["mulaw", "PCMU", 8000, 1, { fixed: 0, yate: 0 }],
  ["alaw", "PCMA", 8000, 1, { fixed: 8, yate: 8 }],
  ["gsm", "GSM", 8000, 1, { fixed: 3, yate: 3 }],
  ["slin", "L16", 8000, 1, { yate: 11, first: 110 }],
  ["2*slin", "L16", 8000, 2, { yate: 10, first: 119 }],
  ["slin/16000", "L16", 16000, 1, { first: 120 }],
  ["slin/32000", "L16", 32000, 1, { first: 121 }],
  ["2*slin/16000", "L16", 16000, 2, { first: 122 }],
  ["2*slin/32000", "L16", 32000, 2, { first: 123 }],
  ["2*mulaw", "PCMU", 8000, 2, { yate: 117, first: 117 }],
  ["2*alaw", "PCMA", 8000, 2, { yate: 118, first: 118 }],
  ["mulaw/16000", "PCMU", 16000, 1, { first: 124 }],
  ["alaw/16000", "PCMA", 16000, 1, { first: 125 }],
  ["mulaw/32000", "PCMU", 32000, 1, {}],
  ["alaw/32000", "PCMA", 32000, 1, {}],
  // RFC 3551 §4.5.2: the clock of G722 is 8000 for historical reasons, its sound 16000.
  ["g722/16000", "G722", 8000, 1, { fixed: 9, yate: 9 }],
  ["g723", "G723", 8000, 1, { fixed: 4, yate: 4 }],
  ["g726", "G726-32", 8000, 1, { yate: 2, first: 112 }],
  ["g728", "G728", 8000, 1, { fixed: 15, yate: 15 }],
  ["g729", "G729", 8000, 1, { fixed: 18, yate: 18 }, "annexb=no"],
  ["lpc10", "LPC", 8000, 1, { fixed: 7, yate: 7 }],
  ["ilbc30", "iLBC", 8000, 1, { yate: 98, first: 98 }, "mode=30"],
  ["ilbc20", "iLBC", 8000, 1, { yate: 98, first: 98 }, "mode=20"],
  ["amr", "AMR", 8000, 1, { yate: 96, first: 96 }, "octet-align=0"],
  ["amr-o", "AMR", 8000, 1, { yate: 96, first: 96 }, "octet-align=1"],
  ["amr/16000", "AMR-WB", 16000, 1, { yate: 99, first: 99 }, "octet-align=0"],
  ["amr-o/16000", "AMR-WB", 16000, 1, { yate: 99, first: 99 }, "octet-align=1"],
  ["speex", "speex", 8000, 1, { yate: 102, first: 102 }],
  ["speex/16000", "speex", 16000, 1, { yate: 103, first: 103 }],
  ["speex/32000", "speex", 32000, 1, { yate: 104, first: 104 }],
  ["isac/16000", "iSAC", 16000, 1, { yate: 105, first: 105 }],
  ["isac/32000", "iSAC", 32000, 1, { yate: 106, first: 106 }],
  ["gsm-efr", "GSM-EFR", 8000, 1, { yate: 107, first: 107 }],
  // RFC 7587 §7: always 48000/2 in the rtpmap, whatever is sent; the engine hears one channel of 16 kHz.
  ["opus", "opus", 48000, 2, { first: 111 }, "maxplaybackrate=16000;stereo=0;sprop-stereo=0"],
  ["mpa", "MPA", 90000, 1, { fixed: 14, yate: 14 }],
  ["mjpeg", "JPEG", 90000, 1, { fixed: 26, yate: 26 }],
  ["h261", "H261", 90000, 1, { fixed: 31, yate: 31 }],
  ["h263", "H263", 90000, 1, { fixed: 34, yate: 34 }],
  ["h263-1998", "H263-1998", 90000, 1, { yate: 111, first: 113 }],
  ["h263-2000", "H263-2000", 90000, 1, { yate: 112, first: 114 }],
  ["h264", "H264", 90000, 1, { yate: 114, first: 115 }],
];

/** Every format that has a name in RTP (spec/rtp.md §2, RFC 3551, RFC 7587). */
export const rtpFormats: readonly RtpFormat[] = ROWS.map(
  ([format, encoding, clockRateHz, channels, numbers, fmtp]) => ({
    format,
    encoding,
    clockRateHz,
    channels,
    ...(numbers.fixed !== undefined && { staticPayload: numbers.fixed }),
    ...(numbers.yate !== undefined && { yatePayload: numbers.yate }),
    ...(numbers.first !== undefined && { preferredPayload: numbers.first }),
    ...(fmtp !== undefined && { fmtp }),
  }),
);

/** Other names for the same thing. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["g722", "g722/16000"],
  ["ilbc", "ilbc30"],
]);

const byFormat: ReadonlyMap<string, RtpFormat> = new Map(rtpFormats.map((row) => [row.format, row]));

const key = (encoding: string, clockRateHz: number, channels: number): string =>
  `${encoding.toLowerCase()}/${clockRateHz}/${channels}`;

/** The first row wins; those that share a key differ in their fmtp. */
const byEncoding: ReadonlyMap<string, RtpFormat> = new Map(
  rtpFormats
    .map((row): [string, RtpFormat] => [key(row.encoding, row.clockRateHz, row.channels), row])
    .reverse(),
);

/** How a format of the engine is named in RTP, or undefined for a name that has none. */
export function codecOfFormat(format: string): RtpFormat | undefined {
  return byFormat.get(ALIASES.get(format) ?? format);
}

/** The engine's name for an RTP encoding, or undefined if it has none. Encoding names are not case-sensitive. */
export function formatOfCodec(
  codec: Pick<Codec, "encoding" | "clockRateHz" | "channels"> & { readonly fmtp?: string | undefined },
): string | undefined {
  const { encoding, clockRateHz, channels, fmtp = "" } = codec;
  // G729A and G729B are the same bits on the wire, and no registered names.
  const name = /^g729[ab]$/i.test(encoding) ? "G729" : encoding;
  const format = byEncoding.get(key(name, clockRateHz, channels))?.format;
  switch (format) {
    case "ilbc30": // RFC 3952 §5: without a mode it is 30 ms.
      return parameter(fmtp, "mode") === "20" ? "ilbc20" : "ilbc30";
    case "amr": // RFC 4867 §8.1: bandwidth-efficient unless it says octet-align=1.
      return parameter(fmtp, "octet-align") === "1" ? "amr-o" : "amr";
    case "amr/16000":
      return parameter(fmtp, "octet-align") === "1" ? "amr-o/16000" : "amr/16000";
    default:
      return format;
  }
}

/** More than the fmtp line of any codec has. */
const MAX_PARAMETERS = 64;

/** The value of a parameter of an fmtp line of the form `name=value;name=value`. */
function parameter(fmtp: string, name: string): string | undefined {
  for (const part of fmtp.split(";", MAX_PARAMETERS)) {
    const [found = "", value] = part.split("=", 2);
    if (found.trim().toLowerCase() === name) return value?.trim();
  }
  return undefined;
}

/** What a payload number means without an rtpmap line: RFC 3551 §6, table 4 and 5 (and 2 as it was before that). */
export const staticCodecs: ReadonlyMap<
  number,
  Pick<Codec, "encoding" | "clockRateHz" | "channels">
> = new Map(
  (
    [
      [0, "PCMU", 8000, 1],
      [2, "G726-32", 8000, 1],
      [3, "GSM", 8000, 1],
      [4, "G723", 8000, 1],
      [5, "DVI4", 8000, 1],
      [6, "DVI4", 16000, 1],
      [7, "LPC", 8000, 1],
      [8, "PCMA", 8000, 1],
      [9, "G722", 8000, 1],
      [10, "L16", 44100, 2],
      [11, "L16", 44100, 1],
      [12, "QCELP", 8000, 1],
      [13, "CN", 8000, 1],
      [14, "MPA", 90000, 1],
      [15, "G728", 8000, 1],
      [16, "DVI4", 11025, 1],
      [17, "DVI4", 22050, 1],
      [18, "G729", 8000, 1],
      [25, "CelB", 90000, 1],
      [26, "JPEG", 90000, 1],
      [28, "nv", 90000, 1],
      [31, "H261", 90000, 1],
      [32, "MPV", 90000, 1],
      [33, "MP2T", 90000, 1],
      [34, "H263", 90000, 1],
    ] as const
  ).map(([payload, encoding, clockRateHz, channels]) => [payload, { encoding, clockRateHz, channels }]),
);
