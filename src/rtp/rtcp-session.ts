import type { RtpReceiver } from "./receiver.ts";
import type { RtpSender } from "./sender.ts";

/** What an {@link RtcpSession} is made of. */
export interface RtcpSessionOptions {
  readonly sender: RtpSender;
  readonly receiver: RtpReceiver;
  /** Canonical name (RFC 7022: best a random one a session). */
  readonly cname: string;
  /** Mean time between two reports. Default 4500 ms; each is drawn from 0.5…1.5 of it (RFC 3550 §6.3.1). 0 turns reports off. */
  readonly intervalMs?: number | undefined;
  /** Of 0…1, as Math.random. */
  readonly random: () => number;
}

/** What the other side's reports tell. */
export interface RtcpFigures {
  /** RTCP datagrams received whole. */
  readonly received: number;
  /** … and those with a flaw. */
  readonly flawed: number;
  readonly sent: number;
  /** By LSR and DLSR (RFC 3550 §6.4.1); undefined before the first report about our sender reports. */
  readonly roundTripMs: number | undefined;
  /** Loss of what we send: packets since the beginning, and share of the last interval, 0…1. */
  readonly remoteLost: number | undefined;
  readonly remoteFractionLost: number | undefined;
  /** Jitter of what we send, as the other side sees it. */
  readonly remoteJitterMs: number | undefined;
  /** Whether the other side said BYE. */
  readonly ended: boolean;
}

/** Times of one call: monotonic for intervals, wall clock (Unix, ms) for the NTP time of sender reports. */
export interface RtcpTime {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The RTCP side of one RTP session, point to point. */
export interface RtcpSession {
  readonly figures: RtcpFigures;
  /** When `poll` has something next, monotonic; Infinity when reports are off. */
  readonly dueMs: number;
  /** The next report (SR or RR, with SDES) if it is due, else undefined. The first call sets the first due time. */
  poll(time: RtcpTime): Uint8Array | undefined;
  /** Takes a datagram; false when it had a flaw. */
  receive(bytes: Uint8Array, time: RtcpTime): boolean;
  /** The last packet: report, SDES, BYE. */
  goodbye(time: RtcpTime, reason?: string): Uint8Array;
}

export declare function createRtcpSession(options: RtcpSessionOptions): RtcpSession;
