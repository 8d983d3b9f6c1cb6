import type { MediaFormat } from "../media/index.ts";

/** How the sound of a session travels. */
export interface RtpPayload {
  /** 0…127. */
  readonly payloadType: number;
  readonly format: MediaFormat;
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
  /** Sends a packet that carries no sound: its timestamp is the caller's, the sequence numbers are the stream's. */
  sendEvent(payload: Uint8Array, payloadType: number, timestamp: number, marker: boolean): void;
  /** The timestamp of a sound that would be sent at `nowMs`. Before the first block that of its first sample. */
  timestampAt(nowMs: number): number;
  /** Goes on with another payload: same SSRC and sequence, the timestamps go on (same clock rate), the first packet has a marker. */
  changePayload(payload: RtpPayload): void;
}

export declare function createRtpSender(options: RtpSenderOptions): RtpSender;
