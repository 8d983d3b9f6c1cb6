import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import {
  heardSamples,
  listeningPage,
  noBrowser,
  openBrowser,
  startDevConsole,
  watchErrors,
} from "./browser.ts";
import { call, firstHeard, lines } from "./page-kit.ts";

const echo = resolve(import.meta.dirname, "../../examples/echo-audio.ts");
const seven = resolve(import.meta.dirname, "../../sounds/digits/pl/7.gsm");

describe("a sound file as the voice", { skip: noBrowser, timeout: 90_000 }, () => {
  it("is heard by another page, and by an app that gives it back", async () => {
    await using dev = await startDevConsole(echo);
    // A browser without a microphone: only what is said in its place is to be heard.
    await using browserOfOne = await openBrowser({ allowed: false });
    await using browserOfTwo = await openBrowser({ allowed: false });
    const one = await listeningPage(browserOfOne);
    const two = await listeningPage(browserOfTwo);
    const errors = [watchErrors(one), watchErrors(two)];
    for (const page of [one, two]) {
      page.setDefaultTimeout(15_000);
      await page.goto(dev.url);
    }
    const say = async (): Promise<void> => {
      await one.getByRole("tab", { name: "Voice" }).click();
      await one
        .getByRole("complementary", { name: "phone" })
        .locator("input[type=file]")
        .setInputFiles(seven);
      await one.getByText(/7\.gsm: /).waitFor();
    };
    await call(one, await two.getByLabel("number of this phone").inputValue());
    await lines(two).getByText("rings here").waitFor();
    await two.getByRole("button", { name: "Answer" }).click();
    for (const page of [one, two]) await lines(page).getByText("talking").waitFor();
    await heardSamples(two);
    await say();
    assert.equal(await firstHeard(two), "digits/pl/7");
    await one.getByRole("button", { name: "Hang up" }).click();
    await lines(two).getByText("they hung up").waitFor();

    await call(one, "echo");
    await lines(one).getByText("talking").waitFor();
    await heardSamples(one);
    await one.getByRole("button", { name: "Say it" }).click();
    assert.equal(await firstHeard(one), "digits/pl/7");
    assert.deepEqual(errors.flat(), []);
  });
});
