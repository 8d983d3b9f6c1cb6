import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildPage, pageIsFresh } from "../../scripts/build-page.ts";
import { createResampler } from "../../src/media/index.ts";
import { type RunningCommand, startCommand } from "../cli-process.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium that is installed on this machine; undefined where there is none. */
function findChromium(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  return undefined;
}

/** Why tests with a browser cannot run here; false when they can. For `it(…, { skip })`. */
export const noBrowser: string | false =
  findChromium() !== undefined ? false : `no browser: none of ${names.join(", ")} is in PATH`;

export interface BrowserOptions {
  /** A wav file that the fake microphone plays again and again; without it, a beep each second. */
  readonly microphone?: string;
  /** `false`: the browser refuses the microphone. Default true. */
  readonly allowed?: boolean;
}

/** A headless Chromium with a fake microphone; nothing of it is left when it is disposed of. */
export async function openBrowser(options: BrowserOptions = {}): Promise<Browser & AsyncDisposable> {
  const { microphone, allowed = true } = options;
  const executablePath = findChromium();
  if (!executablePath) throw new Error(String(noBrowser));
  return await chromium.launch({
    executablePath,
    args: [
      // Root, as in a container, has no sandbox.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--use-fake-device-for-media-stream",
      ...(allowed ? ["--use-fake-ui-for-media-stream"] : ["--deny-permission-prompts"]),
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
      "--autoplay-policy=document-user-activation-required",
    ],
  });
}

/** `yayts dev <app>` with its console, on free ports. */
export interface DevConsole extends AsyncDisposable {
  /** The link with the token. */
  readonly url: string;
  readonly command: RunningCommand;
}

/** Starts an app with its console. The page is built if it is not fresh. */
export async function startDevConsole(app: string, args: readonly string[] = []): Promise<DevConsole> {
  if (!existsSync(app)) throw new Error(`there is no ${app}`);
  if (!pageIsFresh()) {
    const { ok, report } = await buildPage();
    if (!ok) throw new Error(report);
  }
  const command = startCommand(
    ["dev", app, "--port", "0", "--no-sip", "--no-reload", "--no-open", "--console-port", "0", ...args],
    { env: { BROWSER: "none" } },
  );
  const [url] = await command.until(/https?:\/\/\S*#token=[\w-]+/, 30_000);
  return { url, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() };
}

/** Everything that went wrong in a page by itself; a test looks that it is empty. */
export function watchErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (/^(http|ws)s?:$/.test(protocol) && hostname !== "127.0.0.1")
      errors.push(`asked for ${request.url()}`);
  });
  return errors;
}

/**
 * A page whose loudspeaker is tapped, see {@link heardSamples}. The tap is code that the console's content policy forbids, so that
 * does not hold for this page.
 */
export async function listeningPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ bypassCSP: true });
  await page.addInitScript({ path: fileURLToPath(new URL("./tap.mjs", import.meta.url)) });
  return page;
}

/** What has been played since the page was loaded, or since it was last asked, at 8 kHz. */
export async function heardSamples(page: Page): Promise<Int16Array> {
  const samples: unknown = await page.evaluate("heardSamples.splice(0).flat()");
  if (!Array.isArray(samples)) throw new Error("the page is not listened to");
  return createResampler(32_000, 8000).push(
    Int16Array.from(samples, (value) => Math.round(Math.min(1, Math.max(-1, value)) * 32_767)),
  );
}
