import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, CDPSession, Page } from "playwright-core";
import type { DevConsole } from "../test/browser/browser.ts";
import { startChild } from "./child.ts";
import { median, type Row } from "./row.ts";

/** About 17 messages each. */
const callsPerSecond = 30;
const seconds = 8;
const rowsWanted = 10_000;
/** Two frames of a screen with 60 a second. */
const smooth = "<= 34";

/** Shows 500 messages a second, then scrolls through ten thousand: while they go on coming, and when all is quiet. */
export async function benchMessages(browser: Browser, dev: DevConsole): Promise<Row[]> {
  const [, address = ""] = /listening at (tcp:\/\/[\w.:]+)/.exec(dev.command.err) ?? [];
  const pid = dev.command.child.pid ?? 0;
  await using load = await startChild("console-load-child.ts", [address]);
  const page = await browser.newPage({ bypassCSP: true, viewport: { width: 1280, height: 720 } });
  const session = await browser.newBrowserCDPSession();
  await page.goto(dev.url);
  await page.getByRole("link", { name: "Messages" }).click();
  await load.ask(callsPerSecond);
  await delay(3000);

  const before = await cpu(session, pid);
  const live = await frames(page, "");
  const after = await cpu(session, pid);
  const share = (of: keyof Cpu): number => ((after[of] - before[of]) / (after.atMs - before.atMs)) * 100;
  const perSecond = Number.parseFloat(
    (await page.getByTitle("of all messages of the engine").textContent()) ?? "",
  );
  while ((await rowCount(page)) < rowsWanted) await delay(250);
  await page.locator(".message-grid").hover();
  await page.mouse.wheel(0, -200);
  const scrolledLive = await frames(page, scroll);
  await load.ask(0);
  await delay(2500);
  const scrolled = await frames(page, scroll);
  const inView = "consolepage: messages in view";
  const rows = `consolepage: scrolling ${rowsWanted.toLocaleString("en")} rows`;
  return [
    { name: inView, value: perSecond, unit: "messages/s", target: ">= 450" },
    { name: `${inView}: the page`, value: share("renderer"), unit: "% of a core" },
    { name: `${inView}: the browser's drawing`, value: share("gpu"), unit: "% of a core" },
    { name: `${inView}: the console's thread`, value: share("console"), unit: "% of a core" },
    { name: `${inView}: the engine's thread`, value: share("engine"), unit: "% of a core" },
    ...frameRows(inView, live),
    ...frameRows(`${rows} while they come`, scrolledLive),
    ...frameRows(`${rows} in quiet`, scrolled),
  ];
}

function frameRows(name: string, times: readonly number[]): Row[] {
  const sorted = times.toSorted((a, b) => a - b);
  return [
    { name: `${name}: a frame, p50`, value: median(sorted), unit: "ms" },
    {
      name: `${name}: a frame, p95`,
      value: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
      unit: "ms",
      target: smooth,
    },
  ];
}

async function rowCount(page: Page): Promise<number> {
  return Number(await page.locator(".message-grid").getAttribute("aria-rowcount")) - 1;
}

/** Some 50 rows a frame, from where it is to the other end and back. */
const scroll = `
const grid = document.querySelector(".message-grid");
globalThis.way ??= -1;
if (grid.scrollTop <= 0) way = 1;
else if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 2000) way = -1;
grid.scrollTop += way * 1300;
`;

/** The times between frames, for some seconds; in each of them `step` runs. */
async function frames(page: Page, step: string): Promise<number[]> {
  return await page.evaluate<number[]>(`new Promise((done) => {
    const times = [];
    let last;
    const end = performance.now() + ${seconds * 1000};
    const frame = (at) => {
      if (last !== undefined) times.push(at - last);
      last = at;
      { ${step} }
      if (at < end) requestAnimationFrame(frame);
      else done(times);
    };
    requestAnimationFrame(frame);
  })`);
}

/** Processor time since the beginning, in milliseconds. */
interface Cpu {
  readonly atMs: number;
  readonly renderer: number;
  readonly gpu: number;
  readonly console: number;
  readonly engine: number;
}

async function cpu(session: CDPSession, pid: number): Promise<Cpu> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const of = (type: string): number =>
    processInfo.filter((it) => it.type === type).reduce((all, it) => all + it.cpuTime * 1000, 0);
  return {
    atMs: performance.now(),
    renderer: of("renderer"),
    gpu: of("GPU"),
    console: await threadMs(pid, "WorkerThread"),
    engine: await threadMs(pid, "MainThread"),
  };
}

/** Of the threads of a process that bear a name, from Linux. NaN elsewhere. */
async function threadMs(pid: number, name: string): Promise<number> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  let ms = threads.length === 0 ? Number.NaN : 0;
  for (const thread of threads) {
    const stat = await readFile(`${folder}/${thread}/stat`, "utf8").catch(() => "");
    if (!stat.includes(`(${name})`)) continue;
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    // Ticks of 10 ms.
    ms += (Number(user) + Number(system)) * 10;
  }
  return ms;
}
