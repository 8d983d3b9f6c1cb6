import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { buildPage, pageIsFresh } from "../../scripts/build-page.ts";
import { listeningPage, noBrowser, openBrowser, watchErrors } from "../browser/browser.ts";
import { heardAfterKey } from "../browser/heard-prompts.ts";
import { call, chooseRow, lines, openWithApp } from "../browser/page-kit.ts";
import { startCommand } from "../cli-process.ts";
import { startYate, whyNoYate } from "./start-yate.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

describe("the console's page on a real YATE", { skip: whyNoYate() ?? noBrowser, timeout: 90_000 }, () => {
  it("calls an app, hears it, lists messages, and says what a YATE does not tell", async () => {
    if (!pageIsFresh()) assert.deepEqual(await buildPage(), { ok: true, report: "" });
    const yate = await startYate();
    try {
      await using app = startCommand(["run", keyecho, "--yate", yate.tcp]);
      await app.until(/running/);
      await using console = startCommand(["console", "--yate", yate.tcp, "--port", "0"]);
      const [url] = await console.until(/https?:\/\/\S*#token=[\w-]+/);
      await using browser = await openBrowser();
      const page = await listeningPage(browser);
      const errors = watchErrors(page);
      await openWithApp(page, url);
      await call(page, "ivr");
      await lines(page).getByText("talking").waitFor();
      await page.getByRole("button", { name: "1", exact: true }).focus();
      assert.deepEqual(await heardAfterKey(page, "7"), ["digits/pl/7"]);
      await page.getByRole("button", { name: "Hang up" }).click();
      await lines(page).getByText("you hung up").waitFor();

      await page.getByRole("link", { name: "what happened in the call with ivr" }).click();
      await page
        .getByText(/YATE 6\./)
        .first()
        .waitFor();
      await chooseRow(page, /engine.*call\.route/);
      await page.getByText("this engine does not tell").first().waitFor();
      await chooseRow(page, /app.*play digits\/7/);

      await page.getByRole("link", { name: "Messages" }).first().click();
      await page.getByRole("grid", { name: "messages" }).getByText("call.execute").first().waitFor();
      assert.deepEqual(errors, []);
    } finally {
      await yate.stop();
    }
  });
});
