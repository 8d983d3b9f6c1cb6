/**
 * sdp: session descriptions (RFC 8866) and the offer/answer model (RFC 3264), as far as calls with sound need them. Text in,
 * values out, and back; no socket, no clock.
 *
 * May import: base.
 */
export {
  type CryptoAttribute,
  type CryptoSuite,
  createCrypto,
  cryptoKeyBytes,
  cryptoSuites,
  formatCrypto,
  parseCrypto,
} from "./crypto.ts";
export {
  type Codec,
  type Direction,
  type EventPayload,
  isNullAddress,
  isRtpTransport,
  isSecureTransport,
  type MediaDescription,
  type SessionDescription,
} from "./description.ts";
export { codecOfFormat, formatOfCodec, type RtpFormat, rtpFormats } from "./formats.ts";
export type { LocalAudio } from "./local-audio.ts";
export { type AnswerResult, createLocalDescription, type LocalDescription } from "./local-description.ts";
export {
  commonCodecs,
  eventFor,
  type KnownCodec,
  mirrored,
  type NegotiatedAudio,
  type NegotiatedFormat,
  type NoAudio,
  negotiated,
  type RejectedAudio,
} from "./negotiate.ts";
export { type ParsedSdp, parseSdp } from "./parse.ts";
export { rtpMapping } from "./rtp-mapping.ts";
export { sameMedia } from "./same-media.ts";
