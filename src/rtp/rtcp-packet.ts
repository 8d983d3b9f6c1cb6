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

/**
 * Reads a compound packet (RFC 3550 §6.1, A.2); never throws. A first packet that is no report is taken too (RFC 5506).
 * With a flaw anywhere nothing of it is to be trusted: the flaw is all that is given.
 */
export declare function parseRtcp(bytes: Uint8Array): readonly RtcpPacket[] | RtcpFlaw;
/** Writes a compound packet. Reports and sources beyond 31, items and reasons beyond 255 bytes are left out. */
export declare function buildRtcp(packets: readonly RtcpPacket[]): Uint8Array;
