import { identify, type KnownSound } from "../../media/index.ts";
import { type Leg, loadPrompts } from "../../testing/index.ts";

/** A prompt that was found in what a leg heard. */
export interface HeardPrompt {
  /** As in `digits/en/5`. */
  readonly name: string;
  /** How alike it is: 1 is the same. */
  readonly score: number;
}

/** Tells, bit by bit, which of the package's prompts a leg has heard. */
export interface Ear {
  /** Those that have been heard to their end since the last time. */
  listen(): Promise<readonly HeardPrompt[]>;
}

const samplesPerMs = 8;
/** What is older than this and was not known is not looked at again. */
const windowMs = 8000;

/** No prompt is shorter. */
const shortestMs = 100;
/** The silence that a prompt may have at its end. */
const tailMs = 80;

/** Takes the recording from where the last prompt ended, so that a long call costs no more than a short one. */
export function createEar(leg: Leg): Ear {
  let from = 0;
  let lengthBefore = 0;
  return {
    async listen() {
      const prompts = await loadPrompts();
      const samples = await leg.recording();
      if (samples.length === lengthBefore || samples.length - from < shortestMs * samplesPerMs) return [];
      lengthBefore = samples.length;
      const start = from;
      const lengths = new Map(prompts.map((prompt: KnownSound) => [prompt.name, prompt.samples.length]));
      const heard: HeardPrompt[] = [];
      for (const { name, startMs, score } of identify(samples.subarray(start), prompts)) {
        const end = start + Math.round(startMs * samplesPerMs) + (lengths.get(name) ?? 0);
        // One whose end is still to come may turn out to be another.
        if (end > samples.length + tailMs * samplesPerMs) break;
        from = Math.min(samples.length, end);
        heard.push({ name, score });
      }
      from = Math.max(from, samples.length - windowMs * samplesPerMs);
      return heard;
    },
  };
}

/** The key that a digit prompt says: `digits/en/star` is `*`; undefined for other prompts. */
export function keyOfPrompt(name: string): string | undefined {
  const key = /^digits\/[^/]+\/(.+)$/.exec(name)?.[1];
  return key === "star" ? "*" : key === "pound" ? "#" : key;
}
