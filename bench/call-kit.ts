/**
 * The call kit: a thousand menu calls at once in one process, what an event costs an app, how fast a key stops a prompt, and
 * how soon a phone rings. Run by `npm run bench -- callkit`; with YAYTS_YATE also over a real YATE.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { silence, withCalls } from "../src/call/index.ts";
import { connect } from "../src/client/index.ts";
import { createEngine } from "../src/modules/index.ts";
import { createParty } from "../test/contract/audio-party.ts";
import { startYate, whyNoYate } from "../test/yate/start-yate.ts";
import { startChild } from "./child.ts";
import { median, type Row } from "./row.ts";

/** What the callers of the menu saw. */
export interface MenuMeasured {
  readonly calls: number;
  readonly keys: number;
  /** Of those, never read by the program. */
  readonly lost: number;
  /** From the key to its program, 99 % and the worst. */
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly cores: number;
}

/** What the app spent. */
export interface AppMeasured {
  readonly events: number;
  readonly cpuMs: number;
}

const menuCalls = 1000;
const costCalls = 100;
const keysOfEach = 20;
const bargeIns = 100;
const dials = 50;
/** Silence after a key, that tells one round from the next. */
const pauseMs = 300;

export async function bench(): Promise<Row[]> {
  const rows = [...(await menu()), await cost()];
  rows.push(await bargeIn("embedded engine", embedded));
  const missing = whyNoYate();
  if (!missing) {
    rows.push(await bargeIn("real YATE", real));
    rows.push(await postDialDelay("real YATE", real));
  }
  rows.push(await postDialDelay("embedded engine", embedded));
  return rows;
}

async function menu(): Promise<Row[]> {
  await using child = await startChild("call-kit-menu-child.ts");
  const measured = await child.ask<MenuMeasured>({ calls: menuCalls, seconds: 10 });
  const what = `callkit: ${measured.calls} menu calls, ${measured.keys} keys`;
  return [
    { name: `${what}: lost`, value: measured.lost, unit: "keys", target: "<= 0" },
    { name: `${what}: key to program, p99`, value: measured.p99Ms, unit: "ms", target: "<= 40" },
    { name: `${what}: key to program, worst`, value: measured.worstMs, unit: "ms" },
    {
      name: `${what}: processor, engine and callers too`,
      value: measured.cores,
      unit: "cores",
      target: "<= 1",
    },
  ];
}

/** The app alone in a process, the engine in this one: what an event (a key read, a prompt begun) costs the app. */
async function cost(): Promise<Row> {
  await using engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  await using app = await startChild("call-kit-app-child.ts", [engine.addresses.get("tcp") ?? ""]);
  const callers = engine.connect();
  const ids = await Promise.all(
    Array.from({ length: costCalls }, async () => {
      const call = await callers.msg("call.execute", { callto: "dumb/", target: "menu" }).dispatch();
      return call.get("id") ?? "";
    }),
  );
  await delay(2000);
  await app.ask({ kind: "begin" });
  for (let round = 0; round < keysOfEach; round++) {
    for (const id of ids) callers.msg("chan.masquerade", { message: "chan.dtmf", id, text: "5" }).enqueue();
    await delay(200);
  }
  const { events, cpuMs } = await app.ask<AppMeasured>({ kind: "end" });
  callers.abort();
  const name = `callkit: processor an event in the app (${events} events)`;
  return { name, value: cpuMs / events, unit: "ms", target: "<= 1" };
}

interface Side {
  readonly address: string;
  stop(): Promise<void>;
}

async function embedded(): Promise<Side> {
  const engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
  return { address: engine.addresses.get("tcp") ?? "", stop: () => engine.stop() };
}

async function real(): Promise<Side> {
  const yate = await startYate();
  return { address: yate.tcp, stop: () => yate.stop() };
}

/** From the key until the caller hears nothing more of the prompt. */
async function bargeIn(title: string, start: () => Promise<Side>): Promise<Row> {
  const side = await start();
  const folder = await mkdtemp(join(tmpdir(), "yayts-bench-"));
  const app = withCalls(await connect(side.address), { cacheFolder: folder });
  const callers = await connect(side.address);
  app.onCall("barge", async (call) => {
    await call.answer();
    const keys = call.dtmf();
    while ((await call.play("en/welcome", { loops: 100, bargeIn: true })).kind !== "hangup") {
      await keys.next();
      await call.play(silence(pauseMs));
    }
  });
  await app.setlocal("engine.version");
  const times: number[] = [];
  {
    await using party = await createParty(callers, "barge");
    for (let i = 0; i < bargeIns; i++) {
      const before = party.heard.length;
      while (party.heard.length < before + 5) await delay(5);
      await delay(Math.random() * 40);
      const pressedMs = performance.now();
      await callers.msg("chan.masquerade", { message: "chan.dtmf", id: party.id, text: "1" }).dispatch();
      await delay(pauseMs / 2);
      const after = party.heard.slice(before).filter(({ arrivalMs }) => arrivalMs > pressedMs);
      // A packet sounds for 20 ms after it came.
      times.push(Math.max(0, ...after.map(({ arrivalMs }) => arrivalMs + 20 - pressedMs)));
    }
  }
  app.abort();
  callers.abort();
  await side.stop();
  await rm(folder, { recursive: true });
  const p99 = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  return {
    name: `callkit: key stops the prompt, p99 of ${times.length}, ${title}`,
    value: p99,
    unit: "ms",
    target: "<= 40",
  };
}

/** From `yate.call` until the called app's ringing is told. */
async function postDialDelay(title: string, start: () => Promise<Side>): Promise<Row> {
  const side = await start();
  const app = withCalls(await connect(side.address));
  const called = withCalls(await connect(side.address));
  called.onCall("rings", { ring: false }, async (call) => {
    await call.ringing();
    await call.ended;
  });
  await called.setlocal("engine.version");
  const times: number[] = [];
  for (let i = 0; i < dials; i++) {
    const startMs = performance.now();
    const attempt = app.call("rings", {
      onState(state) {
        if (state !== "ringing") return;
        times.push(performance.now() - startMs);
        attempt.cancel();
      },
    });
    await attempt;
  }
  app.abort();
  called.abort();
  await side.stop();
  return {
    name: `callkit: post-dial delay over TCP, p50 of ${times.length}, ${title}`,
    value: median(times),
    unit: "ms",
    target: "<= 30",
  };
}
