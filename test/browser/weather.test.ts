import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFolder } from "../cli-process.ts";
import { listeningPage, noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";
import { packets } from "./line-figures.ts";
import { call, lines, openWithApp } from "./page-kit.ts";

/** keyecho, and a number where it is never quiet: packets come only while something is played. */
const source = `import { app } from "yayts";
export default app((yate) => {
  yate.onCall("ivr", async (call) => {
    await call.answer();
    for await (const key of call.dtmf()) await call.play(\`digits/\${key}\`, { bargeIn: true });
  });
  yate.onCall("noise", async (call) => {
    await call.answer();
    for (;;) await call.play("digits/1");
  });
}, { language: "pl" });
`;

describe("weather of the console's phone in a browser", { skip: noBrowser, timeout: 90_000 }, () => {
  it("a fifth of the sound is lost and counted, keys arrive as events and as tones, and all is fair again", async () => {
    await using folder = await createFolder({ "package.json": '{"type":"module"}' });
    await using dev = await startDevConsole(await folder.write("weather.ts", source));
    await using browser = await openBrowser();
    const page = await listeningPage(browser);
    const errors = watchErrors(page);
    await openWithApp(page, dev.url);
    await call(page, "ivr");
    await lines(page).getByText("talking").waitFor();
    await page.getByRole("tab", { name: "Weather" }).click();

    await page.getByLabel("Keys travel as").selectOption("rfc4733");
    await page.getByRole("tab", { name: "Weather" }).focus();
    assert.deepEqual(await heardAfterKey(page, "6"), ["digits/pl/6"]);
    await page.getByLabel("Keys travel as").selectOption("inband");
    await page.getByRole("tab", { name: "Weather" }).focus();
    assert.deepEqual(await heardAfterKey(page, "8"), ["digits/pl/8"]);

    await page.getByRole("button", { name: "Hang up" }).click();
    await call(page, "noise");
    await lines(page).getByText("talking").waitFor();
    const before = await packets(page);
    await page.getByLabel("Lost").fill("20");
    await page.getByLabel("Delay").fill("300");
    await page.getByText("Bad weather: 20 % lost, 300 ms late").waitFor();
    const bad = await packets(page, before.received + before.lost + 200);
    const lost = (bad.lost - before.lost) / (bad.lost - before.lost + bad.received - before.received);
    assert.ok(lost > 0.1 && lost < 0.3, `${lost} lost`);

    await page.getByRole("button", { name: "All fair" }).click();
    await page.getByText("Bad weather").waitFor({ state: "detached" });
    const after = await packets(page);
    const fair = await packets(page, after.received + after.lost + 100);
    assert.ok(fair.lost - after.lost < 10, `${fair.lost - after.lost} lost in fair weather`);
    assert.deepEqual(errors, []);
  });
});
