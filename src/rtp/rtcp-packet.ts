/**
 * RTCP packets (RFC 3550 §6). All begin alike, and a datagram is a sequence of them:
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |V=2|P|  count  |  packet type  |  length in words, less one    |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |  SSRC of the sender, or content                               |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** One report block (RFC 3550 §6.4.1). */
export interface RtcpReportBlock {
  readonly ssrc: number;
  /** 0…255, in 1/256. */
  readonly fractionLost: number;
  /** Signed, 24 bits. */
  readonly cumulativeLost: number;
  readonly extendedSequence: number;
  /** In timestamp units. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 when there was none. */
  readonly lastSenderReport: number;
  /** Since that came, in 1/65536 s; 0 when there was none. */
  readonly delaySinceLastSenderReport: number;
}

/** The packets that this layer reads and writes; others are kept as they are. */
export type RtcpPacket =
  | {
      readonly kind: "sender-report";
      readonly ssrc: number;
      /** NTP time: seconds since 1900, and their fraction in 1/2^32. */
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTimestamp: number;
      readonly packets: number;
      readonly octets: number;
      readonly reports: readonly RtcpReportBlock[];
    }
  | { readonly kind: "receiver-report"; readonly ssrc: number; readonly reports: readonly RtcpReportBlock[] }
  | {
      readonly kind: "source-description";
      readonly chunks: readonly {
        readonly ssrc: number;
        /** Item type (1 is CNAME) and text. */
        readonly items: readonly { readonly type: number; readonly text: string }[];
      }[];
    }
  | { readonly kind: "goodbye"; readonly sources: readonly number[]; readonly reason?: string | undefined }
  | {
      readonly kind: "other";
      readonly packetType: number;
      readonly count: number;
      readonly body: Uint8Array;
    };

/** Why a datagram is no compound RTCP packet, or which of its packets is broken. */
export type RtcpFlaw = "short" | "version" | "length" | "padding" | "content";

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;
const blockBytes = 24;
const maxCount = 31;

/**
 * Reads a compound packet (RFC 3550 §6.1, A.2); never throws. A first packet that is no report is taken too (RFC 5506).
 * With a flaw anywhere nothing of it is to be trusted: the flaw is all that is given.
 */
export function parseRtcp(bytes: Uint8Array): readonly RtcpPacket[] | RtcpFlaw {
  if (bytes.length < 4) return "short";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return "length";
    const first = view.getUint8(at);
    if (first >> 6 !== 2) return "version";
    const next = at + 4 + view.getUint16(at + 2) * 4;
    if (next > bytes.length) return "length";
    let end = next;
    if (first & 0x20) {
      // Only the last packet may be padded (§6.4.1).
      const padding = view.getUint8(next - 1);
      if (next !== bytes.length || padding === 0 || padding % 4 !== 0 || next - padding < at + 4)
        return "padding";
      end -= padding;
    }
    const packet = readPacket(view, at, end, first & 31);
    if (!packet) return "content";
    packets.push(packet);
    at = next;
  }
  return packets;
}

function readPacket(view: DataView, at: number, end: number, count: number): RtcpPacket | undefined {
  const packetType = view.getUint8(at + 1);
  switch (packetType) {
    case senderReport:
      if (at + 28 + count * blockBytes > end) return undefined;
      return {
        kind: "sender-report",
        ssrc: view.getUint32(at + 4),
        ntpSeconds: view.getUint32(at + 8),
        ntpFraction: view.getUint32(at + 12),
        rtpTimestamp: view.getUint32(at + 16),
        packets: view.getUint32(at + 20),
        octets: view.getUint32(at + 24),
        reports: readBlocks(view, at + 28, count),
      };
    case receiverReport:
      if (at + 8 + count * blockBytes > end) return undefined;
      return {
        kind: "receiver-report",
        ssrc: view.getUint32(at + 4),
        reports: readBlocks(view, at + 8, count),
      };
    case sourceDescription:
      return readDescription(view, at + 4, end, count);
    case goodbye: {
      const reasonAt = at + 4 + count * 4;
      if (reasonAt > end) return undefined;
      const sources: number[] = [];
      for (let i = 0; i < count; i++) sources.push(view.getUint32(at + 4 + i * 4));
      if (reasonAt === end) return { kind: "goodbye", sources };
      const reason = readText(view, reasonAt, end);
      return reason === undefined ? undefined : { kind: "goodbye", sources, reason };
    }
    default:
      return {
        kind: "other",
        packetType,
        count,
        body: new Uint8Array(view.buffer, view.byteOffset + at + 4, end - at - 4),
      };
  }
}

function readBlocks(view: DataView, from: number, count: number): RtcpReportBlock[] {
  const blocks: RtcpReportBlock[] = [];
  for (let i = 0, at = from; i < count; i++, at += blockBytes) {
    blocks.push({
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4),
      cumulativeLost: (view.getUint32(at + 4) << 8) >> 8,
      extendedSequence: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastSenderReport: view.getUint32(at + 16),
      delaySinceLastSenderReport: view.getUint32(at + 20),
    });
  }
  return blocks;
}

