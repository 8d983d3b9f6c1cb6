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

/** Why a protected packet is refused. */
export type SrtpFlaw = "short" | "version" | "replayed" | "forged" | "header" | "sources";

/** Protects what is sent with one key. */
export interface SrtpSender {
  /** The protected packet, a new array. `packet` must be whole RTP, sequence numbers rising. */
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

export declare function createSrtpSender(keys: SrtpKeys, primitives: SrtpPrimitives): SrtpSender;
export declare function createSrtpReceiver(keys: SrtpKeys, primitives: SrtpPrimitives): SrtpReceiver;
