/**
 * RTP packets (RFC 3550 §5.1).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                           timestamp                           |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |           synchronization source (SSRC) identifier            |
 *    +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 *    |            contributing source (CSRC) identifiers, CC of them |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |      defined by profile       |  length in 32-bit words       |  if X
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        header extension                       |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |  payload …                    | padding, its length last  if P|
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

/** Bytes of a header without CSRC list and extension. */
export const rtpHeaderBytes = 12;

/** The header extension of a packet (RFC 3550 §5.3.1). */
export interface RtpExtension {
  /** The 16 bits "defined by profile". */
  readonly profile: number;
  /** A view of the extension's words; its length is a multiple of 4. */
  readonly data: Uint8Array;
}

/** One RTP packet. */
export interface RtpPacket {
  readonly marker: boolean;
  /** 0…127. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, unsigned. */
  readonly timestamp: number;
  /** 32 bits, unsigned. */
  readonly ssrc: number;
  /** Contributing sources; absent when there is none. */
  readonly csrc?: readonly number[] | undefined;
  readonly extension?: RtpExtension | undefined;
  /** Without padding. A parsed packet's payload is a view of the bytes that were parsed. */
  readonly payload: Uint8Array;
}

/**
 * Why bytes are no RTP packet: shorter than a header; a version other than 2; the CSRC list or the extension does not
 * fit; the padding is 0 or longer than what is there.
 */
export type RtpFlaw = "short" | "version" | "csrc" | "extension" | "padding";

/** Reads a packet. Never throws: what is not RTP gives its flaw, a string. */
export function parseRtpPacket(bytes: Uint8Array): RtpPacket | RtpFlaw {
  const length = bytes.length;
  if (length < rtpHeaderBytes) return "short";
  const first = byteAt(bytes, 0);
  if (first >> 6 !== 2) return "version";
  const second = byteAt(bytes, 1);
  let at = rtpHeaderBytes;
  let csrc: number[] | undefined;
  let extension: RtpExtension | undefined;
  let end = length;
  // Phones send none of the three; one test covers them.
  if ((first & 0x3f) !== 0) {
    const count = first & 15;
    if (at + count * 4 > length) return "csrc";
    if (count > 0) {
      csrc = [];
      for (let i = 0; i < count; i++, at += 4) csrc.push(wordAt(bytes, at));
    }
    if (first & 0x10) {
      if (at + 4 > length) return "extension";
      const dataBytes = halfAt(bytes, at + 2) * 4;
      if (at + 4 + dataBytes > length) return "extension";
      extension = { profile: halfAt(bytes, at), data: bytes.subarray(at + 4, at + 4 + dataBytes) };
      at += 4 + dataBytes;
    }
    if (first & 0x20) {
      const padding = byteAt(bytes, length - 1);
      if (padding === 0 || at + padding > length) return "padding";
      end -= padding;
    }
  }
  return {
    marker: second >= 0x80,
    payloadType: second & 0x7f,
    sequence: halfAt(bytes, 2),
    timestamp: wordAt(bytes, 4),
    ssrc: wordAt(bytes, 8),
    csrc,
    extension,
    // Not subarray: of a Node Buffer that makes another Buffer, at twice the price.
    payload: new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at),
  };
}

/** Bytes that a packet takes: header, CSRC list, extension, payload. Without padding. */
export function rtpPacketBytes(packet: RtpPacket): number {
  const extension = packet.extension ? 4 + packet.extension.data.length : 0;
  return rtpHeaderBytes + (packet.csrc?.length ?? 0) * 4 + extension + packet.payload.length;
}

/**
 * Writes the fixed header, without padding, CSRC list and extension, into `target` from `at` on, which must have
 * {@link rtpHeaderBytes} left. Numbers are cut to their width.
 */
export function writeRtpHeader(
  target: Uint8Array,
  at: number,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  target[at] = 0x80;
  target[at + 1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  target[at + 2] = sequence >>> 8;
  target[at + 3] = sequence;
  writeWord(target, at + 4, timestamp);
  writeWord(target, at + 8, ssrc);
}

/**
 * Writes a packet into `target` from `at` on. Numbers are cut to their width; an extension's data must be a multiple of 4.
 * @param padTo pads the payload (RFC 3550 §5.1, P bit) to a multiple of so many bytes, default 1: none. At most 255.
 * @returns the bytes written, or 0 when they do not fit or the packet cannot be written (more than 15 CSRC, an uneven extension).
 */
export function buildRtpPacket(packet: RtpPacket, target: Uint8Array, at = 0, padTo = 1): number {
  const { payload, csrc, extension } = packet;
  const count = csrc?.length ?? 0;
  const padding = padTo > 1 ? (padTo - (payload.length % padTo)) % padTo : 0;
  const total = rtpPacketBytes(packet) + padding;
  if (at + total > target.length || count > 15 || padding > 255) return 0;
  if (extension && (extension.data.length % 4 !== 0 || extension.data.length > 0x3fffc)) return 0;
  writeRtpHeader(
    target,
    at,
    packet.marker,
    packet.payloadType,
    packet.sequence,
    packet.timestamp,
    packet.ssrc,
  );
  let to = at + rtpHeaderBytes;
  if (csrc && count > 0) {
    for (let i = 0; i < count; i++, to += 4) writeWord(target, to, csrc[i] ?? 0);
  }
  if (extension) {
    const words = extension.data.length >> 2;
    target[to] = extension.profile >>> 8;
    target[to + 1] = extension.profile;
    target[to + 2] = words >>> 8;
    target[to + 3] = words;
    target.set(extension.data, to + 4);
    to += 4 + extension.data.length;
  }
  if (count > 0 || extension || padding > 0) {
    target[at] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | count;
  }
  target.set(payload, to);
  if (padding > 0) {
    target.fill(0, to + payload.length, at + total - 1);
    target[at + total - 1] = padding;
  }
  return total;
}

/**
 * Whether a datagram on a port shared by RTP and RTCP is RTCP (RFC 5761 §4: packet types 192…223, where the RTP payload
 * types 64…95 with marker would be).
 */
export function looksLikeRtcp(bytes: Uint8Array): boolean {
  const type = byteAt(bytes, 1);
  return bytes.length >= 4 && type >= 192 && type <= 223;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function halfAt(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((halfAt(bytes, at) << 16) | halfAt(bytes, at + 2)) >>> 0;
}

function writeWord(target: Uint8Array, at: number, word: number): void {
  target[at] = word >>> 24;
  target[at + 1] = word >>> 16;
  target[at + 2] = word >>> 8;
  target[at + 3] = word;
}
