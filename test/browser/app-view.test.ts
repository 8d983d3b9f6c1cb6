import { describe, it } from "node:test";
import { createFolder } from "../cli-process.ts";
import { noBrowser, openBrowser, startDevConsole } from "./browser.ts";
import { call, openWithApp } from "./page-kit.ts";

const source = `import { app } from "yayts";
export default app((yate) => {
  yate.onCall("boom", async (call) => {
    await call.answer();
    throw new Error("the oven is off");
  });
  yate.onCall("leak", async (call) => {
    await call.answer();
    void yate.onwatch("bread.ready", { id: call.id }).catch(() => {});
    await call.hangup();
  });
});
`;

describe("what the console tells of an app", { skip: noBrowser, timeout: 60_000 }, () => {
  it("is an error that nobody caught with its call and line, and waits that never end, by their line", async () => {
    await using folder = await createFolder({ "package.json": '{"type":"module"}' });
    await using dev = await startDevConsole(await folder.write("bakery.ts", source));
    await using browser = await openBrowser();
    const page = await browser.newPage();
    await openWithApp(page, dev.url);
    for (const [past, number] of ["boom", "leak", "leak", "leak"].entries()) {
      await call(page, number);
      await page.getByText(`0 live · ${past + 1} past`).waitFor();
    }
    await page.getByRole("navigation", { name: "views", exact: true }).getByText("App").click();
    const error = page.getByRole("group").filter({ hasText: "the oven is off" });
    await error.getByText("bakery.ts:5").first().waitFor();
    await error.getByRole("link", { name: "its call" }).waitFor();
    await page.screenshot({ path: "/tmp/t1/app.png" });
    const leak = page.getByRole("row").filter({ hasText: "bread.ready" });
    await leak.filter({ hasText: "bakery.ts:9" }).filter({ hasText: "3" }).waitFor();
    await error.getByRole("link", { name: "its call" }).click();
    await page.getByRole("heading", { name: /boom/ }).waitFor();
  });
});
