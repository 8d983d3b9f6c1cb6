import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { listeningPage, noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

const lines = (page: Page) => page.getByRole("list", { name: "lines" });

describe("lines of the console's phone in a browser", { skip: noBrowser, timeout: 60_000 }, () => {
  it("a call is held, another page is called and answers, and the two are connected", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const one = await browser.newPage();
    const two = await browser.newPage();
    const errors = [watchErrors(one), watchErrors(two)];
    await one.goto(dev.url);
    await two.goto(dev.url);
    await one.getByRole("button", { name: "Call", exact: true }).click();
    await lines(one).getByText("talking").waitFor();

    const number = await two.getByLabel("number of this phone").inputValue();
    await one.getByLabel("number to call").fill(number);
    await one.getByLabel("number to call").press("Enter");
    await lines(two).getByText("rings here").waitFor();
    await lines(one).getByText("on hold").waitFor();
    await two.getByRole("button", { name: "Answer" }).click();
    await lines(two).getByText("talking").waitFor();

    await one.getByRole("button", { name: "transfer" }).click();
    await one.getByRole("button", { name: "Connect with ivr (line 1)" }).click();
    await lines(one).getByText("transferred").nth(1).waitFor();

    // The other page now has the app: its keys are echoed there.
    await two.getByRole("button", { name: "4", exact: true }).click();
    await two.getByLabel("keys sent").getByText("4").waitFor();
    assert.deepEqual(errors.flat(), []);
  });

  it("in bad weather nothing is heard, which the page says; in fair weather it is again", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const page = await listeningPage(browser);
    await page.goto(dev.url);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await lines(page).getByText("talking").waitFor();
    await page.getByRole("tab", { name: "Weather" }).click();
    await page.getByLabel("One way").selectOption("in");
    await page.getByText("Bad weather: you hear nothing").waitFor();
    await page.getByRole("tab", { name: "Keys" }).focus();
    assert.deepEqual(await heardAfterKey(page, "3", 1), []);

    await page.getByRole("button", { name: "All fair" }).click();
    await page.getByText("Bad weather").waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "Keys" }).focus();
    assert.deepEqual(await heardAfterKey(page, "2"), ["digits/pl/2"]);
  });
});
