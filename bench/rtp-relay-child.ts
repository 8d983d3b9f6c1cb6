/** The smallest program that does the work: two sockets a call, what comes at one goes out of the other. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { MiddleMeasured, MiddleReady, MiddleWanted } from "./rtp-calls.ts";

let cpu = process.cpuUsage();
let startMs = 0;

async function begin({ phones, remotePort }: MiddleWanted): Promise<MiddleReady> {
  const sockets: Socket[] = [];
  for (let i = 0; i < phones; i++) {
    const socket = createSocket({ type: "udp4", lookup: (name, _options, answer) => answer(null, name, 4) });
    // A lookup that answers at once makes binding synchronous too.
    const listening = once(socket, "listening");
    socket.bind(0, "127.0.0.1");
    await listening;
    sockets.push(socket);
  }
  for (const [i, socket] of sockets.entries()) {
    const other = sockets[i ^ 1];
    socket.on("message", (bytes) => other?.send(bytes, remotePort, "127.0.0.1"));
  }
  return { ports: sockets.map((socket) => socket.address().port) };
}

process.on("message", async (question: "begin" | "end" | MiddleWanted) => {
  if (question === "begin") {
    cpu = process.cpuUsage();
    startMs = performance.now();
    process.send?.("begun");
    return;
  }
  if (question === "end") {
    const used = process.cpuUsage(cpu);
    const cores = (used.user + used.system) / 1000 / (performance.now() - startMs);
    const answer: MiddleMeasured = { cores, lost: 0, fitted: 0, lateTicks: 0 };
    process.send?.(answer);
    return;
  }
  process.send?.(await begin(question));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
