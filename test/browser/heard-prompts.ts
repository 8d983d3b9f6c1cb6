import type { Page } from "playwright-core";
import { identify } from "../../src/media/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";
import { heardSamples } from "./browser.ts";

/** Told from one another also through the filters of two rates: the least of right ones is 0.65, the most of wrong ones 0.4. */
const minScore = 0.55;
const prompts = (await loadPrompts()).filter(({ name }) => name.startsWith("digits/pl/"));

/**
 * Presses a key of the keyboard, and gives the Polish digits that are heard then. On a machine that stands still now and then the sound
 * has holes, and may fit nothing: the key is then pressed again, up to so many times.
 * @param page from `listeningPage`, with the focus in the phone
 */
export async function heardAfterKey(page: Page, key: string, times = 4): Promise<readonly string[]> {
  for (let time = 1; ; time++) {
    await heardSamples(page);
    await page.keyboard.press(key);
    let heard = new Int16Array(0);
    for (let waited = 0; waited < 3000; waited += 500) {
      await page.waitForTimeout(500);
      heard = joined(heard, await heardSamples(page));
      const names = identify(heard, prompts, { minScore }).map(({ name }) => name);
      if (names.length > 0) return names;
    }
    if (time === times) return [];
  }
}

/** Two sounds, one after the other. Of any length: spread arguments would be too many after some seconds. */
export function joined(one: Int16Array, other: Int16Array): Int16Array<ArrayBuffer> {
  const both = new Int16Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
