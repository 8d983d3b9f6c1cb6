/**
 * rtp: the protocol cores of sound on the network. RTP and RTCP packets (RFC 3550), keys as events (RFC 4733), the playout
 * buffer with its figures, and SRTP (RFC 3711). Bytes and the time in, bytes out: no socket, no timer.
 *
 * May import: base, media.
 */
export {
  createEventReceiver,
  type EventReceiver,
  type EventReceiverOptions,
  type TelephoneEvent,
} from "./event-receiver.ts";
export { createEventSender, type EventSender, type EventSenderOptions } from "./event-sender.ts";
export { createOpusPlayout, type OpusPlayoutOptions } from "./opus-playout.ts";
export {
  buildRtpPacket,
  looksLikeRtcp,
  parseRtpPacket,
  type RtpExtension,
  type RtpFlaw,
  type RtpPacket,
  rtpHeaderBytes,
  rtpPacketBytes,
  writeRtpHeader,
} from "./packet.ts";
export {
  type PlayoutBuffer,
  type PlayoutFigures,
  type PlayoutOptions,
  playoutFrameMs,
} from "./playout.ts";
export { createPlayoutBuffer } from "./playout-buffer.ts";
export { estimateMos, type SoundQuality, soundQuality } from "./quality.ts";
export {
  createRtpReceiver,
  isGood,
  type ReceptionReport,
  type RtpReceiver,
  type RtpReceiverFigures,
  type RtpReceiverOptions,
  type RtpVerdict,
} from "./receiver.ts";
export { buildRtcp, parseRtcp, type RtcpFlaw, type RtcpPacket, type RtcpReportBlock } from "./rtcp-packet.ts";
export {
  createRtcpSession,
  type RtcpFigures,
  type RtcpSession,
  type RtcpSessionOptions,
  type RtcpTime,
} from "./rtcp-session.ts";
export {
  createRtpSender,
  type RtpPayload,
  type RtpSender,
  type RtpSenderFigures,
  type RtpSenderOptions,
} from "./sender.ts";
export {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpFlaw,
  type SrtpKeys,
  type SrtpPrimitives,
  type SrtpReceiver,
  type SrtpSender,
  type SrtpSuite,
  srtpKeys,
} from "./srtp.ts";
