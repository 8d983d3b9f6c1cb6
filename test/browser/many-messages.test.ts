import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { connect } from "yayts/client";
import { noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");
const burst = 10_000;
const perSecond = 500;
const seconds = 3;

/** Of how many messages the page says something, wherever they are. */
async function counts(page: Page): Promise<{ shown: number; lost: number; skipped: number }> {
  const words = (await page.locator(".messages-tools").textContent()) ?? "";
  const count = (of: string): number => {
    const [, digits = "0", thousands] = new RegExp(`([\\d.]+)(k?) ${of}`).exec(words) ?? [];
    return Number(digits) * (thousands ? 1000 : 1);
  };
  return { shown: count("shown"), lost: count("lost"), skipped: count("skipped") };
}

describe("the table of messages", { skip: noBrowser, timeout: 90_000 }, () => {
  it("bears 10,000 messages and 500 more each second, shows the newest, and counts what it left out", async (t) => {
    await using dev = await startDevConsole(keyecho);
    const [, address = ""] = /listening at (\S+);/.exec(dev.command.err) ?? [];
    await using browser = await openBrowser();
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    const errors = watchErrors(page);
    await page.goto(dev.url);
    await page.getByRole("link", { name: "Messages" }).first().click();
    const filter = page.getByLabel("filter", { exact: true });
    await filter.fill("burst.*");
    await page.getByText("Nothing fits the filter").waitFor();
    const table = page.getByRole("grid", { name: "messages" });
    const last = table.getByRole("row").last();
    const yate = await connect(address);
    try {
      for (let n = 1; n <= burst; n++) {
        yate.msg("burst.all", { n: String(n), id: `chan/${n % 7}` }).enqueue();
        if (n % 500 === 0) await yate.setlocal("engine.version");
      }
      let told = await counts(page);
      const all = (): number => told.shown + told.lost + told.skipped;
      // Counts are rounded to hundreds.
      for (const endMs = Date.now() + 20_000; all() < burst - 200 && Date.now() < endMs; ) {
        await page.waitForTimeout(200);
        told = await counts(page);
      }
      t.diagnostic(`burst: ${told.shown} shown, ${told.lost} lost, ${told.skipped} skipped`);
      assert.ok(Math.abs(all() - burst) <= 200, `${all()} of ${burst}`);

      const startMs = Date.now();
      for (let n = 1; n <= seconds * perSecond; n++) {
        yate.msg("burst.live", { n: String(n) }).enqueue();
        const aheadMs = (n * 1000) / perSecond - (Date.now() - startMs);
        if (n % 10 === 0 && aheadMs > 0) await page.waitForTimeout(aheadMs);
      }
      await last.filter({ hasText: new RegExp(`n=${seconds * perSecond}\\s`) }).waitFor();
      await filter.fill("burst.* n=7");
      await last.filter({ hasText: /n=7\s/ }).waitFor();
      await page.getByRole("button", { name: "pause" }).click();
      yate.msg("burst.live", { n: "7", late: "yes" }).enqueue();
      await page.getByText("1 came meanwhile").waitFor();
      assert.equal(await last.filter({ hasText: "late=yes" }).count(), 0);
      await page.getByRole("button", { name: "resume" }).click();
      await last.filter({ hasText: "late=yes" }).waitFor();
      assert.deepEqual(errors, []);
    } finally {
      yate.abort();
    }
  });
});
