import type { PlayoutFigures } from "./playout-buffer.ts";
import type { RtpReceiverFigures } from "./receiver.ts";

/** Figures of the sound of one call as it is heard here. */
export interface SoundQuality {
  readonly received: number;
  readonly lost: number;
  readonly late: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly concealedMs: number;
  readonly jitterMs: number;
  readonly delayMs: number;
  readonly meanDelayMs: number;
  /** Estimated mean opinion score, 1…4.5 (ITU-T G.107 simplified); undefined before any sound. */
  readonly mos: number | undefined;
}

/** Joins the figures of a receiver and its playout buffer. @param roundTripMs of RTCP, default 0. */
export declare function soundQuality(
  codec: string,
  receiver: RtpReceiverFigures,
  playout: PlayoutFigures,
  roundTripMs?: number,
): SoundQuality;
