/**
 * How late one page hears what is said into another, on this machine: from the samples that the one's microphone gives to those that
 * the other's loudspeaker takes, through both consoles' phones and the engine.
 *
 *     node --conditions=yayts-source test/console/delay-bench.ts [seconds]
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { noBrowser, openBrowser, startDevConsole } from "./browser.ts";

const seconds = Number(process.argv[2] ?? 20);
const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

interface Onsets {
  readonly said: readonly number[];
  readonly heard: readonly number[];
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ bypassCSP: true });
  await page.addInitScript({ path: fileURLToPath(new URL("./delay-tap.mjs", import.meta.url)) });
  // The fake microphone's beep is no voice: what improves voices would take it away.
  const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const rest = { rateHz: 8000, input: "", output: "", ring: "", keyTones: true, volume: 1 };
  const sound = JSON.stringify(JSON.stringify({ ...off, ...rest }));
  await page.addInitScript(`localStorage.setItem("yayts-sound", ${sound})`);
  await page.goto(url);
  return page;
}

async function measure(): Promise<readonly number[]> {
  await using dev = await startDevConsole(keyecho);
  await using browser = await openBrowser();
  const one = await open(browser, dev.url);
  const two = await open(browser, dev.url);
  const number = two.getByLabel("number of this phone");
  await number.waitFor();
  await one.getByLabel("number to call").fill(await number.inputValue());
  await one.keyboard.press("Enter");
  await two.getByRole("button", { name: "Answer" }).click();
  await two.getByRole("list", { name: "lines" }).getByText("talking").waitFor();
  await one.bringToFront();
  await one.waitForTimeout(seconds * 1000);
  const { said } = await one.evaluate<Onsets>("onsets");
  const { heard } = await two.evaluate<Onsets>("onsets");
  return said.flatMap((at) => {
    const next = heard.find((ms) => ms > at);
    return next !== undefined && next - at < 600 ? [next - at] : [];
  });
}

if (noBrowser) console.log(`skipped: ${noBrowser}`);
else {
  // What begins with the call is not what lasts.
  const delays = (await measure()).slice(2).toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(delays[Math.floor(delays.length * share)] ?? Number.NaN)} ms`;
  console.log(`${delays.length} beeps: p50 ${at(0.5)}, p90 ${at(0.9)}, least ${at(0)}, most ${at(0.999)}`);
}
