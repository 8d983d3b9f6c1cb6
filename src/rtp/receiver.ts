import type { RtpPacket } from "./packet.ts";

/** What an {@link RtpReceiver} is made of. */
export interface RtpReceiverOptions {
  /** Of the timestamps; for the jitter. Default 8000. */
  readonly clockRateHz?: number | undefined;
  /** Whether a payload type is one of the session's (sound, events, comfort noise). */
  readonly accepts: (payloadType: number) => boolean;
  /** Whether another source may take over (spec/rtp.md §2 `anyssrc`). Default true. */
  readonly anySsrc?: boolean | undefined;
}

/**
 * What became of a packet.
 * Good ones: `next` is newer than all before, `reordered` fills a hole, `restart` is the first one of a new source or of
 * a sequence that began anew.
 * Bad ones: `duplicate` was there before; `stray` is out of sequence and has nothing before it yet (RFC 3550 A.1);
 * `stranger` is of another source; `payload` has a payload type that is not the session's.
 */
export type RtpVerdict = "next" | "reordered" | "restart" | "duplicate" | "stray" | "stranger" | "payload";

/** Figures of what was received. */
export interface RtpReceiverFigures {
  /** Good packets. */
  readonly packets: number;
  /** Their payload bytes. */
  readonly octets: number;
  /** Expected but not received, so far (RFC 3550 §6.4.1); duplicates do not make up for it, and it is never below 0. */
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Times that the source or its sequence began anew. */
  readonly restarts: number;
  /** Packets dropped as `stray`, `stranger` or `payload`. */
  readonly strays: number;
  readonly strangers: number;
  readonly wrongPayload: number;
  /** Interarrival jitter (RFC 3550 A.8) in milliseconds. */
  readonly jitterMs: number;
}

/** What a report block says about a source (RFC 3550 §6.4.1), but for the times of its sender reports. */
export interface ReceptionReport {
  readonly ssrc: number;
  /** Share of packets lost since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Signed, 24 bits. */
  readonly cumulativeLost: number;
  /** Highest sequence number with its cycles, 32 bits. */
  readonly extendedSequence: number;
  /** In timestamp units. */
  readonly jitter: number;
}

/** Follows one stream by the rules of RFC 3550 A.1, A.3 and A.8. */
export interface RtpReceiver {
  /** The source that is being heard; undefined before the first packet. */
  readonly ssrc: number | undefined;
  readonly figures: RtpReceiverFigures;
  /**
   * Judges a packet. The first one ever is taken at once; another source takes over with its second packet in sequence
   * when the present one has been silent between them.
   * @param arrivalMs monotonic time.
   */
  receive(packet: RtpPacket, arrivalMs: number): RtpVerdict;
  /** Takes the next packet whatever its source and sequence are: the session was given another address. */
  resynchronize(): void;
  /** The next report block; undefined while there is no source. Each call begins the next interval of `fractionLost`. */
  report(): ReceptionReport | undefined;
}

/** Whether a packet is to be used. */
export function isGood(verdict: RtpVerdict): boolean {
  return verdict === "next" || verdict === "reordered" || verdict === "restart";
}

export declare function createRtpReceiver(options: RtpReceiverOptions): RtpReceiver;
