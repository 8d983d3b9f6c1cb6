/**
 * Makes the README's pictures of the console, from the running program: `yayts dev examples/keyecho.ts` is called by SIP and from the
 * page, keys are pressed, and the page is photographed in a headless Chromium into docs/images.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { noBrowser, openBrowser } from "../test/browser/browser.ts";
import { startCommand } from "../test/cli-process.ts";
import { buildPage, pageIsFresh } from "./build-page.ts";
import { smallerPng } from "./png.ts";
import { root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const images = resolve(root, "docs/images");
const wide = { width: 1280, height: 720 };
const phone = { width: 390, height: 844 };
const mostBytes = 200_000;

async function takePictures(): Promise<StepResult> {
  if (noBrowser) return { ok: false, report: noBrowser };
  if (!pageIsFresh()) {
    const built = await buildPage();
    if (!built.ok) return built;
  }
  mkdirSync(images, { recursive: true });
  await using command = startCommand(
    ["dev", resolve(root, "examples/keyecho.ts"), "--no-reload", "--no-open"].concat(
      ["--port", "--sip-port", "--console-port"].flatMap((name) => [name, "0"]),
    ),
    { env: { BROWSER: "none" } },
  );
  const [, sip = ""] = await command.until(/can call sip:ivr@([\d.:]+)/);
  const [url] = await command.until(/http:\S*#token=[\w-]+/);
  await using browser = await openBrowser();

  const page = await browser.newPage({ viewport: wide, colorScheme: "light" });
  await page.goto(url);
  await page.getByLabel("number of this phone").fill("100");
  await page.keyboard.press("Enter");
  await call(page, "ivr");
  await talks(page);
  await press(page, "427");
  await page.getByRole("button", { name: "hide the list of calls" }).click();
  await shoot(page, "ladder-light");
  await press(page, "1906");
  await hangUp(page);

  // From a program of its own: so there is something on the wire.
  await using caller = startCommand(["call", `sip:ivr@${sip}`, "--press", "52"]);
  await caller.exit;
  await page.getByRole("button", { name: "hide the list of calls" }).click();
  await page.locator(".call-row", { hasText: /→ ivr/ }).first().click();
  await page.getByRole("button", { name: "hide the list of calls" }).click();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "Fit" }).click();
  await shoot(page, "ladder-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await call(page, "ivr");
  await talks(page);
  await press(page, "68");

  await page.getByRole("link", { name: "Messages" }).click();
  await page.waitForTimeout(700);
  await page.locator(".message-row", { hasText: "call.route" }).last().click();
  await shoot(page, "messages");
  await page.getByRole("link", { name: "Engine", exact: true }).click();
  await press(page, "53");
  await shoot(page, "engine");

  // The same, with its call, as it is on a mobile phone.
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(() => {
    location.hash = "#/phone";
  });
  await shoot(page, "phone");
  await page.emulateMedia({ colorScheme: "light" });
  await hangUp(page);

  const sizes = readdirSync(images)
    .filter((name) => name.startsWith("console-"))
    .map((name) => ({ name, bytes: statSync(resolve(images, name)).size }));
  return {
    ok: sizes.every(({ bytes }) => bytes < mostBytes),
    note: sizes.map(({ name, bytes }) => `${name} ${Math.round(bytes / 1000)} kB`).join(", "),
  };
}

function line(page: Page): ReturnType<Page["getByRole"]> {
  return page.getByRole("list", { name: "lines" }).getByRole("listitem");
}

async function call(page: Page, number: string): Promise<void> {
  await page.getByLabel("number to call").fill(number);
  await page.keyboard.press("Enter");
}

async function talks(page: Page): Promise<void> {
  await line(page).getByText("talking").waitFor();
  await page.waitForTimeout(800);
}

/** Each key at a time at which its prompt is heard to its end. */
async function press(page: Page, keys: string): Promise<void> {
  for (const key of keys) {
    await page.getByRole("button", { name: key, exact: true }).click();
    await page.waitForTimeout(900);
  }
}

async function hangUp(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Hang up" }).click();
  await line(page).getByText("you hung up").waitFor();
  await page.waitForTimeout(500);
}

async function shoot(page: Page, name: string): Promise<void> {
  // No tip, no focus ring, and what fades has faded.
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.waitForTimeout(800);
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  writeFileSync(resolve(images, `console-${name}.png`), smallerPng(png));
}

await runAlone(takePictures());
