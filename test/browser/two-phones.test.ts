import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { loadPrompts } from "../../src/testing/index.ts";
import { createFolder } from "../cli-process.ts";
import {
  heardSamples,
  listeningPage,
  noBrowser,
  openBrowser,
  startDevConsole,
  watchErrors,
} from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";
import { call, firstHeard, lines } from "./page-kit.ts";
import { wavFile } from "./wav-file.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");
const prompts = (await loadPrompts()).filter(({ name }) => name.startsWith("digits/pl/"));

describe("two pages of the console", { skip: noBrowser, timeout: 90_000 }, () => {
  it("call one another, each hears the other's microphone, and one sends the other on to the app", async () => {
    await using folder = await createFolder();
    const microphone = async (digit: string): Promise<string> => {
      const { samples } = prompts.find(({ name }) => name === digit) ?? { samples: new Int16Array(0) };
      const path = join(folder.path, `${digit.replaceAll("/", "-")}.wav`);
      await writeFile(
        path,
        wavFile(Int16Array.of(...new Int16Array(4000), ...samples, ...new Int16Array(8000))),
      );
      return path;
    };
    await using dev = await startDevConsole(keyecho);
    await using browserOfOne = await openBrowser({ microphone: await microphone("digits/pl/3") });
    await using browserOfTwo = await openBrowser({ microphone: await microphone("digits/pl/8") });
    const one = await listeningPage(browserOfOne);
    const two = await listeningPage(browserOfTwo);
    const errors = [watchErrors(one), watchErrors(two)];
    for (const page of [one, two]) {
      page.setDefaultTimeout(15_000);
      await page.goto(dev.url);
    }
    // Browsers play nothing before a click.
    await two.getByRole("tab", { name: "Keys" }).click();
    await call(one, await two.getByLabel("number of this phone").inputValue());
    await lines(two).getByText("rings here").waitFor();
    await two.getByRole("button", { name: "Answer" }).click();
    for (const page of [one, two]) await lines(page).getByText("talking").waitFor();
    await Promise.all([heardSamples(one), heardSamples(two)]);
    assert.deepEqual(await Promise.all([firstHeard(one), firstHeard(two)]), ["digits/pl/8", "digits/pl/3"]);

    await one.getByRole("button", { name: "transfer", exact: true }).click();
    await one.getByLabel("transfer to").fill("ivr");
    await one.getByRole("button", { name: "Transfer", exact: true }).click();
    await lines(one).getByText("transferred").waitFor();
    await lines(two).getByText("talking").waitFor();
    await two.getByRole("tab", { name: "Keys" }).focus();
    assert.deepEqual(await heardAfterKey(two, "5", 2), ["digits/pl/5"]);
    assert.deepEqual(errors.flat(), []);
  });
});
