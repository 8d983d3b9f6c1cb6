/**
 * The client against the smallest possible one, on a mock engine: pipelined dispatch, handler, watch; and what many waits
 * cost. Run by `npm run bench -- client`.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import type { Measured } from "./client-worker.ts";
import { createBareWaits, createManyWaits, type Serving } from "./many-waits.ts";
import { median, type Row } from "./row.ts";

const scenarios = [
  { name: "dispatch", text: "pipelined dispatch", count: 200_000, atLeast: 0.4 },
  { name: "handle", text: "handler", count: 200_000, atLeast: 0.35 },
  { name: "watch", text: "watch", count: 400_000, atLeast: 0.3 },
] as const;

const rounds = 3;
const maxRssMiB = 90;
/**
 * Memory is measured with V8's young generation bounded: left to itself it grows to 128 MiB under any load of short-lived
 * objects, the smallest client's too, and would be all that is seen.
 */
const memoryFlags = ["--max-semi-space-size=2"];

/** Measures the client; the rows tell rates in messages a second. */
export async function bench(): Promise<Row[]> {
  await compile();
  const engine = fork(fileOf("mock-engine.ts"), {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: sourceFlags,
  });
  try {
    const port = (await firstLine(engine)).trim();
    const rows: Row[] = [];
    let lost = 0;
    let rssMiB = 0;
    for (const { name, text, count, atLeast } of scenarios) {
      const ours: number[] = [];
      const smallest: number[] = [];
      // Taken in turn, so that both see the same machine.
      for (let round = 0; round < rounds; round++) {
        smallest.push((await worker("smallest", port, name, count)).perSecond);
        const measured = await worker("ours", port, name, count);
        ours.push(measured.perSecond);
        lost += measured.lost;
      }
      rssMiB = Math.max(rssMiB, (await worker("ours", port, name, count, memoryFlags)).rssMiB);
      const [value, baseline] = [median(ours), median(smallest)];
      rows.push({
        name: `client: ${text}`,
        value,
        unit: "messages/s",
        baseline,
        ratio: value / baseline,
        target: `ratio >= ${atLeast}`,
      });
    }
    rows.push({
      name: "client: messages lost",
      value: lost,
      unit: "messages",
      target: "<= 0",
    });
    rows.push({
      name: "client: memory (young generation of 2 MiB)",
      value: rssMiB,
      unit: "MiB",
      target: `<= ${maxRssMiB}`,
    });
    rows.push(await manyWaits(), await waitsInTurn());
    return rows;
  } finally {
    engine.disconnect();
  }
}

/** Serves the same ten waits, alone and among 100,000. */
async function manyWaits(): Promise<Row> {
  const { ours, baseline } = await compare(createManyWaits(100_000, 10), createManyWaits(10, 10));
  return {
    name: "bus: served among 100,000 waits (baseline: among 10)",
    value: ours,
    unit: "messages/s",
    baseline,
    ratio: ours / baseline,
    target: "ratio >= 0.8",
  };
}

/**
 * Serves 100,000 waits one after another. Each message then ends a promise that has become old, which V8's collector makes
 * dear whoever made it; so the baseline is the same with nothing but promises.
 */
async function waitsInTurn(): Promise<Row> {
  const { ours, baseline } = await compare(createManyWaits(100_000, 100_000), createBareWaits(100_000));
  return {
    name: "bus: 100,000 waits in turn (baseline: plain promises)",
    value: ours,
    unit: "messages/s",
    baseline,
    ratio: ours / baseline,
  };
}

/** The best rates of two, taken in turn: what disturbs them is the rest of the machine. */
async function compare(ours: Serving, baseline: Serving): Promise<{ ours: number; baseline: number }> {
  const best = { ours: 0, baseline: 0 };
  for (let round = 0; round < 8; round++) {
    best.baseline = Math.max(best.baseline, await baseline(20_000));
    best.ours = Math.max(best.ours, await ours(20_000));
  }
  return best;
}

const sourceFlags = ["--conditions=yayts-source"];

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no stdout");
  const [line] = await once(child.stdout, "data");
  return String(line);
}

/** Where the workers lie as JavaScript: inside the package, so that they find it by its name. */
const compiled = new URL("../.ts/bench/", import.meta.url);

/** Compiles the client and the workers, so that a worker carries no compiler of its own. */
async function compile(): Promise<void> {
  const tsc = fileOf("../node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "-b", fileOf("../src/client")], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error("the client does not compile");
  await mkdir(compiled, { recursive: true });
  for (const name of ["client-worker", "smallest-client"]) {
    const source = await readFile(new URL(`${name}.ts`, import.meta.url), "utf8");
    const script = stripTypeScriptTypes(source).replaceAll('.ts"', '.mjs"');
    await writeFile(new URL(`${name}.mjs`, compiled), script);
  }
}

async function worker(
  which: string,
  port: string,
  scenario: string,
  count: number,
  flags: readonly string[] = [],
): Promise<Measured> {
  const file = new URL("client-worker.mjs", compiled).pathname;
  const child = spawn(process.execPath, [...flags, file, which, port, scenario, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await firstLine(child)) as Measured;
}
