import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { createFolder } from "../cli-process.ts";
import { listeningPage, noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";
import { call, chooseRow, firstHeard, lines, openWithApp } from "./page-kit.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

const ladder = (page: Page) => page.getByRole("grid", { name: "what happened in the call" });

/** What the ladder says, from its beginning on, and how many rows it has. */
async function ladderWords(page: Page): Promise<readonly (string | null)[]> {
  await chooseRow(page, /./);
  const words = await ladder(page).getByRole("row").allTextContents();
  return [await ladder(page).getAttribute("aria-rowcount"), ...words];
}

describe("the picture of a call", { skip: noBrowser, timeout: 90_000 }, () => {
  it("is a ladder of messages and who handled them, sound, and the app's lines; saved, it opens elsewhere", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const page = await listeningPage(browser);
    const errors = watchErrors(page);
    await openWithApp(page, dev.url);
    await call(page);
    await lines(page).getByText("talking").waitFor();
    await page.getByRole("button", { name: "1", exact: true }).focus();
    assert.deepEqual(await heardAfterKey(page, "9"), ["digits/pl/9"]);
    await page.getByRole("button", { name: "4", exact: true }).click();
    assert.equal(await firstHeard(page), "digits/pl/4");
    await page.getByRole("button", { name: "Hang up" }).click();
    await lines(page).getByText("you hung up").waitFor();

    await page.getByRole("link", { name: "what happened in the call with ivr" }).click();
    const detail = page.getByLabel("detail", { exact: true });
    const title = detail.getByRole("heading", { level: 2 });
    await ladder(page).getByRole("row").first().waitFor({ state: "attached" });

    await chooseRow(page, /engine.*call\.execute/);
    await detail.getByRole("button", { name: "close" }).click();
    await detail.waitFor({ state: "detached" });
    // The first row, in the engine's lane.
    const box = await ladder(page).boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width / 2, box.y + 18);
    await title.filter({ hasText: "call.execute" }).waitFor();

    await chooseRow(page, /engine.*call\.route/);
    await title.filter({ hasText: "call.route" }).filter({ hasText: "handled by" }).waitFor();
    const asked = await detail.getByRole("listitem").allTextContents();
    assert.ok(
      asked.some((words) => /regexroute.*passed/.test(words)),
      asked.join("\n"),
    );
    assert.ok(
      asked.some((words) => /✓ handled it.*returned dumb\//.test(words)),
      asked.join("\n"),
    );
    assert.match((await detail.getByRole("table").textContent()) ?? "", /called ivr/);

    await chooseRow(page, /wire.*RTP alaw/);
    await chooseRow(page, /app.*play digits\/4/);
    await title.filter({ hasText: "play" }).filter({ hasText: "completed" }).waitFor();
    const place = detail.getByRole("figure").first();
    assert.match((await place.textContent()) ?? "", /keyecho\.ts:\d+.*call\.play\(`digits\/\$\{key\}`/s);

    await using folder = await createFolder();
    const [journal] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    const file = join(folder.path, journal.suggestedFilename());
    await journal.saveAs(file);
    const elsewhere = await browser.newPage();
    await elsewhere.goto(dev.url);
    await elsewhere.locator('main input[type="file"]').setInputFiles(file);
    await elsewhere.getByText("nothing of it is on this engine").waitFor();
    await ladder(elsewhere).getByRole("row").first().waitFor({ state: "attached" });
    assert.deepEqual(await ladderWords(elsewhere), await ladderWords(page));

    const [picture] = await Promise.all([
      elsewhere.waitForEvent("download"),
      elsewhere.getByRole("button", { name: "SVG" }).click(),
    ]);
    const svg = await readFile(await picture.path(), "utf8");
    const root = await page.evaluate((text) => {
      const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
      return [documentElement.nodeName, documentElement.querySelectorAll("parsererror").length];
    }, svg);
    assert.deepEqual(root, ["svg", 0]);
    assert.match(svg, /call\.route/);
    assert.deepEqual(errors, []);
  });
});
