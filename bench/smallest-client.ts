import { connect } from "node:net";
import type { BenchClient } from "./client-worker.ts";

/** The smallest `net` client that can do the job: no escaping, no limits, no reconnect. The baseline of the benchmark. */
export async function smallestClient(port: number): Promise<BenchClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.setEncoding("latin1");
  const waiting = new Map<string, (retvalue: string) => void>();
  let handler: ((called: string) => boolean) | undefined;
  let watcher: ((called: string) => void) | undefined;
  let lastId = 0;
  let rest = "";
  let out = "";

  const flush = (): void => {
    socket.write(out, "latin1");
    out = "";
  };
  const put = (line: string): void => {
    if (out === "") setImmediate(flush);
    out += line;
  };
  const calledIn = (fields: string[]): string => {
    for (let i = 4; i < fields.length; i++)
      if (fields[i]?.startsWith("called=")) return fields[i]?.slice(7) ?? "";
    return "";
  };
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const fields = line.split(":");
      const id = fields[1] ?? "";
      if (fields[0] === "%%>message") put(`%%<message:${id}:${handler?.(calledIn(fields)) ?? false}::\n`);
      else if (fields[0] !== "%%<message") continue;
      else if (id === "") watcher?.(calledIn(fields));
      else {
        waiting.get(id)?.(fields[4] ?? "");
        waiting.delete(id);
      }
    }
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    dispatch(name, n) {
      return new Promise((resolve) => {
        const id = String(++lastId);
        waiting.set(id, resolve);
        put(`%%>message:${id}::${name}::n=${n}:caller=100:called=123\n`);
      });
    },
    handle(fn) {
      handler = fn;
      put("%%>install:100:bench.handle\n");
    },
    watch(fn) {
      watcher = fn;
      put("%%>watch:bench.watch\n");
    },
    close: () => void socket.destroy(),
  };
}
