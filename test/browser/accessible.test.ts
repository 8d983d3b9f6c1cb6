import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { listeningPage, noBrowser, openBrowser, startDevConsole, watchErrors } from "./browser.ts";
import { heardAfterKey } from "./heard-prompts.ts";
import { lines } from "./page-kit.ts";

const keyecho = resolve(import.meta.dirname, "../../examples/keyecho.ts");

/** Lines of an accessibility tree of what one can do something with, but that have no name. */
function nameless(tree: string): readonly string[] {
  return tree
    .split("\n")
    .filter((line) =>
      /^\s*- (button|link|textbox|searchbox|combobox|checkbox|slider|spinbutton|tab|option|grid|listbox|dialog)(:|$| \[)/.test(
        line,
      ),
    );
}

describe("the console's page without a mouse", { skip: noBrowser, timeout: 60_000 }, () => {
  it("calls, presses keys and hangs up by the keyboard; all that can be used has a name, in every view", async () => {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    const page = await listeningPage(browser);
    page.setDefaultTimeout(15_000);
    const errors = watchErrors(page);
    await page.goto(dev.url);
    await page.getByText("embedded engine").waitFor();
    await page.getByRole("button", { name: "Call", exact: true, disabled: false }).waitFor();
    await page.keyboard.press("d");
    await page.keyboard.type("ivr");
    await page.keyboard.press("Enter");
    await lines(page).getByText("talking").waitFor();
    assert.deepEqual(await heardAfterKey(page, "3"), ["digits/pl/3"]);
    for (const key of ["c", "m", "e", "a"]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await page.locator("main section.view").first().waitFor();
      assert.deepEqual(nameless(await page.locator("body").ariaSnapshot()), []);
    }
    await page.keyboard.press("p");
    await page.keyboard.press("h");
    await lines(page).getByText("you hung up").waitFor();
    await page.keyboard.press("Shift+?");
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(nameless(await page.getByRole("dialog").ariaSnapshot()), []);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(errors, []);
  });
});
