import type { Locator, Page } from "playwright-core";
import { identify } from "../../src/media/index.ts";
import { loadPrompts } from "../../src/testing/index.ts";
import { heardSamples } from "./browser.ts";
import { joined } from "./heard-prompts.ts";

const prompts = (await loadPrompts()).filter(({ name }) => name.startsWith("digits/pl/"));

/** Steps that tests in a browser have in common. */

/** Opens the console, and waits until it has told of the app: what that does is recorded from then on. */
export async function openWithApp(page: Page, url: string): Promise<void> {
  // On a busy machine more is in vain: what has not come by then does not come.
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  await page.getByRole("navigation", { name: "views", exact: true }).getByText("App").click();
  await page.getByRole("heading", { name: "Calls in the app" }).waitFor();
  await page.getByRole("navigation", { name: "views", exact: true }).getByText("Calls").click();
}

/** The phone's lines. */
export function lines(page: Page): Locator {
  return page.getByRole("list", { name: "lines" }).getByRole("listitem");
}

/** Calls a number; what is meant when none is given. */
export async function call(page: Page, number = ""): Promise<void> {
  await page.getByLabel("number to call").fill(number);
  await page.getByRole("button", { name: "Call", exact: true }).click();
}

/** Goes down a call's ladder by keys from its beginning, opening what is folded, until a row that fits is chosen. */
export async function chooseRow(page: Page, words: RegExp): Promise<string> {
  const ladder = page.getByRole("grid", { name: "what happened in the call" });
  for (let row = 0; row < 100; row++) {
    await ladder.focus();
    await page.keyboard.press(row === 0 ? "Home" : "ArrowDown");
    const chosen = (await ladder.getByRole("row", { selected: true }).textContent()) ?? "";
    if (words.test(chosen)) return chosen;
    await page.keyboard.press("Enter");
  }
  throw new Error(`no ${words} in the ladder`);
}

/** The first Polish digit that is heard from now on; undefined when none comes within 15 seconds. */
export async function firstHeard(page: Page): Promise<string | undefined> {
  let heard = new Int16Array(0);
  for (const endMs = Date.now() + 15_000; Date.now() < endMs; ) {
    await page.waitForTimeout(500);
    heard = joined(heard, await heardSamples(page));
    const [found] = identify(heard, prompts, { minScore: 0.55 });
    if (found) return found.name;
  }
  return undefined;
}
