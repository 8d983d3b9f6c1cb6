/**
 * The console's page in a headless Chromium, against `yayts dev examples/keyecho.ts`: how big it is, how soon it calls, how late one
 * page hears another, and how it bears many messages. Run by `npm run bench -- consolepage`.
 */
import { resolve } from "node:path";
import { noBrowser, openBrowser, startDevConsole } from "../test/browser/browser.ts";
import { benchDelay } from "./console-page-delay.ts";
import { benchLoading } from "./console-page-loading.ts";
import { benchMessages } from "./console-page-messages.ts";
import type { Row } from "./row.ts";

const keyecho = resolve(import.meta.dirname, "../examples/keyecho.ts");

export async function bench(): Promise<Row[] | string> {
  if (noBrowser) return noBrowser;
  const rows: Row[] = [];
  for (const part of [benchLoading, benchDelay, benchMessages]) {
    await using dev = await startDevConsole(keyecho);
    await using browser = await openBrowser();
    rows.push(...(await part(browser, dev)));
  }
  return rows;
}
