import type { CryptoAttribute } from "./crypto.ts";
import {
  type Codec,
  type Direction,
  type EventPayload,
  isRtpTransport,
  isSecureTransport,
  type MediaDescription,
} from "./description.ts";
import { codecOfFormat } from "./formats.ts";
import type { LocalAudio } from "./local-audio.ts";

/** A format both sides take. */
export interface NegotiatedFormat {
  readonly format: string;
  /** Number to send it with: theirs (RFC 3264 §6.1). */
  readonly payload: number;
  /** Number they send it with: ours, which nearly always is the same. */
  readonly receivePayload: number;
  /** Rate of the RTP timestamps in Hz. */
  readonly clockRateHz: number;
  /** What their fmtp line says of it. */
  readonly fmtp?: string;
}

/** Sound as offer and answer agreed on it. */
export interface NegotiatedAudio {
  readonly kind: "audio";
  /** Place of the media description. */
  readonly index: number;
  /** Where to send; nothing may be sent to a null address (see {@link isNullAddress}). */
  readonly address: string;
  readonly isNullAddress: boolean;
  readonly port: number;
  readonly transport: string;
  /** At least one; the first is used to send, all may arrive. In the order of the other side. */
  readonly formats: readonly [NegotiatedFormat, ...NegotiatedFormat[]];
  /** Number of telephone-event at the clock rate of the first format (or the nearest there is), false without. */
  readonly eventPayload: number | false;
  /** From our side: `recvonly` means we must not send (spec/sip.md §4: YATE and the engine send on; it is for apps). */
  readonly direction: Direction;
  /** Packet time they ask for. */
  readonly ptimeMs?: number;
  /** SRTP: `local` protects what we send, `remote` what they send. */
  readonly crypto?: { readonly local: CryptoAttribute; readonly remote: CryptoAttribute };
}

/** Why there is no sound. `no-audio`: port 0, or no audio at all. */
export type NoAudio = "no-audio" | "no-codec" | "no-transport" | "no-crypto";

/** What {@link negotiated} says of a media description that cannot be used. */
export interface RejectedAudio {
  readonly kind: "rejected";
  readonly why: NoAudio;
}

/** Their direction, seen from our side (RFC 3264 §6.1). */
export function mirrored(direction: Direction): Direction {
  if (direction === "sendonly") return "recvonly";
  return direction === "recvonly" ? "sendonly" : direction;
}

/** The widest direction that both allow. */
export function narrowed(one: Direction, other: Direction): Direction {
  const sends = (direction: Direction): boolean => direction === "sendrecv" || direction === "sendonly";
  const receives = (direction: Direction): boolean => direction === "sendrecv" || direction === "recvonly";
  const send = sends(one) && sends(other);
  const receive = receives(one) && receives(other);
  if (send) return receive ? "sendrecv" : "sendonly";
  return receive ? "recvonly" : "inactive";
}

/** A codec of the other side whose format is known. */
export type KnownCodec = Codec & { readonly format: string };

/** The codecs of theirs that we take, in their order; a format twice counts once. */
export function commonCodecs(local: LocalAudio, remote: MediaDescription): KnownCodec[] {
  const ours = new Set(local.formats.map((format) => codecOfFormat(format)?.format));
  return remote.codecs.filter(
    (codec): codec is KnownCodec => codec.format !== undefined && ours.delete(codec.format),
  );
}

/** The line of theirs that goes with our key. */
export function cryptoOf(local: LocalAudio, remote: MediaDescription): NegotiatedAudio["crypto"] | undefined {
  const ours = local.crypto;
  const theirs = ours && remote.crypto.find((one) => one.suite === ours.suite);
  return ours && theirs && { local: { ...ours, tag: theirs.tag }, remote: theirs };
}

/** The telephone-event of theirs for a codec: RFC 4733 §2.1 wants the same clock; else the one at 8000 Hz, else any. */
export function eventFor(
  codec: Pick<Codec, "clockRateHz">,
  events: readonly EventPayload[],
): EventPayload | undefined {
  return (
    events.find((event) => event.clockRateHz === codec.clockRateHz) ??
    events.find((event) => event.clockRateHz === 8000) ??
    events[0]
  );
}

/**
 * What comes of a media description of the other side together with ours: of their answer to our offer, or of their offer.
 *
 * In an answer the first format that we offered is the one to send (RFC 3264 §7); what we did not offer is passed over.
 * @param receivePayloads our numbers of our formats, where they may differ from theirs: after our own offer.
 */
export function negotiated(
  local: LocalAudio,
  remote: MediaDescription,
  receivePayloads?: ReadonlyMap<string, number>,
): NegotiatedAudio | RejectedAudio {
  const rejected = (why: NoAudio): RejectedAudio => ({ kind: "rejected", why });
  if (remote.kind.toLowerCase() !== "audio" || remote.port === 0) return rejected("no-audio");
  if (!isRtpTransport(remote.transport)) return rejected("no-transport");
  const crypto = isSecureTransport(remote.transport) ? cryptoOf(local, remote) : undefined;
  if (isSecureTransport(remote.transport) && !crypto) return rejected("no-crypto");
  const [first, ...others] = commonCodecs(local, remote).map(
    (codec): NegotiatedFormat => ({
      format: codec.format,
      payload: codec.payload,
      receivePayload: receivePayloads?.get(codec.format) ?? codec.payload,
      clockRateHz: codec.clockRateHz,
      ...(codec.fmtp !== undefined && { fmtp: codec.fmtp }),
    }),
  );
  if (!first) return rejected("no-codec");
  const event = local.events === false ? undefined : eventFor(first, remote.events);
  return {
    kind: "audio",
    index: remote.index,
    address: remote.address,
    isNullAddress: remote.isNullAddress,
    port: remote.port,
    transport: remote.transport,
    formats: [first, ...others],
    eventPayload: event?.payload ?? false,
    direction: narrowed(mirrored(remote.direction), local.direction ?? "sendrecv"),
    ...(remote.ptimeMs !== undefined && { ptimeMs: remote.ptimeMs }),
    ...(crypto && { crypto }),
  };
}
