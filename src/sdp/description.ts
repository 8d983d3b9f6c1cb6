import type { CryptoAttribute } from "./crypto.ts";

/** Which way media flows, from the side of who wrote the description (RFC 8866 §6.7). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** One format of an RTP media description, telephone-event excepted. */
export interface Codec {
  /** The engine's name (`mulaw`, `alaw`, `gsm`, `slin`, `g722/16000`, `opus`…), or undefined for a format without one. */
  readonly format: string | undefined;
  /** RTP payload number, 0 to 127. */
  readonly payload: number;
  /** Encoding name as the rtpmap line spells it, or as RFC 3551 does. */
  readonly encoding: string;
  /** Rate of the RTP timestamps, in Hz (8000 for G722). */
  readonly clockRateHz: number;
  /** Channels, 1 if not said. */
  readonly channels: number;
  /** What the fmtp line of this payload says, if there is one. */
  readonly fmtp?: string;
  /** Whether an rtpmap line names it; else the number alone does (RFC 3551 §6). */
  readonly mapped: boolean;
}

/** A telephone-event format (RFC 4733). */
export interface EventPayload {
  readonly payload: number;
  readonly clockRateHz: number;
  /** The events the other side takes (`0-15`), if it says. */
  readonly fmtp?: string;
}

/** One `m=` line with what belongs to it. */
export interface MediaDescription {
  /** `audio`, `video`, `image`, `application`… as written. */
  readonly kind: string;
  /** Place among the media descriptions, from 0. */
  readonly index: number;
  /** Port, 0 for a stream that is rejected or ended (RFC 3264 §6, §8.2). */
  readonly port: number;
  /** `RTP/AVP`, `RTP/SAVP`, `udptl`… as written. */
  readonly transport: string;
  /** Its own connection address, else that of the session, without multicast scope; empty only where the port is 0. */
  readonly address: string;
  /** Whether {@link address} is `0.0.0.0` or `::`: nothing may be sent (RFC 3264 §8.4). */
  readonly isNullAddress: boolean;
  /** Its own direction, else that of the session, else `sendrecv`. */
  readonly direction: Direction;
  /** Whether a direction line, here or for the session, says so. */
  readonly directionGiven: boolean;
  /** The format list of the `m=` line, as written. */
  readonly payloads: readonly string[];
  /** What the format list means, in its order; numbers without meaning are left out. Empty unless the transport is RTP. */
  readonly codecs: readonly Codec[];
  /** Every telephone-event format, in order. */
  readonly events: readonly EventPayload[];
  /** Payload of telephone-event: the one at 8000 Hz, else the first whose rate is that of a codec, else the first. */
  readonly eventPayload: number | undefined;
  /** Packet time asked for, in milliseconds, if there is a usable one. */
  readonly ptimeMs?: number;
  /** Keys of SRTP (RFC 4568) that can be used, in order of preference. */
  readonly crypto: readonly CryptoAttribute[];
  /**
   * Every other `a=` line of the media description as [name, value] in order, direction lines among them; the value of a
   * line without one is empty. For the `sdp_<attribute>` parameters (spec/sip.md §3).
   */
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** A session description that was checked. */
export interface SessionDescription {
  readonly origin: {
    readonly user: string;
    /** Decimal digits, of any size. */
    readonly id: string;
    /** Decimal digits, of any size; greater whenever the other side changed something (RFC 3264 §8). */
    readonly version: string;
    readonly address: string;
  };
  readonly media: readonly MediaDescription[];
}

/** Whether an address says that nothing may be sent to it: `0.0.0.0`, `::` in any spelling, or none at all. */
export function isNullAddress(address: string): boolean {
  return address === "" || address === "0.0.0.0" || (address.includes(":") && /^[0:]+$/.test(address));
}

/** Whether a transport is RTP as this engine can speak it; for `SAVP` and `SAVPF` with keys by RFC 4568. */
export function isRtpTransport(transport: string): boolean {
  return /^RTP\/S?AVPF?$/i.test(transport);
}

/** Whether a transport is SRTP keyed by `a=crypto` lines. */
export function isSecureTransport(transport: string): boolean {
  return /^RTP\/SAVPF?$/i.test(transport);
}
