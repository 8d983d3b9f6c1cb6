import type { MediaFormat } from "../media/index.ts";
import { rtpHeaderBytes, writeRtpHeader } from "./packet.ts";

/** How the sound of a session travels. */
export interface RtpPayload {
  /** 0…127. */
  readonly payloadType: number;
  readonly format: MediaFormat;
  /** Of the timestamps, where it is not the rate of the format. */
  readonly clockRateHz?: number | undefined;
  /**
   * Whether linear samples travel most significant byte first: true for `slin` agreed on by SDP (RFC 3551 §4.5.11),
   * false, the default, for rtp/ attachments, whose apps expect little endian (spec/rtp.md §2). No matter for other codecs.
   */
  readonly networkOrder?: boolean | undefined;
}

/** What an {@link RtpSender} is made of. */
export interface RtpSenderOptions {
  /** 32 bits, random (RFC 3550 §8). */
  readonly ssrc: number;
  /** First sequence number. The reference takes a random one of 2500…62500. */
  readonly sequence: number;
  /** What is added to the count of samples to make a timestamp; random, 32 bits. */
  readonly timestampOffset: number;
  readonly payload: RtpPayload;
  /** Largest payload of G.711 in bytes; larger blocks are cut. Default 240. */
  readonly maxBlockBytes?: number | undefined;
  /** Pads payloads to a multiple of so many bytes. Default 1: no padding. */
  readonly padTo?: number | undefined;
  /**
   * A block that comes so much later than the sound before it lasted begins a new talkspurt: marker, and the timestamp
   * goes on by the clock. Default 100 ms.
   */
  readonly talkspurtGapMs?: number | undefined;
  /** Takes each packet to be sent: a new array, free to keep or change. Called from within `send` and `sendEvent`. */
  readonly transmit: (packet: Uint8Array) => void;
}

/** Figures of what was sent; those of a sender report (RFC 3550 §6.4.1). */
export interface RtpSenderFigures {
  readonly packets: number;
  /** Payload bytes, without padding. */
  readonly octets: number;
}

/** Makes the packets of one stream: sound, and the events between it (spec/rtp.md §2). */
export interface RtpSender {
  readonly ssrc: number;
  readonly payload: RtpPayload;
  readonly figures: RtpSenderFigures;
  /**
   * While true, sound moves the timestamps on but is not sent: a key is being sent instead of it. Set by
   * {@link EventSender}.
   */
  held: boolean;
  /**
   * Sends a block of the payload's format at once. More G.711 than `maxBlockBytes` is cut into packets of 160 bytes if it
   * is a multiple of that, else of `maxBlockBytes` and the rest; GSM into a packet a frame of 33 bytes; linear sound only where it
   * would not fit a datagram.
   * What does not make a whole sample or frame is left out.
   * @param nowMs monotonic time.
   */
  send(block: Uint8Array, nowMs: number): void;
  /**
   * Sends a packet of a codec that media does not know: as it is, whatever the payload's format.
   * @param durationMs what it lasts
   * @param nowMs monotonic time
   */
  sendCoded(bytes: Uint8Array, durationMs: number, nowMs: number): void;
  /** Sends a packet that carries no sound: its timestamp is the caller's, the sequence numbers are the stream's. */
  sendEvent(payload: Uint8Array, payloadType: number, timestamp: number, marker: boolean): void;
  /** The timestamp of a sound that would be sent at `nowMs`. Before the first block that of its first sample. */
  timestampAt(nowMs: number): number;
  /** Goes on with another payload: same SSRC and sequence, the timestamps go on (same clock rate), the first packet has a marker. */
  changePayload(payload: RtpPayload): void;
}

/** What G.711 is cut into where it divides the block: 20 ms. */
const plainFragmentBytes = 160;
/** Largest payload of linear sound: a datagram that no link has to fragment. */
const maxLinearBytes = 1280;
/** Share of a block's lateness that is forgotten with it, so that a slow source does not look like a pause. */
const lateForgotten = 1 / 64;

