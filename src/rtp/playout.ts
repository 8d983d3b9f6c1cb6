import type { MediaFormat } from "../media/index.ts";
import type { RtpPacket } from "./packet.ts";

/** Length of the frames that a {@link PlayoutBuffer} gives, in milliseconds. */
export const playoutFrameMs = 20;

/** What a {@link PlayoutBuffer} is made of. */
export interface PlayoutOptions {
  /**
   * Of the frames given, and of the packets but for `networkOrder`. Opus is played out by {@link createOpusPlayout}; G.729, for which media
   * has no codec, cannot be.
   */
  readonly format: MediaFormat;
  /** Linear samples come most significant byte first; frames are given little endian all the same. Default false. */
  readonly networkOrder?: boolean | undefined;
  /** Least delay between a packet's coming and its going, in milliseconds. Default 20; up to a frame more by chance of phase. */
  readonly minMs?: number | undefined;
  /** Most delay above that of the fastest recent packets, in milliseconds. Default 200. */
  readonly maxMs?: number | undefined;
}

/** Figures of the playout. Counts are since the beginning. */
export interface PlayoutFigures {
  /** Packets put. */
  readonly packets: number;
  /** Packets that came after their time, and were dropped. */
  readonly late: number;
  /** Packets dropped because nothing was taken, or because they were of no use. */
  readonly dropped: number;
  /** Sound that was given as it came. */
  readonly playedMs: number;
  /** Sound that was made up for what was missing. Silence that the sender did not send is not missing. */
  readonly concealedMs: number;
  /** Frames inserted and left out to follow the network or the sender's clock. */
  readonly inserted: number;
  readonly skipped: number;
  /** Delay of the buffer now: from the coming of the fastest packets to their going. */
  readonly delayMs: number;
  /** The same, mean over all frames played. */
  readonly meanDelayMs: number;
  /** Delay that the present jitter asks for. */
  readonly targetMs: number;
}

/**
 * Evens out the coming of packets: `put` as they come, `take` every 20 ms. Packets may be of any length and order, the
 * frames are of 20 ms. What is lost is concealed and fades to nothing in 60 ms; the delay follows the jitter; where
 * the sender's clock is not ours, a frame is inserted or left out where it hurts least. On a clean network what comes out is what went in, bit by bit.
 */
export interface PlayoutBuffer {
  readonly format: MediaFormat;
  readonly figures: PlayoutFigures;
  /** Time from what is given next to the end of what came, in milliseconds, below 0 when that has passed; undefined while nothing is played. */
  readonly aheadMs: number | undefined;
  /**
   * Takes a packet that the receiver found good; its payload is copied.
   * @param arrivalMs monotonic time, the same scale as `take`'s.
   * @param restart true when the receiver's verdict was `restart`: sequence and timestamps tell nothing about those before.
   */
  put(packet: RtpPacket, arrivalMs: number, restart?: boolean): void;
  /** Tells of a good packet without sound (an event, comfort noise): it is not lost, and the silence is meant. */
  skip(sequence: number): void;
  /**
   * The next 20 ms; undefined when there is nothing to be heard: before the start, in a silence, after a loss has faded.
   * The array is the buffer's own and is overwritten by the next call.
   */
  take(nowMs: number): Uint8Array | undefined;
  /** Forgets what it holds and begins anew with the next packet. Counts stay. */
  reset(): void;
}
