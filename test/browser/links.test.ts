import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { startCommand } from "../cli-process.ts";
import { noBrowser, openBrowser, startDevConsole } from "./browser.ts";
import { call, lines } from "./page-kit.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

describe("links to the console", { skip: noBrowser, timeout: 60_000 }, () => {
  it("without a token, or with a wrong one, say what to do; a console that was started anew has its page back", async () => {
    await using browser = await openBrowser();
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    const dev = await startDevConsole(keyecho);
    const { url } = dev;
    try {
      for (const link of [
        url.replace(/#.*/, ""),
        url.replace(/token=.*/, "token=AAAAAAAAAAAAAAAAAAAAAAAA"),
      ]) {
        const stranger = await browser.newPage();
        await stranger.goto(link);
        await stranger.getByRole("alert").getByText("open that").waitFor({ timeout: 15_000 });
        assert.equal(await stranger.getByRole("button", { name: "Call", exact: true }).isEnabled(), false);
        await stranger.context().close();
      }
      await page.goto(url);
      await call(page);
      await lines(page).getByText("talking").waitFor();
      // The token is not left where people copy the address.
      assert.doesNotMatch(page.url(), /token/);
    } finally {
      await dev[Symbol.asyncDispose]();
    }
    await page.getByRole("alert").getByText("The console is gone").waitFor();
    const { port } = new URL(url);
    await using again = startCommand(
      ["dev", keyecho, "--port", "0", "--no-sip", "--no-reload", "--no-open", "--console-port", port],
      { env: { BROWSER: "none" } },
    );
    // Console and app, whichever is there first.
    const [both] = await again.until(/#token=[\w-]+\s[\s\S]*started in|started in[\s\S]*#token=[\w-]+\s/);
    assert.ok(`${again.out}${again.err}`.includes(`${url}\n`), both);
    await page.getByRole("alert").getByText("The console is gone").waitFor({ state: "detached" });
    await call(page);
    await lines(page).getByText("talking").waitFor();
  });
});
