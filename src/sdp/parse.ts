/// <reference path="./sdp-transform.d.ts" />
import sdpTransform, { type SdpMediaText, type SdpText } from "sdp-transform";
import { parseCrypto } from "./crypto.ts";
import {
  type Codec,
  type Direction,
  type EventPayload,
  isNullAddress,
  isRtpTransport,
  type MediaDescription,
  type SessionDescription,
} from "./description.ts";
import { formatOfCodec, staticCodecs } from "./formats.ts";
import {
  maxFormats,
  mediaLineProblem,
  readMediaLine,
  sessionLineProblem,
  sessionProblem,
} from "./line-checks.ts";
import { attributeOf, maxBodyBytes, type SdpLine, type SdpSection, splitSections } from "./lines.ts";

/** What {@link parseSdp} makes of a body. */
export type ParsedSdp =
  | { readonly kind: "session"; readonly session: SessionDescription }
  | { readonly kind: "invalid"; readonly problem: string };

/** Attributes that have fields of their own; direction lines have one too, but stay among the others (spec/sip.md §3). */
const OWN_FIELDS: ReadonlySet<string> = new Set(["rtpmap", "fmtp", "gpmd", "ptime", "crypto"]);
const DIRECTIONS: ReadonlySet<string> = new Set(["sendrecv", "sendonly", "recvonly", "inactive"]);
/** A packet time above this (milliseconds) is not a wish but an error. */
const MAX_PTIME_MS = 1000;

const decoder = new (
  globalThis as unknown as { TextDecoder: new () => { decode(bytes: Uint8Array): string } }
).TextDecoder();

/**
 * Reads a session description (RFC 8866). Never throws; takes at most 64 KB, 2000 lines, 64 media descriptions.
 *
 * Numbers and addresses of `v=`, `o=`, `c=`, `m=` and rtpmap lines are checked; one that is wrong makes the body invalid. What
 * is only a hint (`fmtp`, `ptime`) or one choice of several (`crypto`) is left out when it cannot be used.
 * @returns the description, or what is wrong, with the number of the line where there is one: `line 5: port 70000`.
 */
export function parseSdp(body: Uint8Array | string): ParsedSdp {
  if (body.length > maxBodyBytes) return invalid(`longer than ${maxBodyBytes} bytes`);
  const split = splitSections(typeof body === "string" ? body : decoder.decode(body));
  if ("problem" in split) return invalid(split.problem);
  const [session = [], ...media] = split.sections;
  const missing = sessionProblem(session);
  if (missing) return invalid(missing);
  const bad = firstProblem(session, sessionLineProblem);
  if (bad) return invalid(bad);

  const text = sdpTransform.parse([session, ...media].flatMap(readable).join("\r\n"));
  const { origin } = text;
  if (!origin) return invalid("no o= line"); // sessionProblem has made sure of it
  const descriptions: MediaDescription[] = [];
  for (const [index, section] of media.entries()) {
    const description = describeMedia(section, index, text);
    if (typeof description === "string") return invalid(description);
    descriptions.push(description);
  }
  return {
    kind: "session",
    session: {
      origin: {
        user: String(origin.username),
        id: String(origin.sessionId),
        version: String(origin.sessionVersion),
        address: origin.address,
      },
      media: descriptions,
    },
  };
}

const invalid = (problem: string): ParsedSdp => ({ kind: "invalid", problem });

function firstProblem(
  lines: SdpSection,
  problemOf: (line: SdpLine) => string | undefined,
): string | undefined {
  for (const line of lines) {
    const problem = problemOf(line);
    if (problem) return `line ${line.number}: ${problem}`;
  }
  return undefined;
}

/**
 * The lines that sdp-transform shall read: it tries some fifty patterns on others, and none of them is used. Of rtpmap and fmtp
 * lines the first for each payload that the `m=` line lists, so that many of them cost nothing.
 */
function readable(section: SdpSection): string[] {
  const listed = section[0]?.type === "m" ? section[0].value.split(/ +/, 3 + maxFormats).slice(3) : [];
  const open = new Set(listed.flatMap((payload) => [`rtpmap:${payload}`, `fmtp:${payload}`]));
  return section
    .filter(({ type, value }) => {
      if (type !== "a") return "vocm".includes(type);
      const blank = value.indexOf(" ");
      return (
        open.delete(blank < 0 ? value : value.slice(0, blank)) ||
        DIRECTIONS.has(value) ||
        value.startsWith("ptime:")
      );
    })
    .map(({ type, value }) => `${type}=${value.replace(/ {2,}/g, " ")}`);
}

