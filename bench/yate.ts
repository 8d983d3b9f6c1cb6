/**
 * Round trips to a real YATE (the environment variable YAYTS_YATE names its binary), with and without the kick. Run by
 * `npm run bench -- yate`.
 */
import { connect } from "../src/client/index.ts";
import { startYate, whyNoYate } from "../test/yate/start-yate.ts";
import { median, type Row } from "./row.ts";

const roundTrips = 200;

export async function bench(): Promise<Row[] | string> {
  const missing = whyNoYate();
  if (missing) return `skipped, ${missing}`;
  const engine = await startYate();
  try {
    const without = await p50(engine.tcp, false);
    const value = await p50(engine.tcp, true);
    const unix = await p50(engine.unix, false);
    return [
      {
        name: "yate: round trip over TCP, p50 (baseline: without the kick)",
        value,
        unit: "ms",
        baseline: without,
        ratio: value / without,
        target: "<= 7",
      },
      { name: "yate: round trip over a UNIX socket, p50", value: unix, unit: "ms" },
    ];
  } finally {
    await engine.stop();
  }
}

async function p50(address: string, kick: boolean): Promise<number> {
  const yate = await connect(address, { kick });
  const times: number[] = [];
  for (let i = 0; i < roundTrips; i++) {
    const startMs = performance.now();
    await yate.msg("bench.echo", { id: "dumb/1" }).dispatch();
    times.push(performance.now() - startMs);
  }
  await yate.close();
  return median(times);
}
