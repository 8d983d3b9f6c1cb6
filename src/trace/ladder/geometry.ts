import { type LadderLane, type LadderModel, ladderLanes } from "./ladder-item.ts";

/** Where columns are. */
export interface LadderGeometry {
  readonly width: number;
  readonly timeWidth: number;
  /** Of both sides' waveforms; undefined without sound. */
  readonly sound: Column | undefined;
  readonly lanes: Readonly<Record<LadderLane, Column>>;
  /** Of each party's life line; ours is `us`. */
  readonly parties: readonly number[];
  readonly us: number;
  /** Of the bars in the app's lane: their distance, and how many there are at most; more lie on the last. */
  readonly tracks: { readonly step: number; readonly most: number };
}

export interface Column {
  readonly x: number;
  readonly w: number;
  /** The user folded it. */
  readonly folded: boolean;
}

export interface GeometryOptions {
  readonly width: number;
  readonly folded?: ReadonlySet<LadderLane> | undefined;
  readonly sound?: boolean | undefined;
}

/** About how near to a track a pointer is on it. */
export const trackPx = 8;
const foldedPx = 26;
/** Of a wire without SIP: `RTP alaw` beside its bar. */
const stripPx = 92;
/** Between two lanes, where arrows go from one to the other. */
export const gutterPx = 18;

/** Divides a width among the lanes; one in which nothing ever happened needs only room to say so. */
export function ladderGeometry(
  model: LadderModel,
  { width, folded, sound }: GeometryOptions,
): LadderGeometry {
  const small = width < 560;
  const timeWidth = small ? 46 : 60;
  const soundColumn = sound ? { x: timeWidth, w: small ? 28 : 62, folded: false } : undefined;
  const left = timeWidth + (soundColumn?.w ?? 0) + 8;
  const used = new Set(model.items.map(({ lane }) => lane));
  // Without SIP there are no arrows: sound's bars and keys need no more than a strip.
  const strip = !folded?.has("wire") && model.parties.length === 0 ? (small ? stripPx / 2 : stripPx) : 0;
  const weights = ladderLanes.map((lane): number => {
    if (folded?.has(lane) || (lane === "wire" && strip > 0)) return 0;
    if (!used.has(lane)) return 0.55;
    // Arrows need room for each party, the app's lines for their source.
    return lane === "wire" ? Math.min(1.5, 0.6 + 0.3 * model.parties.length) : lane === "engine" ? 1.25 : 1.1;
  });
  const all = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const widthOf = (lane: LadderLane): number => (lane === "wire" && strip > 0 ? strip : foldedPx);
  const closed = ladderLanes.reduce((sum, lane, i) => sum + (weights[i] === 0 ? widthOf(lane) : 0), 0);
  const free = Math.max(0, width - left - 8 - 2 * gutterPx - closed);
  let x = left;
  const lanes = {} as Record<LadderLane, Column>;
  ladderLanes.forEach((lane, i) => {
    const weight = weights[i] ?? 0;
    const w = weight === 0 ? widthOf(lane) : (free * weight) / all;
    lanes[lane] = { x, w, folded: folded?.has(lane) ?? false };
    x += w + gutterPx;
  });
  const { wire } = lanes;
  const us = wire.x + wire.w - 12;
  const first = wire.x + Math.min(40, wire.w / 5);
  const step = (us - first) / Math.max(1, model.parties.length);
  const parties = model.parties.map((_, i) => first + i * step);
  const tracks = small ? { step: 5, most: 6 } : { step: 8, most: 8 };
  return { width, timeWidth, sound: soundColumn, lanes, parties, us, tracks };
}
