/** An app with calls on an engine of its own, with the means to attack it and to prove that nothing is left of it. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { type AddressInfo, createServer, connect as openSocket, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Call,
  type CallKitOptions,
  type Conference,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { connect } from "yayts/client";
import { type CreateEngineOptions, createEngine, type EmbeddedEngine } from "yayts/engine";
import { type Caller, installPhone, type PhoneCall, placeCaller } from "yayts/testing";
import type { Logger } from "../../src/base/index.ts";
import { coreOf } from "../../src/call/call.ts";
import { Tally } from "./tally.ts";

export type Leg = Caller | PhoneCall;

/** A caller and what the app has of it. */
export interface Pair {
  readonly call: Call;
  readonly caller: Caller;
}

/** How the app gets to its engine: in this process, or over a TCP line that can be cut. */
export type Way = "in process" | "tcp";

let made = 0;

/** A line between app and engine. */
class Line {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Line> {
    const server = createServer();
    const line = new Line(server);
    server.on("connection", (near) => {
      const far = openSocket(port, "127.0.0.1");
      for (const socket of [near, far]) {
        line.#sockets.add(socket.setNoDelay());
        socket.on("error", () => {});
        socket.on("close", () => {
          line.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}

export class Rig implements AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly app: YateWithCalls;
  readonly callers: Yate;
  readonly tally: Tally;
  readonly folder: string;
  /** What the app reported: `level text`. */
  readonly reports: string[];
  /** Sockets and child processes of this process before. */
  readonly #before: ReadonlyMap<string, number>;
  readonly #line: Line | undefined;
  readonly #programs: Map<string, (call: Call) => unknown> = new Map();
  readonly #prefix = `attack${++made}`;
  #kit: { readonly size: number } = new Set();
  #count = 0;
  readonly #makers: Map<string, string> = new Map();

  private constructor(
    parts: Pick<Rig, "engine" | "app" | "callers" | "tally" | "folder" | "reports">,
    line: Line | undefined,
    before: ReadonlyMap<string, number>,
  ) {
    ({ engine: this.engine, app: this.app, callers: this.callers } = parts);
    ({ tally: this.tally, folder: this.folder, reports: this.reports } = parts);
    this.#line = line;
    this.#before = before;
    void this.#remember();
    this.app.onCall(new RegExp(`^${this.#prefix}-\\d+$`), (call) => this.#programs.get(call.to)?.(call));
  }

  static async start(
    way: Way,
    options: CallKitOptions = {},
    engineOptions: CreateEngineOptions = {},
  ): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), "yayts-attack-"));
    const tally = new Tally();
    const reports: string[] = [];
    const log = reporter(reports);
    const engine = await createEngine({
      ...engineOptions,
      extmodule: { listeners: [{ name: "tcp", port: 0 }] },
    });
    const port = Number(new URL(engine.addresses.get("tcp") ?? "").port);
    const line = way === "tcp" ? await Line.to(port) : undefined;
    const yate = line ? await connect(line.address, { log }) : engine.connect();
    const { clock } = tally;
    const app = withCalls(tally.wrap(yate), { cacheFolder: join(folder, "cache"), clock, ...options });
    const callers = engine.connect();
    await callers.setlocal("engine.version");
    const rig = new Rig({ engine, app, callers, tally, folder, reports }, line, resources());
    await app.setlocal("engine.version");
    return rig;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    this.app.abort();
    this.callers.abort();
    this.#line?.close();
    await this.engine.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Cuts the line between the app and its engine; the app makes a new one. */
  cut(): void {
    assert.ok(this.#line, "there is no line to cut");
    this.#line.cut();
  }

  unique(name: string): string {
    return `${name}-${this.#prefix}-${++this.#count}`;
  }

  /** Places a call to a program. */
  async run(program: (call: Call) => unknown): Promise<Caller> {
    const number = `${this.#prefix}-${++this.#count}`;
    this.#programs.set(number, (call) => {
      this.#kit = coreOf(call).kit.calls;
      return program(call);
    });
    return await placeCaller(this.callers, number, { caller: `47${this.#count}` });
  }

  /** A call that rings; its program waits for the hang-up. */
  async ringing(): Promise<Pair> {
    const came = Promise.withResolvers<Call>();
    const caller = await this.run(async (call) => {
      came.resolve(call);
      await call.ended;
    });
    return { call: await came.promise, caller };
  }

  async answered(): Promise<Pair> {
    const pair = await this.ringing();
    await pair.call.answer();
    await pair.caller.answered;
    return pair;
  }

  /** A phone with a number of its own, and what becomes of its calls. */
  async phone(takes: (call: PhoneCall) => unknown = (call) => call.answer()): Promise<string> {
    const phone = await installPhone(this.callers, `phone-${this.#prefix}-${++this.#count}`);
    const serve = async (): Promise<void> => {
      for (;;) takes(await phone.ring());
    };
    serve().catch(() => {});
    return phone.number;
  }

  /** A call that the app has placed to a phone that has answered. */
  async called(): Promise<{ readonly call: Call; readonly phone: PhoneCall }> {
    const rung = Promise.withResolvers<PhoneCall>();
    const number = await this.phone((phone) => {
      rung.resolve(phone);
      phone.answer();
    });
    const outcome = await this.app.call(number, { timeoutMs: 5000 });
    assert.ok(outcome.kind === "answered", JSON.stringify(outcome));
    this.#kit = coreOf(outcome.call).kit.calls;
    return { call: outcome.call, phone: await rung.promise };
  }

  room(): Conference {
    return this.app.conference(this.unique("room"), { lonely: true, maxUsers: 20 });
  }

  /** Hangs a leg up now; between two peers it takes no notice, so it is dropped again. */
  async gone(leg: { readonly id: string; readonly ended: Promise<unknown> }): Promise<void> {
    const over = leg.ended.then(
      () => true,
      () => true,
    );
    for (;;) {
      await this.callers.msg("call.drop", { id: leg.id, reason: "gone" }).dispatch();
      if (await Promise.race([over, delay(30, false)])) return;
    }
  }

  /** Who made which channel. */
  async #remember(): Promise<void> {
    try {
      for await (const message of this.callers.watches("call.execute", {}, { bufferSize: 100_000 })) {
        const { callto = "", target = "" } = Object.fromEntries(message.params);
        for (const name of ["id", "peerid", "targetid"])
          this.#makers.set(message.get(name) ?? "", `by call.execute of ${callto} to ${target}`);
      }
    } catch {
      // The engine was stopped.
    }
  }

