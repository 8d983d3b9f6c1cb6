/// <reference path="./sdp-transform.d.ts" />
import sdpTransform, { type SdpMediaText } from "sdp-transform";
import { YaytsError } from "../base/index.ts";
import { type CryptoAttribute, formatCrypto } from "./crypto.ts";
import type { Direction, EventPayload } from "./description.ts";
import type { LocalAudio } from "./local-audio.ts";

/** What an `m=` line keeps even when its stream is refused: the answer repeats it (RFC 3264 §6). */
export interface MediaSlot {
  readonly kind: string;
  readonly transport: string;
  readonly payloads: readonly string[];
}

/** What belongs to the one `m=` line that is not refused. */
export interface AudioLines {
  readonly index: number;
  readonly codecs: readonly {
    readonly payload: number;
    readonly encoding: string;
    readonly clockRateHz: number;
    readonly channels: number;
    readonly fmtp?: string;
  }[];
  readonly events: readonly EventPayload[];
  readonly direction?: Direction;
  readonly crypto?: CryptoAttribute;
}

/** What the `o=` and `s=` lines say. */
interface SessionLines {
  readonly user: string;
  readonly sessionId: number;
  readonly sessionVersion: number;
  readonly originAddress: string;
  readonly name: string;
}

/** Line breaks would be lines of their own. */
const oneLine = (text: string): string => text.replace(/[\0\r\n]+/g, " ");

/** RFC 8866 §9, token. */
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;

/** A whole body, lines ending in CR LF. @throws YaytsError `bad-argument` for an address or port that cannot be written. */
export function writeBody(
  session: SessionLines,
  local: LocalAudio,
  media: readonly MediaSlot[],
  audio: AudioLines | undefined,
): string {
  const { address, port } = local;
  if (!/^[0-9A-Za-z:.-]+$/.test(address)) {
    throw new YaytsError(
      "bad-argument",
      `address ${JSON.stringify(address)} cannot stand in a session description`,
    );
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new YaytsError("bad-argument", `port ${port} is not between 0 and 65535`);
  }
  const version = ipVersion(address);
  const nullAddress = version === 6 ? "::" : "0.0.0.0";
  return sdpTransform.write({
    version: 0,
    origin: {
      username: session.user,
      sessionId: session.sessionId,
      sessionVersion: session.sessionVersion,
      netType: "IN",
      ipVer: ipVersion(session.originAddress),
      address: session.originAddress,
    },
    name: oneLine(session.name),
    connection: { version, ip: local.muted ? nullAddress : address },
    timing: { start: 0, stop: 0 },
    media: media.map((slot, index): SdpMediaText => {
      const line = { type: slot.kind, protocol: slot.transport, payloads: slot.payloads.join(" ") };
      if (index !== audio?.index) return { ...line, port: 0, rtp: [], fmtp: [] };
      return { ...line, port: local.muted ? 0 : port, ...attributesOf(local, audio) };
    }),
  });
}

function ipVersion(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

function attributesOf(local: LocalAudio, audio: AudioLines): SdpMediaText {
  const { codecs, events, direction, crypto } = audio;
  const { ptimeMs, attributes = [] } = local;
  const written = attributes.filter(([name]) => TOKEN.test(name));
  return {
    rtp: [
      ...codecs.map(({ payload, encoding, clockRateHz, channels }) => ({
        payload,
        codec: encoding,
        rate: clockRateHz,
        // RFC 8866 §6.6: one channel needs no number.
        encoding: channels === 1 ? undefined : channels,
      })),
      ...events.map(({ payload, clockRateHz }) => ({ payload, codec: "telephone-event", rate: clockRateHz })),
    ],
    fmtp: [...codecs, ...events].flatMap(({ payload, fmtp }) =>
      fmtp === undefined ? [] : [{ payload, config: oneLine(fmtp) }],
    ),
    ...(ptimeMs !== undefined && { ptime: ptimeMs }),
    ...(direction !== undefined && { direction }),
    invalid: [
      ...(crypto ? [{ value: `crypto:${formatCrypto(crypto)}` }] : []),
      ...written.map(([name, value]) => ({ value: value === "" ? name : `${name}:${oneLine(value)}` })),
    ],
  };
}
