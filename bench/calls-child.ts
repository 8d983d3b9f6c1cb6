import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createEngine } from "../src/modules/index.ts";
import type { CallsMeasured } from "./calls.ts";

const calls = 500;
const seconds = 5;
const bytesPerSecond = 16_000;

const folder = await mkdtemp(join(tmpdir(), "yayts-bench-"));
const sound = join(folder, "sound.alaw");
await writeFile(
  sound,
  Uint8Array.from({ length: 8000 * 60 }, (_, i) => (i * 37) & 0xff),
);

const engine = await createEngine();
const { yate } = engine;
yate.handle("call.route", () => "dumb/");
const recordings: { readonly path: string; readonly startMs: number }[] = [];
for (let i = 0; i < calls; i++) {
  const call = await yate.msg("call.execute", { callto: "dumb/", target: "x" }).dispatch();
  const path = join(folder, `${i}.slin`);
  const attach = (id: string | undefined, params: Record<string, string>): Promise<unknown> =>
    yate.msg("chan.masquerade", { message: "chan.attach", id: id ?? "", ...params }).dispatch();
  await attach(call.get("id"), { consumer: `wave/record/${path}` });
  await attach(call.get("targetid"), { source: `wave/play/${sound}` });
  recordings.push({ path, startMs: performance.now() });
}
// The first second is for the files to be opened and the code to be compiled.
await delay(1000);
const ticksBefore = engine.engine.ticker.figures;
const cpuBefore = process.cpuUsage();
const startMs = performance.now();
await delay(seconds * 1000);
const elapsedMs = performance.now() - startMs;
const cpu = process.cpuUsage(cpuBefore);
const ticksAfter = engine.engine.ticker.figures;
await yate.msg("call.drop", {}).dispatch();
const endMs = performance.now();
await engine.stop();
const parts = recordings.map(async ({ path, startMs: begunMs }) => {
  return (await stat(path)).size / ((bytesPerSecond * (endMs - begunMs)) / 1000);
});
const measured: CallsMeasured = {
  calls,
  seconds,
  cores: (cpu.user + cpu.system) / 1000 / elapsedMs,
  ticks: ticksAfter.ticks - ticksBefore.ticks,
  lateTicks: ticksAfter.late - ticksBefore.late,
  leastRecorded: Math.min(...(await Promise.all(parts))),
  rssMiB: process.memoryUsage().rss / 2 ** 20,
};
await rm(folder, { recursive: true });
process.send?.(measured);
process.disconnect();
