/**
 * The standard tones of spec/media.md §5, as data. Frequencies in Hz, times in ms.
 */

/**
 * What sounds during a section of a cadence.
 * - `cycle`: a sine of peak 10,000 with a whole number of periods in so many samples, as the reference engine stores its named tones;
 * - `samples`: one period, literally;
 * - `sine`: one or two computed sines of peak 5,000 each; with `modulate` the second shapes the first by half;
 * - `noise`: white noise of peak 2^(16 − level) − 1;
 * - `silence`.
 */
export type ToneSound =
  | { readonly kind: "cycle"; readonly periods: number; readonly samples: number }
  | { readonly kind: "samples"; readonly period: readonly number[] }
  | { readonly kind: "sine"; readonly hz: number; readonly secondHz?: number; readonly modulate?: boolean }
  | { readonly kind: "noise"; readonly level: number }
  | { readonly kind: "silence" };

/** A stretch of one sound. */
export interface ToneSection {
  readonly durationMs: number;
  readonly sound: ToneSound;
}

/** A named tone: what one pass of it consists of. */
export interface ToneEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Only as override or replace, not as source or call target. */
  readonly oneShotOnly: boolean;
  readonly sections: readonly ToneSection[];
}

const silence: ToneSound = { kind: "silence" };
/** 421.05 Hz: 19 samples. */
const tone421: ToneSound = { kind: "cycle", periods: 1, samples: 19 };
const tone941: ToneSound = { kind: "cycle", periods: 2, samples: 17 };
const tone1454: ToneSound = { kind: "cycle", periods: 2, samples: 11 };
const tone1778: ToneSound = { kind: "cycle", periods: 2, samples: 9 };
/** The digital milliwatt of ITU-T G.711 table 5. */
const milliwatt: ToneSound = {
  kind: "samples",
  period: [8828, 20860, 20860, 8828, -8828, -20860, -20860, -8828],
};

const on = (durationMs: number, sound: ToneSound = tone421): ToneSection => ({ durationMs, sound });
const off = (durationMs: number): ToneSection => ({ durationMs, sound: silence });

function entry(name: string, aliases: readonly string[], ...sections: readonly ToneSection[]): ToneEntry {
  return { name, aliases, oneShotOnly: false, sections };
}

/** Frequencies of the keys: low and high group, in Hz (ITU-T Q.23). */
export const dtmfFrequencies: Readonly<Record<string, readonly [lowHz: number, highHz: number]>> = {
  1: [697, 1209],
  2: [697, 1336],
  3: [697, 1477],
  A: [697, 1633],
  4: [770, 1209],
  5: [770, 1336],
  6: [770, 1477],
  B: [770, 1633],
  7: [852, 1209],
  8: [852, 1336],
  9: [852, 1477],
  C: [852, 1633],
  "*": [941, 1209],
  0: [941, 1336],
  "#": [941, 1477],
  D: [941, 1633],
};

/** Silence before, between and after keys. */
export const DTMF_GAP: ToneSection = off(40);

/** The sound of a key, upper or lower case, or of anything else: 120 ms, silent if it is no key. */
export function dtmfSection(key: string): ToneSection {
  const pair = dtmfFrequencies[key.toUpperCase()];
  return pair ? on(120, { kind: "sine", hz: pair[0], secondHz: pair[1] }) : off(120);
}

/** All named tones. */
export const standardTones: readonly ToneEntry[] = [
  entry("dial", ["dt"], on(1000)),
  entry("busy", ["bs"], on(500), off(500)),
  entry("ring", ["rt"], on(1000), off(4000)),
  entry("specdial", ["sd"], on(950), off(50)),
  entry("congestion", ["cg"], on(250), off(250)),
  entry(
    "outoforder",
    ["oo"],
    ...[on(100), off(100), on(100), off(100), on(100), off(100)],
    ...[on(200), off(200)],
  ),
  entry(
    "info",
    ["in"],
    ...[on(330, tone941), off(30), on(330, tone1454), off(30)],
    ...[on(330, tone1778), off(1000)],
  ),
  entry("milliwatt", ["mw"], on(1000, milliwatt)),
  entry("silence", [], off(1000)),
  entry("noise", ["cn"], on(250, { kind: "noise", level: 10 })),
  entry("probe/0", ["probe"], on(1000, { kind: "sine", hz: 2000, secondHz: 125 })),
  // The reference engine's probe/1 is meant to be modulated, but sounds like probe/0.
  entry("probe/1", [], on(1000, { kind: "sine", hz: 2000, secondHz: 125 })),
  entry("probe/2", [], on(1000, { kind: "sine", hz: 2000, secondHz: 1000, modulate: true })),
  entry("cotv", ["co1"], on(1000, { kind: "sine", hz: 2010 })),
  entry("cots", ["co2"], on(1000, { kind: "sine", hz: 1780 })),
  {
    ...entry("callwaiting", ["cw"], off(20), on(100), off(100), on(100), off(20)),
    oneShotOnly: true,
  },
  ...Object.keys(dtmfFrequencies).map((key) => ({
    ...entry(`dtmf/${key.toLowerCase()}`, [key.toLowerCase()], DTMF_GAP, dtmfSection(key), DTMF_GAP),
    oneShotOnly: true,
  })),
];
