import { bestAlignment, correlation } from "../../src/media/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";

const perMs = 8;
const blockMs = 100;
const frameMs = 10;

/** What became of a sound on its way. */
export interface Comparison {
  /** Correlation of its blocks with what was heard of them, the louder the more they count: 1 is all of it, as it was. */
  readonly score: number;
  /** Longest time that should have had sound and had none. */
  readonly gapMs: number;
  /** Longest piece that was put in or left out between two blocks. */
  readonly shiftMs: number;
}

/**
 * Compares what was heard with what was said, block by block: a playout buffer may lengthen or shorten a pause, but not words.
 */
export function compareSound(said: Int16Array, heard: Int16Array): Comparison {
  const start = bestAlignment(heard, said.subarray(0, 1200 * perMs)).offsetSamples;
  const block = blockMs * perMs;
  let offset = start;
  let [score, weight, gapMs, shiftMs] = [0, 0, 0, 0];
  for (let at = 0; at + block <= said.length; at += block) {
    const wanted = said.subarray(at, at + block);
    const energy = wanted.reduce((sum, sample) => sum + sample * sample, 0);
    if (Math.sqrt(energy / block) < 300) continue;
    const found = nearby(heard, wanted, at + offset);
    score += found.score * energy;
    weight += energy;
    shiftMs = Math.max(shiftMs, Math.abs(found.at - at - offset) / perMs);
    offset = found.at - at;
    gapMs = Math.max(gapMs, longestGap(wanted, heard.subarray(Math.max(0, found.at), found.at + block)));
  }
  return { score: weight === 0 ? 0 : score / weight, gapMs, shiftMs };
}

/** The best place of a block within 200 ms of where it should be. */
function nearby(heard: Int16Array, wanted: Int16Array, expected: number): { at: number; score: number } {
  const scoreAt = (at: number): number =>
    at < 0 || at + wanted.length > heard.length
      ? 0
      : correlation(wanted, heard.subarray(at, at + wanted.length));
  let best = { at: expected, score: scoreAt(expected) };
  const here = best.score;
  for (let distance = 1; distance <= 200 * perMs && best.score < 0.97; distance++) {
    for (const at of [expected - distance, expected + distance]) {
      const score = scoreAt(at);
      // What was moved within the block fits a little better at many places.
      if (score > best.score && score > here + 0.1) best = { at, score };
    }
  }
  return best;
}

/** Longest run of frames that are loud in the one and silent in the other. */
function longestGap(wanted: Int16Array, heard: Int16Array): number {
  const frame = frameMs * perMs;
  let [longest, run] = [0, 0];
  for (let at = 0; at < wanted.length; at += frame) {
    const loud = level(wanted.subarray(at, at + frame));
    const missing = loud > 500 && level(heard.subarray(at, at + frame)) < loud / 8;
    run = missing ? run + frameMs : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function level(samples: Int16Array): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** Some seconds of speech from the package's prompts. */
export async function speech(...names: string[]): Promise<Int16Array> {
  const prompts = await loadPrompts();
  const parts = names.map((name) => {
    const found = prompts.find((prompt) => prompt.name === name);
    if (!found) throw new Error(`there is no prompt ${name}`);
    return found.samples;
  });
  return join(...parts);
}

export function join(...parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const pause = (ms: number): Int16Array => new Int16Array(ms * perMs);