  #madeBy(status: string): string {
    const ids = new Set(status.match(/\b(?:dumb|conf)\/\d+/g) ?? []);
    return [...ids].map((id) => `${id} ${this.#makers.get(id) ?? "by nobody"}`).join(", ");
  }

  /** Ends every call of the engine. */
  async dropAll(): Promise<void> {
    await this.callers.msg("call.drop", { reason: "enough" }).dispatch();
  }

  /** Everything that is left of calls, in words; "" when nothing is. */
  async left(ignore: RegExp = /^handle /): Promise<string[]> {
    const left: string[] = [];
    if (this.#kit.size > 0) left.push(`${this.#kit.size} calls`);
    for (const what of this.tally.held) if (!ignore.test(what)) left.push(what);
    if (this.callers.state.kind === "connected") {
      const { retvalue } = await this.callers.msg("engine.status", { module: "dumb" }).dispatch();
      if (!/chans=0\b/.test(retvalue)) left.push(`channels: ${retvalue.trim()} ${this.#madeBy(retvalue)}`);
      const conf = (await this.callers.msg("engine.status", { module: "conf" }).dispatch()).retvalue;
      if (!/chans=0\b/.test(conf)) left.push(`channels: ${conf.trim()} ${this.#madeBy(conf)}`);
    }
    for (const [name, count] of resources()) {
      const more = count - (this.#before.get(name) ?? 0);
      if (more > 0) left.push(`${more} ${name}`);
    }
    for (const name of await readdir(this.folder, { recursive: true }).catch(() => []))
      if (/\.tmp|\.part$/.test(name)) left.push(`file ${name}`);
    return left;
  }

  /** Waits at most 5 s until nothing is left. */
  async nothingLeft(ignore?: RegExp): Promise<void> {
    const deadlineMs = Date.now() + 5000;
    let left = await this.left(ignore);
    while (left.length > 0 && Date.now() < deadlineMs) {
      await delay(25);
      left = await this.left(ignore);
    }
    if (left.length === 0) return;
    if (this.callers.state.kind === "connected") await this.dropAll();
    assert.fail(`left: ${[...new Set(left)].join("; ")}`);
  }

  /** Handlers that the app has, for comparing before and after. */
  get handlers(): string[] {
    return this.tally.held.filter((what) => what.startsWith("handle "));
  }
}

function reporter(reports: string[]): Logger {
  const report =
    (level: string) =>
    (text: string): void =>
      void reports.push(`${level} ${text}`);
  return { debug() {}, info() {}, warn: report("warn"), error: report("error") };
}

/** What keeps this process busy that a call may have left. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    if (name === "UDPWrap" || name === "ProcessWrap") counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Resolves to what `promise` does, or fails after `timeoutMs`. */
export async function within<T>(timeoutMs: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} has not ended within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
