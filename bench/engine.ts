import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectInProcess, startEngine } from "../src/engine/index.ts";
import { median, type Row } from "./row.ts";

const rounds = 25;
const roundTrips = 1000;
const pipelined = 200_000;
const inFlight = 500;
const dispatches = 500_000;
const batch = 1000;

/** The embedded engine: round trip, app to app, and in process. */
export async function bench(): Promise<Row[]> {
  return [...(await overTcp()), await inProcess()];
}

async function overTcp(): Promise<Row[]> {
  const engine = await start("engine");
  const echo = await start("echo");
  try {
    const { engineUs, echoUs } = await awake(async () => {
      const times = { engineUs: [] as number[], echoUs: [] as number[] };
      // By turns, so that both see the same machine.
      for (let i = 0; i < rounds; i++) {
        times.engineUs.push(await roundTripUs(engine.port));
        times.echoUs.push(await roundTripUs(echo.port));
      }
      return times;
    });
    const [value, baseline] = [median(engineUs), median(echoUs)];
    const rates: number[] = [];
    for (let i = 0; i < 3; i++) rates.push(await appToApp(engine.port));
    return [
      {
        name: "engine: round trip over TCP, p50",
        value,
        unit: "µs",
        baseline,
        ratio: value / baseline,
        target: "ratio <= 2.5",
      },
      {
        name: "engine: app to app over TCP, pipelined",
        value: median(rates),
        unit: "messages/s",
        target: ">= 30000",
      },
    ];
  } finally {
    engine.stop();
    echo.stop();
  }
}

async function start(what: "engine" | "echo"): Promise<{ port: number; stop: () => void }> {
  const file = fileURLToPath(new URL("engine-child.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ["--conditions=yayts-source", file, what], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (!child.stdout) throw new Error("the child has no output");
  const [line] = await once(createInterface(child.stdout), "line");
  return { port: Number(line), stop: () => child.stdin?.end() };
}

/** Measures while no core sleeps. */
async function awake<T>(measure: () => Promise<T>): Promise<T> {
  const file = fileURLToPath(new URL("awake.ts", import.meta.url));
  const spinners = cpus().map(() => fork(file));
  try {
    return await measure();
  } finally {
    for (const spinner of spinners) spinner.kill();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** Median time from a message to its answer, one after the other. */
async function roundTripUs(port: number): Promise<number> {
  const socket = await open(port);
  const line = "%%>message:id:1700000000:bench.round:ret:a=1:b=2\n";
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    let sentAt = performance.now();
    socket.on("data", () => {
      const now = performance.now();
      times.push(now - sentAt);
      if (times.length === roundTrips) return resolve();
      sentAt = performance.now();
      socket.write(line);
    });
    socket.write(line);
  });
  socket.destroy();
  return median(times.slice(roundTrips / 10)) * 1000;
}

/** Messages a second from one app through a handler in another one and back. */
async function appToApp(port: number): Promise<number> {
  const [sender, handler] = [await open(port), await open(port)];
  const heard = lines(handler);
  handler.write("%%>install:50:bench.app\n");
  await heard.next();
  handler.removeAllListeners("data");
  answerAll(handler);
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    let sent = 0;
    let answered = 0;
    const send = (count: number): void => {
      let text = "";
      for (let i = 0; i < count && sent < pipelined; i++)
        text += `%%>message:${++sent}:1700000000:bench.app::id=dumb/1:text=1:n=${sent}\n`;
      if (text) sender.write(text);
    };
    sender.on("data", (chunk: Buffer) => {
      let ended = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) ended++;
      answered += ended;
      if (answered >= pipelined) resolve();
      else send(ended);
    });
    send(inFlight);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  sender.destroy();
  handler.destroy();
  return pipelined / seconds;
}

/** Answers every message true, as cheaply as it can be done. */
function answerAll(socket: Socket): void {
  let rest = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    let text = "";
    for (const line of parts) text += `%%<message:${line.slice(11, line.indexOf(":", 11))}:true::\n`;
    if (text) socket.write(text);
  });
}

async function* lines(socket: Socket): AsyncGenerator<string> {
  for await (const line of createInterface(socket)) yield line;
}

async function inProcess(): Promise<Row> {
  const engine = await startEngine();
  const yate = connectInProcess(engine);
  yate.handle("bench.inner", () => true);
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const startedMs = performance.now();
    for (let done = 0; done < dispatches; done += batch) {
      await Promise.all(
        Array.from({ length: batch }, () => yate.msg("bench.inner", { id: "dumb/1" }).dispatch()),
      );
    }
    best = Math.max(best, dispatches / ((performance.now() - startedMs) / 1000));
  }
  await engine.stop();
  return {
    name: "engine: in process, through one handler",
    value: best,
    unit: "dispatches/s",
    target: ">= 300000",
  };
}
