import type { Codec } from "../media/index.ts";
import type { PlayoutFigures } from "./playout.ts";
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

/**
 * ITU-T G.113 Appendix I: impairment of a codec (Ie), and how well it bears loss (Bpl). Of G.711 with concealment; of GSM full
 * rate no Bpl is given, the one of its enhanced form is near; linear sound counts as G.711.
 */
const impairments: Readonly<Record<Codec, { readonly codec: number; readonly robustness: number }>> = {
  alaw: { codec: 0, robustness: 25.1 },
  mulaw: { codec: 0, robustness: 25.1 },
  slin: { codec: 0, robustness: 25.1 },
  gsm: { codec: 20, robustness: 10 },
};
/** What is not the buffer and not the network: a packet's own length, and capture and playing at the far phone. */
const packetMs = 20;

/**
 * Mean opinion score by the E-model (ITU-T G.107) with its defaults, simplified as usual for packet networks: R = 93.2 − Id −
 * Ie,eff; Id from the delay alone (no echo), Ie,eff from the codec and random loss.
 * @param lossPercent of the sound, lost or too late.
 * @param delayMs from mouth to ear.
 */
export function estimateMos(codec: Codec, lossPercent: number, delayMs: number): number {
  const { codec: ie, robustness } = impairments[codec];
  const delay = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - 177.3);
  const loss = ie + ((95 - ie) * lossPercent) / (lossPercent + robustness);
  const r = Math.max(0, Math.min(100, 93.2 - delay - loss));
  // The curve dips below 1 for the smallest R.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** Joins the figures of a receiver and its playout buffer. @param roundTripMs of RTCP, default 0. */
export function soundQuality(
  codec: Codec,
  receiver: RtpReceiverFigures,
  playout: PlayoutFigures,
  roundTripMs = 0,
): SoundQuality {
  const { playedMs, concealedMs, meanDelayMs } = playout;
  const soundMs = playedMs + concealedMs;
  // A long loss is concealed for its beginning only; a packet that is late may be heard in part.
  const missing = receiver.lost + playout.late;
  const lossPercent =
    100 *
    Math.max(concealedMs / Math.max(1, soundMs), missing / Math.max(1, receiver.packets + receiver.lost));
  return {
    received: receiver.packets,
    lost: receiver.lost,
    late: playout.late,
    duplicates: receiver.duplicates,
    reordered: receiver.reordered,
    concealedMs,
    jitterMs: receiver.jitterMs,
    delayMs: playout.delayMs,
    meanDelayMs,
    mos: soundMs > 0 ? estimateMos(codec, lossPercent, meanDelayMs + packetMs + roundTripMs / 2) : undefined,
  };
}
