import { Rig } from "./rig.ts";
import { operations } from "./operations.ts";
import { setTimeout as delay } from "node:timers/promises";
const op = operations.find(o => o.name === process.argv[2])!;
const rig = await Rig.start("in process", { voice: async () => ({ samples: new Int16Array(1600), rateHz: 8000 }) });
const kinds: Record<string, number> = {};
for (let round = 0; round < 30; round++) {
  const ps = await Promise.all(Array.from({length: 8}, async (_, n) => ({ n, p: await op.prepare(rig) })));
  await Promise.all(ps.map(async ({ n, p }) => {
    const stop = new AbortController();
    const out = Promise.resolve(p.begin(stop.signal));
    const ms = (round * 8 + n) % 30;
    await delay(ms);
    stop.abort();
    const t = performance.now();
    const o = await Promise.race([out, delay(3000, { kind: "LATE" })]);
    const k = `${o.kind}${performance.now()-t > 130 ? " slow" : ""}${(o as any).by ?? ""} ${(o as any).error?.message?.slice(0,60) ?? ""}`;
    kinds[k] = (kinds[k] ?? 0) + 1;
    if (o.kind === "LATE") console.log("late at", ms);
    await Promise.all([p.byApp(), ...p.legs.map(l => rig.gone(l))]);
  }));
}
console.log(kinds);
await rig.stop();
