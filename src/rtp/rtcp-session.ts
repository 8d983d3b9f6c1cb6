import type { RtpReceiver } from "./receiver.ts";
import { buildRtcp, parseRtcp, type RtcpPacket, type RtcpReportBlock } from "./rtcp-packet.ts";
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

/** From 1900, where NTP counts from, to 1970. */
const ntpEpochSeconds = 2_208_988_800;
const cnameItem = 1;

interface NtpTime {
  readonly seconds: number;
  readonly fraction: number;
}

function ntpTime(wallMs: number): NtpTime {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return { seconds: (seconds + ntpEpochSeconds) >>> 0, fraction };
}

/** The middle 32 of the 64 bits, in 1/65536 s (RFC 3550 §4). */
function middleBits(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/** Makes the RTCP side of a session. */
export function createRtcpSession(options: RtcpSessionOptions): RtcpSession {
  const { sender, receiver, cname, intervalMs = 4500, random } = options;
  let dueMs = intervalMs > 0 ? Number.NaN : Number.POSITIVE_INFINITY;
  let lastReport: { readonly middle: number; readonly atMs: number; readonly ssrc: number } | undefined;
  /** Packets sent at the last report and the one before. */
  let sentBefore = [0, 0];
  const figures: { -readonly [Name in keyof RtcpFigures]: RtcpFigures[Name] } = {
    received: 0,
    flawed: 0,
    sent: 0,
    ended: false,
    roundTripMs: undefined,
    remoteLost: undefined,
    remoteFractionLost: undefined,
    remoteJitterMs: undefined,
  };

  /** RFC 3550 A.7, for two members and a fixed interval. */
  const draw = (): number => intervalMs * (0.5 + random());

  const blocks = (nowMs: number): RtcpReportBlock[] => {
    const report = receiver.report();
    if (!report) return [];
    const known = lastReport?.ssrc === report.ssrc ? lastReport : undefined;
    return [
      {
        ...report,
        lastSenderReport: known?.middle ?? 0,
        delaySinceLastSenderReport: known ? Math.round(((nowMs - known.atMs) * 65536) / 1000) >>> 0 : 0,
      },
    ];
  };

  /** A report of both directions, or of what is received alone where nothing was sent of late (§6.4). */
  const compound = ({ monotonicMs, wallMs }: RtcpTime): RtcpPacket[] => {
    const { packets, octets } = sender.figures;
    const [, before = 0] = sentBefore;
    const sending = packets > before;
    sentBefore = [packets, sentBefore[0] ?? 0];
    const reports = blocks(monotonicMs);
    const { ssrc } = sender;
    const { seconds, fraction } = ntpTime(wallMs);
    const report: RtcpPacket = sending
      ? {
          kind: "sender-report",
          ssrc,
          ntpSeconds: seconds,
          ntpFraction: fraction,
          rtpTimestamp: sender.timestampAt(monotonicMs),
          packets: packets >>> 0,
          octets: octets >>> 0,
          reports,
        }
      : { kind: "receiver-report", ssrc, reports };
    return [
      report,
      { kind: "source-description", chunks: [{ ssrc, items: [{ type: cnameItem, text: cname }] }] },
    ];
  };

  const takeBlock = (block: RtcpReportBlock, wallMs: number): void => {
    if (block.ssrc !== sender.ssrc) return;
    figures.remoteLost = Math.max(0, block.cumulativeLost);
    figures.remoteFractionLost = block.fractionLost / 256;
    figures.remoteJitterMs = (block.jitter * 1000) / sender.payload.format.sampleRateHz;
    if (block.lastSenderReport === 0) return;
    const { seconds, fraction } = ntpTime(wallMs);
    const units =
      (middleBits(seconds, fraction) - block.lastSenderReport - block.delaySinceLastSenderReport) | 0;
    // A clock that was set in between, or a report about another's sender reports, gives nonsense.
    if (units >= 0 && units < 65536 * 60) figures.roundTripMs = (units * 1000) / 65536;
    else if (units < 0 && units > -66) figures.roundTripMs = 0;
  };

  return {
    get figures() {
      return { ...figures };
    },
    get dueMs() {
      return dueMs;
    },
    poll(time) {
      if (Number.isNaN(dueMs)) dueMs = time.monotonicMs + draw();
      if (time.monotonicMs < dueMs) return undefined;
      dueMs = time.monotonicMs + draw();
      figures.sent++;
      return buildRtcp(compound(time));
    },
    receive(bytes, { monotonicMs, wallMs }) {
      const packets = parseRtcp(bytes);
      if (typeof packets === "string") {
        figures.flawed++;
        return false;
      }
      figures.received++;
      for (const packet of packets) {
        switch (packet.kind) {
          case "sender-report":
            lastReport = {
              middle: middleBits(packet.ntpSeconds, packet.ntpFraction),
              atMs: monotonicMs,
              ssrc: packet.ssrc,
            };
            for (const block of packet.reports) takeBlock(block, wallMs);
            break;
          case "receiver-report":
            for (const block of packet.reports) takeBlock(block, wallMs);
            break;
          case "goodbye":
            figures.ended = true;
            break;
          case "source-description":
          case "other":
            break;
        }
      }
      return true;
    },
    goodbye(time, reason) {
      figures.sent++;
      return buildRtcp([...compound(time), { kind: "goodbye", sources: [sender.ssrc], reason }]);
    },
  };
}