/** One media description, or what is wrong with it. */
function describeMedia(section: SdpSection, index: number, session: SdpText): MediaDescription | string {
  const [first, ...lines] = section;
  const text = session.media[index];
  if (!first || !text) return `media description ${index + 1} cannot be read`;
  const line = readMediaLine(first.value);
  if (typeof line === "string") return `line ${first.number}: ${line}`;
  const rtp = isRtpTransport(line.transport);
  const bad = firstProblem(lines, (one) => (rtp || one.type === "c" ? mediaLineProblem(one) : undefined));
  if (bad) return bad;
  const [address = ""] = (text.connection?.ip ?? session.connection?.ip ?? "").split("/");
  if (address === "" && line.port !== 0) return `line ${first.number}: no c= line applies`;

  const attributes = lines.filter(({ type }) => type === "a").map(({ value }) => attributeOf(value));
  const direction = text.direction ?? session.direction;
  const { codecs, events } = rtp ? formatsOf(line.payloads, text) : { codecs: [], events: [] };
  const eventPayload = preferredEvent(events, codecs)?.payload;
  const ptimeMs = Number(text.ptime);
  return {
    kind: line.kind,
    index,
    port: line.port,
    transport: line.transport,
    address,
    isNullAddress: isNullAddress(address),
    direction: isDirection(direction) ? direction : "sendrecv",
    directionGiven: direction !== undefined,
    payloads: line.payloads,
    codecs,
    events,
    eventPayload,
    ...(ptimeMs >= 1 && ptimeMs <= MAX_PTIME_MS && { ptimeMs }),
    crypto: attributes.flatMap(([name, value]) => {
      const parsed = name === "crypto" ? parseCrypto(value) : undefined;
      return parsed?.kind === "crypto" ? [parsed.crypto] : [];
    }),
    attributes: attributes.filter(([name]) => !OWN_FIELDS.has(name)),
  };
}

function isDirection(text: string | undefined): text is Direction {
  return text !== undefined && DIRECTIONS.has(text);
}

/** What the numbers of an `m=` line stand for: by their rtpmap line, else by RFC 3551; a number twice counts once. */
function formatsOf(
  payloads: readonly string[],
  text: SdpMediaText,
): { codecs: readonly Codec[]; events: readonly EventPayload[] } {
  const maps = new Map(text.rtp.map((map) => [Number(map.payload), map]));
  const fmtps = new Map(text.fmtp.map((line) => [Number(line.payload), String(line.config).trim()]));
  const codecs: Codec[] = [];
  const events: EventPayload[] = [];
  for (const payload of new Set(payloads.map(Number))) {
    const map = maps.get(payload);
    const named = map
      ? {
          encoding: String(map.codec),
          clockRateHz: Number(map.rate ?? 8000),
          channels: Number(map.encoding ?? 1),
        }
      : staticCodecs.get(payload);
    if (!named) continue;
    const fmtp = fmtps.get(payload);
    const hint = fmtp === undefined ? {} : { fmtp };
    if (named.encoding.toLowerCase() === "telephone-event") {
      events.push({ payload, clockRateHz: named.clockRateHz, ...hint });
    } else {
      const format = formatOfCodec({ ...named, fmtp });
      codecs.push({ format, payload, ...named, ...hint, mapped: map !== undefined });
    }
  }
  return { codecs, events };
}

/**
 * The telephone-event format to use beside some codecs: RFC 4733 §2.1 wants their clock rate. The one at 8000 Hz comes first, as
 * nearly all codecs here have that; then any with the rate of a codec, then any.
 */
export function preferredEvent(
  events: readonly EventPayload[],
  codecs: readonly Pick<Codec, "clockRateHz">[],
): EventPayload | undefined {
  return (
    events.find((event) => event.clockRateHz === 8000) ??
    events.find((event) => codecs.some((codec) => codec.clockRateHz === event.clockRateHz)) ??
    events[0]
  );
}
