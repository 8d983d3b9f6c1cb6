/**
 * What it costs the engine that somebody looks on: an app makes calls that are about 500 messages a second, and by turns a reader in
 * another process asks for all records over a UNIX socket, or for none. Run by `npm run bench -- console`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectInProcess, startEngine } from "../src/engine/index.ts";
import { trace } from "../src/modules/trace/index.ts";
import { traceControl } from "../src/trace/index.ts";
import { type Child, startChild } from "./child.ts";
import { median, type Row } from "./row.ts";

export interface EngineFigures {
  readonly cpuMs: number;
  readonly atMs: number;
  readonly dispatched: number;
}

export interface ReaderFigures {
  messages: number;
  bytes: number;
  lost: number;
}

/** About 17 messages each. */
const callsPerSecond = 30;
const turns = 5;
const turnMs = 4000;
/** Until what a change has begun or ended is over. */
const settleMs = 700;
const batch = 1000;
const dispatches = 200_000;

export async function bench(): Promise<Row[]> {
  return [...(await lookingOn()), await inProcess()];
}

async function lookingOn(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-bench-"));
  const path = join(folder, "engine.sock");
  try {
    await using engine = await startChild("console-engine-child.ts", [path]);
    await using reader = await startChild("console-reader-child.ts", [path]);
    await using load = await startChild("console-load-child.ts", [`unix:${path}`]);
    await load.ask(callsPerSecond);
    await delay(2000);
    const cpu = { off: [] as number[], on: [] as number[] };
    const rates: number[] = [];
    let read: ReaderFigures = { messages: 0, bytes: 0, lost: 0 };
    // The first pair of turns is for the code to be compiled.
    for (let turn = -1; turn < turns; turn++) {
      for (const wanted of ["off", "on"] as const) {
        read = await reader.ask<ReaderFigures>(wanted);
        await delay(settleMs);
        const { share, perSecond } = await measure(engine);
        if (turn < 0) continue;
        cpu[wanted].push(share);
        if (wanted === "off") rates.push(perSecond);
      }
    }
    await load.ask(0);
    const [off, on] = [median(cpu.off), median(cpu.on)];
    return [
      { name: "console: messages of the calls", value: median(rates), unit: "messages/s", target: ">= 450" },
      { name: "console: engine with calls, nobody looks", value: off * 100, unit: "% of a core" },
      { name: "console: engine with calls, all is told", value: on * 100, unit: "% of a core" },
      {
        name: "console: what telling all costs the engine",
        value: (on - off) * 100,
        unit: "% of a core",
        target: "<= 10",
      },
      { name: "console: records that were lost", value: read.lost, unit: "records", target: "<= 0" },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(engine: Child): Promise<{ share: number; perSecond: number }> {
  const before = await engine.ask<EngineFigures>("figures");
  await delay(turnMs);
  const after = await engine.ask<EngineFigures>("figures");
  const tookMs = after.atMs - before.atMs;
  return {
    share: (after.cpuMs - before.cpuMs) / tookMs,
    perSecond: ((after.dispatched - before.dispatched) * 1000) / tookMs,
  };
}

/** Dispatches in process while all is told, over those while nobody looks. */
async function inProcess(): Promise<Row> {
  const engine = await startEngine({ modules: [trace()] });
  const yate = connectInProcess(engine);
  yate.handle("bench.inner", () => true);
  const rate = async (): Promise<number> => {
    const startedMs = performance.now();
    for (let done = 0; done < dispatches; done += batch) {
      await Promise.all(
        Array.from({ length: batch }, () => yate.msg("bench.inner", { id: "dumb/1" }).dispatch()),
      );
    }
    return dispatches / ((performance.now() - startedMs) / 1000);
  };
  const rates = { stop: [] as number[], start: [] as number[] };
  for (let turn = 0; turn < 4; turn++) {
    for (const operation of ["stop", "start"] as const) {
      await yate.msg(traceControl, { operation, id: "bench", of: "messages" }).dispatch();
      rates[operation].push(await rate());
    }
  }
  await engine.stop();
  const [value, baseline] = [Math.max(...rates.start), Math.max(...rates.stop)];
  return {
    name: "console: in process while all is told, over untold",
    value,
    unit: "dispatches/s",
    baseline,
    ratio: value / baseline,
  };
}
