import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import type { DevConsole } from "../test/browser/browser.ts";
import { median, type Row } from "./row.ts";

const loads = 7;
const built = resolve(import.meta.dirname, "../dist/console/page");

interface Load {
  readonly readyMs: number;
  readonly answeredMs: number;
}

/** What the page notes: milliseconds since the navigation. */
interface Marks {
  readonly ready?: number;
  readonly clicked?: number;
  readonly answered?: number;
}

/** Loads the page anew, each time in a browser that knows nothing of it, and calls. */
export async function benchLoading(browser: Browser, { url }: DevConsole): Promise<Row[]> {
  const files = (await readdir(built)).filter((name) => /\.(html|css|js)$/.test(name));
  const sizes = await Promise.all(files.map((name) => sentBytes(new URL(`/${name}`, url))));
  // The first one is the server's: it reads and compresses the page.
  await loadOnce(browser, url);
  const measured: Load[] = [];
  for (let i = 0; i < loads; i++) measured.push(await loadOnce(browser, url));
  const of = (value: (load: Load) => number): number => median(measured.map(value));
  return [
    {
      name: `consolepage: all ${files.length} files of the page, as sent`,
      value: sizes.reduce((all, size) => all + size, 0) / 1000,
      unit: "kB",
      target: "<= 300",
    },
    {
      name: `consolepage: from navigation until one can call, p50 of ${loads}`,
      value: of(({ readyMs }) => readyMs),
      unit: "ms",
      target: "<= 1000",
    },
    {
      name: "consolepage: from the click until the app has answered, p50",
      value: of(({ answeredMs }) => answeredMs),
      unit: "ms",
    },
  ];
}

/** How long a file's body is to a browser. */
async function sentBytes(url: URL): Promise<number> {
  const [response] = (await once(get(url, { headers: { "accept-encoding": "br" } }), "response")) as [
    IncomingMessage,
  ];
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Uint8Array).length;
  return bytes;
}

async function loadOnce(browser: Browser, url: string): Promise<Load> {
  const context = await browser.newContext({ bypassCSP: true });
  try {
    const page = await context.newPage();
    await page.addInitScript(noteMarks);
    await page.goto(url);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    const line = page.locator(".lines");
    await line.getByText("talking").waitFor();
    const { ready, clicked, answered } = await page.evaluate<Marks>("marks");
    await page.getByRole("button", { name: "Hang up" }).click();
    await line.getByText("you hung up").waitFor();
    return {
      readyMs: ready ?? Number.NaN,
      answeredMs: (answered ?? Number.NaN) - (clicked ?? Number.NaN),
    };
  } finally {
    await context.close();
  }
}

/** Runs in the page: notes when the button for calling can be pressed, when it is, and when the line is answered. */
const noteMarks = `
globalThis.marks = {};
const look = () => {
  const call = document.querySelector(".dial button[type=submit]");
  if (call && !call.disabled) marks.ready ??= performance.now();
  if (marks.clicked && document.querySelector(".lines [role=status]")?.textContent.includes("talking"))
    marks.answered ??= performance.now();
};
addEventListener("submit", () => { marks.clicked = performance.now(); }, { capture: true });
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
`;