/** Makes the sender of one stream. */
export function createRtpSender(options: RtpSenderOptions): RtpSender {
  const { ssrc, transmit, maxBlockBytes = 240, padTo = 1, talkspurtGapMs = 100 } = options;
  let payload = options.payload;
  let sequence = options.sequence & 0xffff;
  /** Timestamp of the next sample. */
  let timestamp = options.timestampOffset >>> 0;
  let marker = true;
  let held = false;
  /** When the sound sent so far is over. */
  let endMs = Number.NaN;
  let packets = 0;
  let octets = 0;

  const emit = (payloadType: number, at: number, withMarker: boolean, bytes: number): Uint8Array => {
    const padding = padTo > 1 ? (padTo - (bytes % padTo)) % padTo : 0;
    const packet = new Uint8Array(rtpHeaderBytes + bytes + padding);
    writeRtpHeader(packet, 0, withMarker, payloadType, sequence, at, ssrc);
    if (padding > 0) {
      packet[0] = 0xa0;
      packet[packet.length - 1] = padding;
    }
    sequence = (sequence + 1) & 0xffff;
    packets++;
    octets += bytes;
    return packet;
  };

  /** How long the pieces of a block are. */
  const pieceBytes = (length: number): number => {
    const { codec, unitBytes } = payload.format;
    if (codec === "gsm") return unitBytes;
    if (codec === "slin") return maxLinearBytes - (maxLinearBytes % unitBytes);
    if (length <= maxBlockBytes) return length;
    const whole = maxBlockBytes - (maxBlockBytes % unitBytes);
    return length % plainFragmentBytes === 0 ? Math.min(plainFragmentBytes, whole) : whole;
  };

  const sendPiece = (block: Uint8Array, from: number, to: number): void => {
    const packet = emit(payload.payloadType, timestamp, marker, to - from);
    marker = false;
    if (payload.networkOrder && payload.format.codec === "slin") {
      for (let i = from, at = rtpHeaderBytes; i + 1 < to; i += 2, at += 2) {
        packet[at] = block[i + 1] ?? 0;
        packet[at + 1] = block[i] ?? 0;
      }
    } else {
      packet.set(from === 0 && to === block.length ? block : block.subarray(from, to), rtpHeaderBytes);
    }
    transmit(packet);
  };

  /** Time has come to `nowMs`: a block of units of so many samples begins. */
  const begin = (nowMs: number, samplesPerUnit: number, rateHz: number): void => {
    const lateMs = Number.isNaN(endMs) ? 0 : nowMs - endMs;
    if (Number.isNaN(endMs)) endMs = nowMs;
    else if (lateMs > talkspurtGapMs) {
      // A pause: the timestamps tell how long it was, in whole samples or frames.
      const unitMs = (samplesPerUnit * 1000) / rateHz;
      const units = Math.round(lateMs / unitMs);
      timestamp = (timestamp + units * samplesPerUnit) >>> 0;
      endMs += units * unitMs;
      marker = true;
    } else endMs += lateMs * lateForgotten;
  };
  const clockRate = (): number => payload.clockRateHz ?? payload.format.sampleRateHz;

  return {
    ssrc,
    get held() {
      return held;
    },
    set held(value) {
      held = value;
    },
    get payload() {
      return payload;
    },
    get figures() {
      return { packets, octets };
    },
    send(block, nowMs) {
      const { unitBytes, sampleRateHz, codec } = payload.format;
      const samplesPerUnit = codec === "gsm" ? 160 : 1;
      const length = block.length - (block.length % unitBytes);
      if (length === 0) return;
      begin(nowMs, samplesPerUnit, sampleRateHz);
      const step = Math.max(unitBytes, pieceBytes(length));
      for (let from = 0; from < length; from += step) {
        const to = Math.min(length, from + step);
        if (!held) sendPiece(block, from, to);
        const samples = ((to - from) / unitBytes) * samplesPerUnit;
        timestamp = (timestamp + samples) >>> 0;
        endMs += (samples * 1000) / sampleRateHz;
      }
    },
    sendCoded(bytes, durationMs, nowMs) {
      const samples = (durationMs * clockRate()) / 1000;
      begin(nowMs, samples, clockRate());
      if (!held) sendPiece(bytes, 0, bytes.length);
      timestamp = (timestamp + samples) >>> 0;
      endMs += durationMs;
    },
    sendEvent(event, payloadType, at, withMarker) {
      const packet = emit(payloadType, at, withMarker, event.length);
      packet.set(event, rtpHeaderBytes);
      transmit(packet);
    },
    timestampAt(nowMs) {
      // The clock of the timestamps starts with whatever asks first: sound or event.
      if (Number.isNaN(endMs)) endMs = nowMs;
      const lateMs = Math.max(0, nowMs - endMs);
      return (timestamp + Math.round((lateMs * clockRate()) / 1000)) >>> 0;
    },
    changePayload(next) {
      payload = next;
      marker = true;
    },
  };
}
