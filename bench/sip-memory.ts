/**
 * Does the memory of the embedded engine grow with the calls it has taken? 100,000 calls one after the other, INVITE to BYE. The heap is
 * compared between two times of rest, when all timers are over; resident memory, which is not given back, at the ends of two loads.
 * Takes six minutes.
 * Run by `npm run bench -- sipmemory`.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Row } from "./row.ts";
import { type Measured, startAnswerer } from "./sip-calls.ts";

const calls = 100_000;
const rate = 800;
/** More than the transaction layer keeps, and longer than anything is remembered (128 × T1): from then on each call takes the place of another. */
const warmUp = rate * 75;
/** All timers of a transaction are over (64 × T1), and what is remembered of merged requests (twice that), on a busy machine too. */
const restMs = 70_000;

export async function bench(): Promise<Row[]> {
  const engine = await startAnswerer("engine", ["--expose-gc"]);
  try {
    await engine.measure(rate, warmUp);
    const before = await engine.usage();
    await delay(restMs);
    const first = await engine.usage();
    const parts: Measured[] = [];
    // In parts, so that the caller forgets its own calls.
    for (let part = 0; part < 10; part++) parts.push(await engine.measure(rate, calls / 10));
    const after = await engine.usage();
    await delay(restMs);
    const end = await engine.usage();
    const sum = (of: keyof Measured): number => parts.reduce((total, part) => total + part[of], 0);
    const what = `sipmemory: ${calls.toLocaleString("en")} calls`;
    return [
      { name: `${what}: completed`, value: sum("completed"), unit: "calls", target: `>= ${calls}` },
      { name: `${what}: answered in time by`, value: sum("rate") / parts.length, unit: "calls/s" },
      { name: `${what}: retransmissions`, value: sum("retransmitted"), unit: "" },
      { name: `${what}: processor for a call`, value: sum("answerUs") / parts.length, unit: "us" },
      {
        name: `${what}: heap, growth for a call`,
        value: (end.heapBytes - first.heapBytes) / calls,
        unit: "bytes",
        target: "<= 20",
      },
      {
        name: `${what}: resident, growth for a call`,
        value: (after.rssBytes - before.rssBytes) / calls,
        unit: "bytes",
        target: "<= 200",
      },
      {
        name: `${what}: what lives ${restMs / 1000} s after`,
        value: Object.values(end.living).reduce((total, count) => total + count, 0),
        unit: "",
        target: "<= 0",
      },
      {
        name: `${what}: heap then`,
        value: end.heapBytes / 2 ** 20,
        unit: "MiB",
        baseline: first.heapBytes / 2 ** 20,
      },
      { name: `${what}: heap under load`, value: after.heapBytes / 2 ** 20, unit: "MiB" },
    ];
  } finally {
    await engine.stop();
  }
}
