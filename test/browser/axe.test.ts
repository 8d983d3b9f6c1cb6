import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { call, chooseRow, lines, openWithApp } from "./page-kit.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

/** What axe finds in the page as it is that keeps people from using it; in the dark only the colours are others. */
async function look(page: Page, where: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const options = colorScheme === "dark" ? '{ runOnly: ["color-contrast"] }' : "";
    const { violations }: axe.AxeResults = await page.evaluate(`axe.run(${options})`);
    for (const { id, impact, help, nodes } of violations)
      if (impact === "serious" || impact === "critical")
        for (const { html, failureSummary } of nodes)
          found.push(
            `${where}, ${colorScheme}: ${id} (${help}): ${html.slice(0, 200)} ${failureSummary ?? ""}`,
          );
  }
  return found;
}

describe("the console's page for everybody", { skip: noBrowser, timeout: 120_000 }, () => {
  it("has nothing that axe calls serious, in any view and dialog, light and dark", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const errors = watchErrors(page);
    await openWithApp(page, dev.url);
    await page.evaluate(axe.source);
    const found: string[] = [];
    const see = async (where: string): Promise<void> => void found.push(...(await look(page, where)));
    const dialog = async (where: string, opener: string | RegExp): Promise<void> => {
      await page.getByRole("button", { name: opener }).first().click();
      await page.getByRole("dialog").waitFor();
      await see(where);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    const view = async (name: string): Promise<void> => {
      await page.getByRole("navigation", { name: "views", exact: true }).getByText(name).click();
      await page.getByRole("region", { name: name.toLowerCase(), exact: true }).waitFor();
    };

    await see("calls, none yet");
    await call(page, "999");
    await lines(page).getByText("nobody took the number").waitFor();
    await call(page, "ivr");
    await lines(page).getByText("talking").waitFor();
    await page.getByRole("button", { name: "5", exact: true }).click();
    for (const tab of ["Keys", "Voice", "Weather"]) {
      await page.getByRole("tab", { name: tab }).click();
      await see(`phone, talking: ${tab}`);
    }
    await page.getByRole("button", { name: "transfer", exact: true }).click();
    await see("phone: transfer");
    await page.getByRole("link", { name: "what happened in the call with ivr" }).click();
    await chooseRow(page, /engine.*call\.route/);
    await see("calls with a ladder and a detail");
    await view("Messages");
    await page.getByRole("grid", { name: "messages" }).getByText("call.execute").first().click();
    await see("messages with a detail");
    await dialog("who would take a call", "try a number");
    await dialog("send a message", /^send/i);
    await view("Engine");
    await page
      .getByText(/^dumb\/\d/)
      .first()
      .waitFor();
    await see("engine");
    await view("App");
    await see("app");
    await dialog("keyboard shortcuts", "keyboard shortcuts");
    await dialog("sound settings", /sound settings/);
    await dialog("a second phone", "a second phone");
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of ["Phone", "Calls", "Messages", "Engine", "App"]) {
      await page.getByRole("navigation", { name: "views and phone" }).getByText(name).click();
      await see(`${name}, narrow`);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.getByRole("button", { name: "Hang up" }).click();
    await lines(page).getByText("you hung up").waitFor();
    await see("phone, after the call");
    assert.deepEqual(found, []);
    assert.deepEqual(errors, []);
  });
});
