import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { DevConsole } from "../test/browser/browser.ts";
import { median, type Row } from "./row.ts";

const seconds = 40;
/** What a call begins with is not what lasts: buffers look back on ten seconds. */
const settleMs = 15_000;
/** Less than from beep to beep. */
const mostMs = 950;
const tap = fileURLToPath(new URL("./console-page-tap.mjs", import.meta.url));

interface Onsets {
  readonly said: readonly number[];
  readonly heard: readonly number[];
}

/**
 * From mouth to ear: one page calls the other, and says beeps in place of a microphone. Measured from the sample that the microphone
 * gives to the one that the loudspeaker takes; what the loudspeaker itself takes is a row of its own, as the browser tells it.
 */
export async function benchDelay(browser: Browser, { url }: DevConsole): Promise<Row[]> {
  const speaker = await open(browser, url);
  const listener = await open(browser, url);
  const number = listener.getByLabel("number of this phone");
  await number.waitFor();
  await speaker.getByLabel("number to call").fill(await number.inputValue());
  await speaker.keyboard.press("Enter");
  await listener.getByRole("button", { name: "Answer" }).click();
  await listener.getByRole("list", { name: "lines" }).getByText("talking").waitFor();
  await delay(settleMs);
  for (const page of [speaker, listener]) await page.evaluate("onsets.said = []; onsets.heard = []");
  await delay(seconds * 1000);
  const { said } = await speaker.evaluate<Onsets>("onsets");
  const { heard } = await listener.evaluate<Onsets>("onsets");
  const outputMs = await listener.evaluate<number>(
    "1000 * Math.max(...contexts.map((it) => it.baseLatency + (it.outputLatency || 0)))",
  );
  const delays = said.slice(0, -1).flatMap((at) => {
    const next = heard.find((ms) => ms > at);
    return next !== undefined && next - at < mostMs ? [next - at] : [];
  });
  const words = await listener.getByRole("button", { name: /late; sound settings/ }).textContent();
  const sorted = delays.toSorted((a, b) => a - b);
  const name = "consolepage: mouth to ear, page to page";
  return [
    { name: `${name}, p50 of ${sorted.length}`, value: median(sorted), unit: "ms", target: "<= 120" },
    { name: `${name}, p95`, value: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN, unit: "ms" },
    {
      name: `${name}, beeps that were not heard`,
      value: said.length - 1 - sorted.length,
      unit: "beeps",
    },
    { name: "consolepage: the loudspeaker beside that", value: outputMs, unit: "ms" },
    {
      name: "consolepage: what the page tells of its delay",
      value: Number.parseFloat(words ?? ""),
      unit: "ms",
    },
  ];
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ bypassCSP: true });
  await page.addInitScript({ path: tap });
  await page.goto(url);
  await page.getByRole("button", { name: "Call", exact: true }).waitFor();
  return page;
}
