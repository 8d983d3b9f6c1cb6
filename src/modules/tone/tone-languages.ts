import type { ConfigFile, ConfigSection } from "../../engine/index.ts";
import { createOneShotTone, standardTones, type ToneGenerator } from "../../media/index.ts";

/** The tones of countries, as the configuration file `tonegen` describes them (spec/media.md §5). */
export interface ToneLanguages {
  /**
   * The configured tone of that name: in the language asked for, else in the configured default language, else under `itu`,
   * which stands for the built-in tones. Undefined when only a built-in one can be meant.
   */
  find(
    name: string,
    language: string | undefined,
  ): { readonly name: string; readonly steps: readonly ToneStep[] } | undefined;
}

/** One part of a cadence. */
export interface ToneStep {
  /** `<f>`, `<f1>+<f2>` or `<f1>*<f2>`; 0 is silence. */
  readonly sound: string;
  readonly durationMs: number;
  /** Played in the first pass only. */
  readonly once: boolean;
}

const builtIn = "itu";
const samplesPerMs = 8;
const blockSamples = 160;

/** @param report told of entries that cannot be read; they are left out */
export function readToneLanguages(config: ConfigFile, report: (text: string) => void): ToneLanguages {
  const languages = new Map<string, Map<string, readonly ToneStep[]>>();
  const add = (language: string, section: ConfigSection): void => {
    const tones = languages.get(language) ?? new Map<string, readonly ToneStep[]>();
    languages.set(language, tones);
    for (const { key, value, line } of section.entries) {
      if (key === "alias") continue;
      const steps = parseToneSteps(value);
      if (steps) tones.set(key.toLowerCase(), steps);
      else report(`tonegen.conf line ${line}: ${key}=${value} is not a list of [!]frequency[/ms]`);
    }
  };
  for (const section of config.sections) {
    if (section.name === "general") continue;
    add(section.name, section);
    const aliases = section.name === builtIn ? "" : (section.get("alias") ?? "");
    for (const alias of aliases.split(",")) if (alias !== "" && alias !== builtIn) add(alias, section);
  }
  const usual = config.section("general")?.get("lang");

  return {
    find(wanted, language) {
      const canonical = standardTones.find((tone) => tone.aliases.includes(wanted))?.name;
      const places = language === builtIn ? [builtIn] : [language, usual, builtIn];
      for (const place of places) {
        const tones = place ? languages.get(place) : undefined;
        for (const name of [wanted, canonical]) {
          const steps = name === undefined ? undefined : tones?.get(name);
          if (steps) return { name: place === builtIn ? `${name}` : `${place}/${name}`, steps };
        }
      }
      return undefined;
    },
  };
}

/** Reads a comma separated list of `[!]frequency[/ms]`; undefined when one of them means nothing. */
export function parseToneSteps(text: string): readonly ToneStep[] | undefined {
  const steps: ToneStep[] = [];
  for (const item of text.split(",")) {
    const match = /^(!?)(\d{1,5}(?:[+*]\d{1,5})?)(?:\/(\d{1,9}))?$/.exec(item.trim());
    if (!match) return undefined;
    steps.push({ once: match[1] === "!", sound: match[2] ?? "0", durationMs: Number(match[3] ?? 0) || 1000 });
  }
  return steps;
}

/**
 * Plays a cadence; with `repeat` again and again, without the steps marked `once` after the first pass. A cadence of only
 * such steps ends.
 */
export function createCadence(steps: readonly ToneStep[], repeat: boolean): ToneGenerator {
  const again = repeat ? steps.filter((step) => !step.once) : [];
  let pass = steps;
  let at = 0;
  let sound: ToneGenerator | undefined;
  let left = 0;
  let rest: Int16Array = new Int16Array(0);

  const begin = (): boolean => {
    if (at === pass.length) {
      pass = again;
      at = 0;
    }
    const step = pass[at];
    if (!step) return false;
    at++;
    // A single step that comes for ever is a steady tone: it must not jump.
    const steady = again.length === 1 && step === again[0];
    sound = createOneShotTone(steady ? `*${step.sound}` : `${step.sound}/${step.durationMs}`);
    left = steady ? Number.POSITIVE_INFINITY : step.durationMs * samplesPerMs;
    rest = new Int16Array(0);
    return true;
  };

  return {
    next() {
      const block = new Int16Array(blockSamples);
      let filled = 0;
      while (filled < blockSamples) {
        if (left === 0 && !begin()) break;
        if (rest.length === 0) {
          const bytes = sound?.next();
          rest = bytes
            ? new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
            : new Int16Array(blockSamples);
        }
        const part = rest.subarray(0, Math.min(blockSamples - filled, left));
        block.set(part, filled);
        filled += part.length;
        left -= part.length;
        rest = rest.subarray(part.length);
      }
      return filled === 0 ? undefined : new Uint8Array(block.buffer);
    },
  };
}
