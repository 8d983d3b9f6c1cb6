/** Tone generators (spec/media.md §5): slin 8000 in blocks of 20 ms. */
import { bytesOf } from "./block-aligner.ts";
import {
  DTMF_GAP,
  dtmfSection,
  standardTones,
  type ToneEntry,
  type ToneSection,
  type ToneSound,
} from "./tone-table.ts";

const BLOCK_SAMPLES = 160;
const SAMPLES_PER_MS = 8;
/** Peak of each computed component. */
const COMPONENT_PEAK = 5000;
/** Peak of the waveforms of the named tones. */
const NAMED_PEAK = 10000;
const DEFAULT_DURATION_MS = 1000;

/** A running tone. */
export interface ToneGenerator {
  /** The next 20 ms (320 bytes of slin 8000, a new array), or undefined after the end. */
  next(): Uint8Array | undefined;
}

const byName: ReadonlyMap<string, ToneEntry> = new Map(
  standardTones.flatMap((tone) => [tone.name, ...tone.aliases].map((name) => [name, tone] as const)),
);

/** What gives sample n of a sound, counted from the start of its section. */
function waveform(sound: ToneSound): (n: number) => number {
  switch (sound.kind) {
    case "silence":
      return () => 0;
    case "samples": {
      const { period } = sound;
      return (n) => period[n % period.length] ?? 0;
    }
    case "cycle": {
      const { periods, samples } = sound;
      const table = Int16Array.from({ length: samples }, (_, k) =>
        Math.trunc(NAMED_PEAK * Math.sin((2 * Math.PI * (k + 1) * periods) / samples)),
      );
      return (n) => table[n % samples] ?? 0;
    }
    case "noise": {
      const peak = sound.level >= 64 ? 0 : Math.max(1, 2 ** (16 - sound.level) - 1);
      return () => Math.round((Math.random() * 2 - 1) * Math.min(peak, 32767));
    }
    case "sine": {
      const step = (2 * Math.PI * sound.hz) / 8000;
      const secondStep = (2 * Math.PI * (sound.secondHz ?? 0)) / 8000;
      if (sound.modulate) {
        return (n) => Math.trunc(COMPONENT_PEAK * Math.sin(n * step) * (1 + 0.5 * Math.sin(n * secondStep)));
      }
      return (n) => Math.trunc(COMPONENT_PEAK * (Math.sin(n * step) + Math.sin(n * secondStep)));
    }
  }
}

/** Plays sections, then others for ever; if there are none, the last block is filled up with silence and ends it. */
function play(first: readonly ToneSection[], again: readonly ToneSection[]): ToneGenerator {
  // A single section that repeats is a steady tone: it must not jump at the end of each pass.
  const steady = first.length === 1 && again.length === 1;
  const ready = (sections: readonly ToneSection[]) =>
    sections.map(({ sound, durationMs }) => ({
      wave: waveform(sound),
      samples: steady ? Number.POSITIVE_INFINITY : Math.round(durationMs * SAMPLES_PER_MS),
    }));
  let waves = ready(first);
  let at = 0;
  let n = 0;
  return {
    next(): Uint8Array | undefined {
      if (at >= waves.length) return undefined;
      const block = new Int16Array(BLOCK_SAMPLES);
      let filled = 0;
      while (filled < BLOCK_SAMPLES) {
        const section = waves[at];
        if (!section) break;
        const take = Math.min(BLOCK_SAMPLES - filled, section.samples - n);
        for (const end = n + take; n < end; n++) block[filled++] = section.wave(n);
        if (n < section.samples) break;
        n = 0;
        at++;
        if (at === waves.length && again.length > 0) {
          at = 0;
          waves = again === first ? waves : ready(again);
        }
      }
      return bytesOf(block);
    },
  };
}

function normalName(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * Makes an endless generator of a named cadenced tone, as `tone/<name>` means it for a source or a call target.
 * The name is trimmed, its case does not matter, aliases work. One-shot forms (`dtmf/5`, `440`, `callwaiting`) are
 * not known here.
 */
export function createTone(name: string): ToneGenerator | undefined {
  const tone = byName.get(normalName(name));
  return tone && !tone.oneShotOnly ? play(tone.sections, tone.sections) : undefined;
}

const COMPUTED = /^([+-]?\d{1,5})(?:([+*])(\d{1,5}))?(?:\/(\d{1,9}))?$/;

/** Reads `<f>`, `<f1>+<f2>`, `<f1>*<f2>` with optional `/<ms>`. */
function computedSection(text: string): ToneSection | undefined {
  const [matched, first = "", operator, second, duration] = COMPUTED.exec(text) ?? [];
  if (matched === undefined) return undefined;
  // 0 ms means the default, as in the reference engine.
  const durationMs = Math.ceil((Number(duration ?? 0) || DEFAULT_DURATION_MS) / 20) * 20;
  const hz = Number(first);
  if (operator === undefined || second === undefined) {
    if (hz < 0) return { durationMs, sound: { kind: "noise", level: -hz } };
    return { durationMs, sound: hz === 0 ? { kind: "silence" } : { kind: "sine", hz } };
  }
  if (hz < 0) return undefined;
  const other = Number(second);
  return {
    durationMs,
    sound: {
      kind: "sine",
      hz: Math.max(hz, other),
      secondHz: Math.min(hz, other),
      modulate: operator === "*",
    },
  };
}

function oneShotSections(text: string): readonly ToneSection[] | undefined {
  if (text.startsWith("dtmfstr/")) {
    const keys = [...text.slice("dtmfstr/".length)];
    if (keys.length === 0) return undefined;
    return [...keys.flatMap((key) => [DTMF_GAP, dtmfSection(key)]), DTMF_GAP];
  }
  const named = byName.get(text);
  if (named) return named.sections;
  const computed = computedSection(text);
  return computed && [computed];
}

/**
 * Makes a generator of what `tone/<spec>` means for an override or replacement: one pass of a named tone,
 * `dtmf/<key>`, `dtmfstr/<keys>` (never repeated), or a computed tone. A leading `*` repeats it for ever, a leading `!`
 * plays it once. Sum and modulation of the same pair differ, which they do not in the reference engine.
 * @returns undefined for a spec that means nothing.
 */
export function createOneShotTone(spec: string): ToneGenerator | undefined {
  const text = normalName(spec);
  // "*" alone is the key.
  const modifier = text.length > 1 && (text[0] === "*" || text[0] === "!") ? text[0] : "";
  const sections = oneShotSections(text.slice(modifier.length));
  if (!sections) return undefined;
  return play(sections, modifier === "*" && !text.startsWith("*dtmfstr/") ? sections : []);
}

/**
 * Makes a generator of a configured tone (a tone language): a comma list of `[!]<f>[/<ms>]`, where each part may also
 * be a sum or modulation. Parts with `!` are played in the first pass only; if all have it, the tone ends.
 * @returns undefined if a part means nothing.
 */
export function createDescribedTone(description: string): ToneGenerator | undefined {
  const first: ToneSection[] = [];
  const again: ToneSection[] = [];
  for (const part of description.split(",")) {
    const text = normalName(part);
    const once = text.startsWith("!");
    const section = computedSection(once ? text.slice(1) : text);
    if (!section) return undefined;
    first.push(section);
    if (!once) again.push(section);
  }
  return play(first, again);
}
