import { createEngine } from "../src/modules/index.ts";
import type { MiddleMeasured, MiddleReady, MiddleWanted } from "./rtp-calls.ts";

const engine = await createEngine();
const { yate } = engine;
yate.handle("call.route", () => "dumb/");

let rtpIds: string[] = [];
let cpu = process.cpuUsage();
let startMs = 0;
let lateTicks = 0;
let fitted = 0;

async function attach(id: string, remotePort: number): Promise<number> {
  const answer = await yate
    .msg("chan.masquerade", {
      message: "chan.attach",
      id,
      source: "rtp/bench",
      consumer: "rtp/bench",
      remoteip: "127.0.0.1",
      remoteport: String(remotePort),
      format: "alaw",
    })
    .dispatch();
  if (!answer.handled) throw new Error(answer.get("reason"));
  rtpIds.push(answer.get("rtpid") ?? "");
  return Number(answer.get("localport"));
}

async function begin({ kind, phones, remotePort }: MiddleWanted): Promise<MiddleReady> {
  const ports: number[] = [];
  rtpIds = [];
  while (ports.length < phones) {
    const call = await yate.msg("call.execute", { callto: "dumb/", target: "x" }).dispatch();
    const ids = [call.get("id") ?? "", call.get("targetid") ?? ""];
    if (kind === "conference") await join(ids[0] ?? "");
    for (const id of ids) ports.push(await attach(id, remotePort));
  }
  return { ports };
}

/** Brings a channel, and the one it talks to, into the room. */
async function join(id: string): Promise<void> {
  const answer = await yate
    .msg("chan.masquerade", { message: "call.conference", id, room: "conf/bench", maxusers: "1000" })
    .dispatch();
  if (!answer.handled) throw new Error(answer.get("reason"));
}

/** Figures of all sessions as their status lines tell them. */
async function total(column: string): Promise<number> {
  let sum = 0;
  for (const id of rtpIds) {
    const line = (await yate.msg("engine.status", { module: id }).dispatch()).retvalue;
    sum += Number(new RegExp(`[;,]${column}=([\\d.]+)`).exec(line)?.[1] ?? 0);
  }
  return sum;
}

async function measured(): Promise<MiddleMeasured> {
  const used = process.cpuUsage(cpu);
  const cores = (used.user + used.system) / 1000 / (performance.now() - startMs);
  return {
    cores,
    lost: (await total("lost")) + (await total("late")) + (await total("dropped")) + (await total("unsent")),
    fitted: (await total("skipped")) + (await total("inserted")) - fitted,
    lateTicks: engine.engine.ticker.figures.late - lateTicks,
  };
}

process.on("message", async (question: "begin" | "end" | MiddleWanted) => {
  if (question === "begin") {
    cpu = process.cpuUsage();
    startMs = performance.now();
    lateTicks = engine.engine.ticker.figures.late;
    fitted = (await total("skipped")) + (await total("inserted"));
    process.send?.("begun");
    return;
  }
  process.send?.(question === "end" ? await measured() : await begin(question));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
