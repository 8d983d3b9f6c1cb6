/** A thousand callers in a menu, with the engine and the app in this one process. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withCalls } from "../src/call/index.ts";
import { createEngine } from "../src/modules/index.ts";
import type { MenuMeasured } from "./call-kit.ts";

/** Each caller presses a key so often. */
const gapMs = 2000;

process.on("message", async ({ calls, seconds }: { calls: number; seconds: number }) => {
  const folder = await mkdtemp(join(tmpdir(), "yayts-bench-"));
  const engine = await createEngine();
  const app = withCalls(engine.yate, { cacheFolder: folder });
  const callers = engine.connect();
  const pressedMs = new Map<string, number>();
  const times: number[] = [];
  let pressed = 0;

  app.onCall("menu", async (call) => {
    await call.answer();
    for (;;) {
      const entered = await call.gather({ prompt: "en/welcome", min: 1, max: 1, firstDigitMs: 60_000 });
      if (entered.kind === "hangup") return;
      times.push(performance.now() - (pressedMs.get(call.id) ?? Number.NaN));
    }
  });
  const ids: string[] = [];
  for (let i = 0; i < calls; i++) {
    const call = await callers.msg("call.execute", { callto: "dumb/", target: "menu" }).dispatch();
    ids.push(call.get("id") ?? "");
  }
  await delay(2000);
  const press = async (id: string, endMs: number): Promise<void> => {
    await delay(Math.random() * gapMs);
    while (performance.now() < endMs) {
      pressed++;
      pressedMs.set(id, performance.now());
      callers.msg("chan.masquerade", { message: "chan.dtmf", id, text: "5" }).enqueue();
      await delay(gapMs * (0.5 + Math.random()));
    }
  };
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await Promise.all(ids.map((id) => press(id, startMs + seconds * 1000)));
  const cpu = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startMs;
  await delay(200);
  times.sort((a, b) => a - b);
  const measured: MenuMeasured = {
    calls,
    keys: pressed,
    lost: pressed - times.length,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    worstMs: times.at(-1) ?? Number.NaN,
    cores: (cpu.user + cpu.system) / 1000 / elapsedMs,
  };
  await engine.stop();
  await rm(folder, { recursive: true });
  process.send?.(measured);
});
process.send?.("ready");