/** §6.5: chunks of a source and its items, each chunk ended by 1 to 4 zero bytes up to a whole word. */
function readDescription(view: DataView, from: number, end: number, count: number): RtcpPacket | undefined {
  const chunks: { ssrc: number; items: { type: number; text: string }[] }[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + 4 > end) return undefined;
    const ssrc = view.getUint32(at);
    const items: { type: number; text: string }[] = [];
    at += 4;
    for (;;) {
      // Some leave out the zero where the last item ends with the packet.
      if (at === end && i === count - 1) {
        chunks.push({ ssrc, items });
        return { kind: "source-description", chunks };
      }
      if (at >= end) return undefined;
      const type = view.getUint8(at);
      if (type === 0) break;
      const text = readText(view, at + 1, end);
      if (text === undefined) return undefined;
      items.push({ type, text });
      at += 2 + view.getUint8(at + 1);
    }
    at = from + (((at - from) >> 2) + 1) * 4;
    chunks.push({ ssrc, items });
  }
  return at > end ? undefined : { kind: "source-description", chunks };
}

/** A text after its length of one byte. */
function readText(view: DataView, at: number, end: number): string | undefined {
  if (at >= end) return undefined;
  const length = view.getUint8(at);
  if (at + 1 + length > end) return undefined;
  return utf8Text(new Uint8Array(view.buffer, view.byteOffset + at + 1, length));
}

/** Writes a compound packet. Reports and sources beyond 31, and text beyond 255 bytes, are left out. */
export function buildRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const parts = packets.map(buildPacket);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function buildPacket(packet: RtcpPacket): Uint8Array {
  switch (packet.kind) {
    case "sender-report": {
      const { bytes, view } = framed(
        senderReport,
        Math.min(maxCount, packet.reports.length),
        24,
        packet.reports,
      );
      view.setUint32(4, packet.ssrc);
      view.setUint32(8, packet.ntpSeconds);
      view.setUint32(12, packet.ntpFraction);
      view.setUint32(16, packet.rtpTimestamp);
      view.setUint32(20, packet.packets);
      view.setUint32(24, packet.octets);
      return bytes;
    }
    case "receiver-report": {
      const { bytes, view } = framed(
        receiverReport,
        Math.min(maxCount, packet.reports.length),
        4,
        packet.reports,
      );
      view.setUint32(4, packet.ssrc);
      return bytes;
    }
    case "source-description": {
      const body: number[] = [];
      const chunks = packet.chunks.slice(0, maxCount);
      for (const { ssrc, items } of chunks) {
        pushWord(body, ssrc);
        for (const { type, text } of items) body.push(type, ...counted(text));
        do body.push(0);
        while (body.length % 4 !== 0);
      }
      return withBody(sourceDescription, chunks.length, body);
    }
    case "goodbye": {
      const body: number[] = [];
      const sources = packet.sources.slice(0, maxCount);
      for (const ssrc of sources) pushWord(body, ssrc);
      if (packet.reason !== undefined) body.push(...counted(packet.reason));
      while (body.length % 4 !== 0) body.push(0);
      return withBody(goodbye, sources.length, body);
    }
    case "other":
      return withBody(packet.packetType, packet.count, packet.body);
  }
}

/** A report with its blocks; `fixedBytes` come before them, to be filled in. */
function framed(
  packetType: number,
  count: number,
  fixedBytes: number,
  reports: readonly RtcpReportBlock[],
): { bytes: Uint8Array; view: DataView } {
  const bytes = withBody(packetType, count, new Uint8Array(fixedBytes + count * blockBytes));
  const view = new DataView(bytes.buffer);
  reports.slice(0, count).forEach((report, i) => {
    const at = 4 + fixedBytes + i * blockBytes;
    view.setUint32(at, report.ssrc);
    view.setUint32(at + 4, report.cumulativeLost & 0xffffff);
    view.setUint8(at + 4, report.fractionLost);
    view.setUint32(at + 8, report.extendedSequence);
    view.setUint32(at + 12, report.jitter);
    view.setUint32(at + 16, report.lastSenderReport);
    view.setUint32(at + 20, report.delaySinceLastSenderReport);
  });
  return { bytes, view };
}

function withBody(packetType: number, count: number, body: Uint8Array | readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(body.length / 4) * 4);
  bytes[0] = 0x80 | (count & 31);
  bytes[1] = packetType;
  const words = bytes.length / 4 - 1;
  bytes[2] = words >> 8;
  bytes[3] = words;
  bytes.set(body, 4);
  return bytes;
}

function pushWord(body: number[], word: number): void {
  body.push((word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}

/** A text with its length before it, cut between two characters at 255 bytes. */
function counted(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text) {
    const encoded = utf8Bytes(char.codePointAt(0) ?? 0);
    if (bytes.length + encoded.length > 255) break;
    bytes.push(...encoded);
  }
  return [bytes.length, ...bytes];
}
