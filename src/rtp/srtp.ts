import { YaytsError } from "../base/index.ts";

/** The crypto that SRTP needs; with Node: createCipheriv("aes-128-ctr") and createHmac("sha1"). */
export interface SrtpPrimitives {
  /** AES-128 in counter mode over `data`, from the 16-byte counter block `iv` on. */
  aesCtr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** HMAC-SHA1, 20 bytes, of the concatenated parts. */
  hmacSha1(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
}

/** Protection profiles of RFC 4568 §6.2. In SRTCP the tag has 80 bits with both. */
export type SrtpSuite = "AES_CM_128_HMAC_SHA1_80" | "AES_CM_128_HMAC_SHA1_32";

/** Keys of one direction. */
export interface SrtpKeys {
  readonly suite: SrtpSuite;
  /** 16 bytes. */
  readonly masterKey: Uint8Array;
  /** 14 bytes. */
  readonly masterSalt: Uint8Array;
}

/** Keys out of 30 bytes: the master key, then its salt (RFC 4568 §6.1). */
export function srtpKeys(suite: SrtpSuite, keyAndSalt: Uint8Array): SrtpKeys {
  return { suite, masterKey: keyAndSalt.slice(0, 16), masterSalt: keyAndSalt.slice(16, 30) };
}

/**
 * Why a protected packet is refused: too short or not version 2, a header longer than the packet, a packet that came before or
 * is too old to know, a tag that does not match, or more sources under one key than are followed (16).
 */
export type SrtpFlaw = "short" | "version" | "replayed" | "forged" | "header" | "sources";

/** Protects what is sent with one key. */
export interface SrtpSender {
  /** The protected packet, a new array. `packet` must be whole RTP, its sequence numbers rising; throws `bad-argument` else. */
  protectRtp(packet: Uint8Array): Uint8Array;
  /** The protected compound packet, a new array. */
  protectRtcp(packet: Uint8Array): Uint8Array;
}

/** Opens what comes with one key. */
export interface SrtpReceiver {
  /** The RTP packet, a new array; or why it is refused. State changes only with authentic packets. */
  openRtp(packet: Uint8Array): Uint8Array | SrtpFlaw;
  /** The compound RTCP packet, a new array; or why it is refused. */
  openRtcp(packet: Uint8Array): Uint8Array | SrtpFlaw;
}

/** RFC 3711 §4.3.1: what a session key is for. */
const label = { rtp: 0, rtcp: 3 } as const;
const rtcpTagBytes = 10;
const rtcpIndexBytes = 4;
/** RFC 3711 §3.3.2 asks for 64 at least. */
const replayWindow = 128;
const maxSources = 16;

interface SessionKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
  readonly salt: Uint8Array;
}

/** RFC 3711 §4.3: the keys of one use, with a key derivation rate of 0. Exported for its vectors (B.3). */
export function deriveSessionKeys(
  { masterKey, masterSalt }: SrtpKeys,
  use: "rtp" | "rtcp",
  { aesCtr }: SrtpPrimitives,
): SessionKeys {
  if (masterKey.length !== 16 || masterSalt.length !== 14) {
    throw new YaytsError("bad-argument", "SRTP takes a master key of 16 bytes and a salt of 14");
  }
  const derive = (what: number, bytes: number): Uint8Array => {
    const iv = new Uint8Array(16);
    iv.set(masterSalt);
    iv[7] = (iv[7] ?? 0) ^ what;
    return aesCtr(masterKey, iv, new Uint8Array(bytes));
  };
  const first = label[use];
  return {
    encryption: derive(first, 16),
    authentication: derive(first + 1, 20),
    salt: derive(first + 2, 14),
  };
}

