import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { listeningPage, noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

describe("the console's phone in a browser", { skip: noBrowser, timeout: 60_000 }, () => {
  it("calls keyecho, hears the digit that was pressed, goes on after a reload, and hangs up", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const page = await listeningPage(browser);
    const errors = watchErrors(page);
    await page.goto(dev.url);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    const line = page.getByRole("list", { name: "lines" }).getByRole("listitem");
    await line.getByText("talking").waitFor();

    await page.getByRole("button", { name: "5", exact: true }).focus();
    assert.deepEqual(await heardAfterKey(page, "7"), ["digits/pl/7"]);
    assert.match((await page.getByLabel("keys sent").textContent()) ?? "", /^7+$/);

    await page.reload();
    await line.getByText("talking").waitFor();
    // Any click starts sound again, if the browser wants one.
    await page.getByRole("tab", { name: "Keys" }).click();
    assert.deepEqual(await heardAfterKey(page, "2"), ["digits/pl/2"]);

    await page.getByRole("button", { name: "Hang up" }).click();
    await line.getByText("you hung up").waitFor();
    assert.deepEqual(errors, []);
  });

  it("works without a microphone, says so, and sends a tone as the voice", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser({ allowed: false });
    const page = await listeningPage(browser);
    await page.goto(dev.url);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await page.getByText("The browser may not use the microphone").waitFor();
    await page.getByRole("button", { name: "1", exact: true }).focus();
    assert.deepEqual(await heardAfterKey(page, "1"), ["digits/pl/1"]);
    await page.getByRole("button", { name: "Say a file" }).click();
    await page.getByRole("button", { name: "440 Hz" }).click();
    await page.getByText("440 Hz.wav: 1 s").waitFor();
  });
});
