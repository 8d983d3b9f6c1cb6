/**
 * One client in a process of its own: `client-worker.ts smallest|ours PORT SCENARIO COUNT`. Prints what it measured as JSON.
 */
import { connect } from "yayts/client";
import { smallestClient } from "./smallest-client.ts";

/** What both clients can do. */
export interface BenchClient {
  /** Sends a message with a number and resolves to its return value. */
  dispatch(name: string, n: number): Promise<string>;
  handle(fn: (called: string) => boolean): void;
  watch(fn: (called: string) => void): void;
  close(): void;
}

/** What one run of a scenario gave. */
export interface Measured {
  readonly perSecond: number;
  readonly lost: number;
  readonly rssMiB: number;
}

const inFlight = 100;

async function ourClient(port: number): Promise<BenchClient> {
  const yate = await connect(`tcp://127.0.0.1:${port}`, { reconnect: false });
  return {
    dispatch: async (name, n) => (await yate.msg(name, { n, caller: 100, called: 123 }).dispatch()).retvalue,
    handle: (fn) => void yate.handle("bench.handle", (message) => fn(message.get("called") ?? "")),
    watch(fn) {
      const loop = async (): Promise<void> => {
        for await (const message of yate.watches("bench.watch", undefined, { bufferSize: 10_000 }))
          fn(message.get("called") ?? "");
      };
      loop().catch(() => {});
    },
    close: () => yate.abort(),
  };
}

/** Runs a scenario of `count` messages; resolves to the messages that were not lost. */
async function run(client: BenchClient, scenario: string, count: number): Promise<number> {
  let seen = 0;
  if (scenario === "dispatch") {
    let left = count;
    const one = async (): Promise<void> => {
      while (left-- > 0) if ((await client.dispatch("bench.dispatch", left)) === "ret") seen++;
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return seen;
  }
  const counting = (called: string): boolean => {
    if (called === "123") seen++;
    return true;
  };
  if (scenario === "handle") client.handle(counting);
  else client.watch(counting);
  await client.dispatch(scenario === "handle" ? "bench.handled" : "bench.watched", count);
  // The loop over the watches is still busy with the last of them.
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}

async function main(which: string, port: number, scenario: string, count: number): Promise<void> {
  const client = await (which === "ours" ? ourClient(port) : smallestClient(port));
  // A fifth of the work is for the compiler to warm up.
  await run(client, scenario, Math.ceil(count / 5));
  client.close();
  const again = await (which === "ours" ? ourClient(port) : smallestClient(port));
  const start = performance.now();
  const seen = await run(again, scenario, count);
  const perSecond = (count * 1000) / (performance.now() - start);
  const measured: Measured = { perSecond, lost: count - seen, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
  again.close();
}

const [which = "", port = "", scenario = "", count = ""] = process.argv.slice(2);
await main(which, Number(port), scenario, Number(count));