/** RFC 3711 §4.1.1: (salt << 16) ^ (SSRC << 64) ^ (index << 16). */
function counterBlock(salt: Uint8Array, ssrc: Uint8Array, index: number): Uint8Array {
  const iv = new Uint8Array(16);
  iv.set(salt);
  for (let i = 0; i < 4; i++) iv[4 + i] = (iv[4 + i] ?? 0) ^ (ssrc[i] ?? 0);
  let rest = index;
  for (let i = 13; i >= 8; i--) {
    iv[i] = (iv[i] ?? 0) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return iv;
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

/** Where the payload of an RTP packet begins; undefined where the header does not fit into `length` bytes. */
function payloadStart(packet: Uint8Array, length: number): number | undefined {
  const first = packet[0] ?? 0;
  let at = 12 + (first & 15) * 4;
  if (first & 0x10) {
    if (at + 4 > length) return undefined;
    at += 4 + (((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0)) * 4;
  }
  return at <= length ? at : undefined;
}

/** Compares in a time that does not depend on where the difference is. */
function sameTag(tag: Uint8Array, expected: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < tag.length; i++) difference |= (tag[i] ?? 0) ^ (expected[i] ?? 0);
  return difference === 0;
}

function sequenceOf(packet: Uint8Array): number {
  return ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
}

function tagBytes(suite: SrtpSuite): number {
  return suite === "AES_CM_128_HMAC_SHA1_32" ? 4 : 10;
}

/** Makes the sending side of a key. Throws `bad-argument` for keys of a wrong length. */
export function createSrtpSender(keys: SrtpKeys, primitives: SrtpPrimitives): SrtpSender {
  const { aesCtr, hmacSha1 } = primitives;
  const rtp = deriveSessionKeys(keys, "rtp", primitives);
  const rtcp = deriveSessionKeys(keys, "rtcp", primitives);
  const rtpTagBytes = tagBytes(keys.suite);
  /** Index of the last packet (roll-over counter × 65536 + sequence number), by source. */
  const last = new Map<number, number>();
  let rtcpIndex = 0;

  return {
    protectRtp(packet) {
      const start = packet.length >= 12 ? payloadStart(packet, packet.length) : undefined;
      if (start === undefined)
        throw new YaytsError("bad-argument", "what is to be protected is no RTP packet");
      const ssrc = wordAt(packet, 8);
      const sequence = sequenceOf(packet);
      const before = last.get(ssrc);
      let index = sequence;
      if (before !== undefined) {
        index = before - (before % 65536) + sequence;
        if (index < before - 32768) index += 65536;
      }
      last.set(ssrc, Math.max(index, before ?? 0));
      const protectedPacket = new Uint8Array(packet.length + rtpTagBytes);
      protectedPacket.set(packet.subarray(0, start));
      const iv = counterBlock(rtp.salt, packet.subarray(8, 12), index);
      protectedPacket.set(aesCtr(rtp.encryption, iv, packet.subarray(start)), start);
      const body = protectedPacket.subarray(0, packet.length);
      const tag = hmacSha1(rtp.authentication, body, word(Math.floor(index / 65536)));
      protectedPacket.set(tag.subarray(0, rtpTagBytes), packet.length);
      return protectedPacket;
    },
    protectRtcp(packet) {
      if (packet.length < 8)
        throw new YaytsError("bad-argument", "what is to be protected is no RTCP packet");
      // §3.4: the index is 31 bits, and begins with anything; the reference vectors of others begin with 1.
      rtcpIndex = (rtcpIndex + 1) & 0x7fffffff;
      const whole = new Uint8Array(packet.length + rtcpIndexBytes + rtcpTagBytes);
      whole.set(packet.subarray(0, 8));
      const iv = counterBlock(rtcp.salt, packet.subarray(4, 8), rtcpIndex);
      whole.set(aesCtr(rtcp.encryption, iv, packet.subarray(8)), 8);
      whole.set(word(0x80000000 | rtcpIndex), packet.length);
      const body = whole.subarray(0, packet.length + rtcpIndexBytes);
      whole.set(hmacSha1(rtcp.authentication, body).subarray(0, rtcpTagBytes), body.length);
      return whole;
    },
  };
}

/** The packets of one source that were opened: RFC 3711 §3.3.2, by index. */
class ReplayList {
  highest = -1;
  readonly #seen = new Float64Array(replayWindow).fill(-1);

  has(index: number): boolean {
    return index <= this.highest - replayWindow || this.#seen[index % replayWindow] === index;
  }

  add(index: number): void {
    this.#seen[index % replayWindow] = index;
    this.highest = Math.max(this.highest, index);
  }
}

/** Makes the receiving side of a key. Throws `bad-argument` for keys of a wrong length. */
export function createSrtpReceiver(keys: SrtpKeys, primitives: SrtpPrimitives): SrtpReceiver {
  const { aesCtr, hmacSha1 } = primitives;
  const rtp = deriveSessionKeys(keys, "rtp", primitives);
  const rtcp = deriveSessionKeys(keys, "rtcp", primitives);
  const rtpTagBytes = tagBytes(keys.suite);
  const rtpSources = new Map<number, ReplayList>();
  const rtcpSources = new Map<number, ReplayList>();

  return {
    openRtp(packet) {
      const end = packet.length - rtpTagBytes;
      if (end < 12) return "short";
      if ((packet[0] ?? 0) >> 6 !== 2) return "version";
      const start = payloadStart(packet, end);
      if (start === undefined) return "header";
      const ssrc = wordAt(packet, 8);
      const known = rtpSources.get(ssrc);
      const index = guessIndex(known?.highest ?? -1, sequenceOf(packet));
      if (index < 0 || known?.has(index)) return "replayed";
      const body = packet.subarray(0, end);
      const tag = hmacSha1(rtp.authentication, body, word(Math.floor(index / 65536)));
      if (!sameTag(packet.subarray(end), tag)) return "forged";
      const list = sourceList(rtpSources, ssrc);
      if (!list) return "sources";
      list.add(index);
      const opened = packet.slice(0, end);
      const iv = counterBlock(rtp.salt, packet.subarray(8, 12), index);
      opened.set(aesCtr(rtp.encryption, iv, packet.subarray(start, end)), start);
      return opened;
    },
    openRtcp(packet) {
      const end = packet.length - rtcpTagBytes - rtcpIndexBytes;
      if (end < 8) return "short";
      if ((packet[0] ?? 0) >> 6 !== 2) return "version";
      const ssrc = wordAt(packet, 4);
      const indexWord = wordAt(packet, end);
      const index = indexWord & 0x7fffffff;
      if (rtcpSources.get(ssrc)?.has(index)) return "replayed";
      const tag = hmacSha1(rtcp.authentication, packet.subarray(0, end + rtcpIndexBytes));
      if (!sameTag(packet.subarray(end + rtcpIndexBytes), tag)) return "forged";
      const list = sourceList(rtcpSources, ssrc);
      if (!list) return "sources";
      list.add(index);
      const opened = packet.slice(0, end);
      // §3.4: the E flag says whether the packet is encrypted.
      if (indexWord >>> 31) {
        const iv = counterBlock(rtcp.salt, packet.subarray(4, 8), index);
        opened.set(aesCtr(rtcp.encryption, iv, packet.subarray(8, end)), 8);
      }
      return opened;
    },
  };
}

/** Only authentic packets come here, so a stranger cannot fill the list. */
function sourceList(sources: Map<number, ReplayList>, ssrc: number): ReplayList | undefined {
  let list = sources.get(ssrc);
  if (!list && sources.size < maxSources) {
    list = new ReplayList();
    sources.set(ssrc, list);
  }
  return list;
}

/** RFC 3711 §3.3.1 and appendix A: the index nearest to the highest one so far. Negative: before the first packet of all. */
function guessIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence;
  const index = highest - (highest % 65536) + sequence;
  if (index - highest > 32768) return index - 65536;
  if (highest - index >= 32768) return index + 65536;
  return index;
}
