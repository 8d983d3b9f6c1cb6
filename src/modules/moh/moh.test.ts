import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { type Logger, silentLogger } from "../../base/index.ts";
import {
  DataConsumer,
  type Engine,
  type EngineMessage,
  parseConfig,
  startEngine,
} from "../../engine/index.ts";
import { dumb } from "../dumb.ts";
import { moh } from "./index.ts";

/** Keeps what it hears. */
class Ear extends DataConsumer {
  readonly #blocks: Buffer[] = [];

  constructor(format = "slin") {
    super(format);
  }

  protected override consume(block: Uint8Array): void {
    this.#blocks.push(Buffer.from(block));
  }

  get heard(): Buffer {
    return Buffer.concat(this.#blocks);
  }
}

async function until(what: string, ready: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!(await ready())) {
    assert.ok(Date.now() < endMs, `not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("moh", { skip: process.platform === "win32" ? "its commands are for a POSIX shell" : false }, () => {
  let dir: string;
  let engine: Engine;
  const warnings: string[] = [];
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "yayts-moh-"));
  });
  afterEach(() => engine.stop());
  after(() => rm(dir, { recursive: true, force: true }));

  async function start(...commands: string[]): Promise<void> {
    warnings.length = 0;
    const log: Logger = { ...silentLogger, warn: (text) => void warnings.push(text) };
    engine = await startEngine({
      log,
      modules: [dumb(), moh()],
      config: { moh: parseConfig(`[mohs]\n${commands.join("\n")}`, "moh.conf") },
    });
  }
  async function send(
    name: string,
    params: Record<string, string>,
    on?: string,
  ): Promise<[boolean, EngineMessage]> {
    const message = engine.message(name, params, on === undefined ? undefined : engine.endpoints.get(on));
    return [await engine.kernel.dispatch(message), message];
  }
  /** A dumb channel that hears `target`; its id. */
  async function listener(
    target: string,
    more: Record<string, string> = {},
    ear = new Ear(),
  ): Promise<[string, Ear]> {
    const copyparams = Object.keys(more).join(",");
    const [made, message] = await send("call.execute", {
      callto: "dumb/",
      target: "t",
      direct: target,
      copyparams,
      ...more,
    });
    assert.ok(made);
    const id = message.get("id") ?? "";
    engine.endpoints.get(id)?.audio.setConsumer(ear);
    return [id, ear];
  }
  async function status(): Promise<string> {
    const [handled, { retvalue }] = await send("engine.status", { module: "moh" });
    assert.equal(handled, false);
    return retvalue;
  }
  async function pids(file: string): Promise<number[]> {
    const text = await readFile(join(dir, file), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map(Number);
  }

  it("plays what the command writes, in real time, from the first byte to the last", async () => {
    const sound = Buffer.alloc(16_000);
    for (let i = 0; i < sound.length; i += 2) sound.writeInt16LE(i, i);
    await writeFile(join(dir, "ramp.slin"), sound);
    // The consumer is there before the first byte: the program waits for it.
    await start(`ramp=while [ ! -e ${dir}/go ]; do sleep 0.02; done; cat ${dir}/ramp.slin`);
    const [, ear] = await listener("moh/ramp");
    const startMs = Date.now();
    await writeFile(join(dir, "go"), "");
    await until("all of it", () => ear.heard.length >= sound.length);
    assert.ok(Date.now() - startMs > 800, `a second took ${Date.now() - startMs} ms`);
    assert.deepEqual(ear.heard, sound);
  });

  it("runs one program for all who hear the same, and ends it and its children with the last of them", async () => {
    await start(
      `music=echo $$ >> ${dir}/one; sh -c 'echo $$ >> ${dir}/one; while :; do cat /dev/zero; done'; true`,
    );
    const [first, ear] = await listener("moh/music");
    const [second] = await listener("moh/music");
    assert.equal(await status(), "name=moh,type=misc;sources=1,chans=2\r\n");
    await until("sound", () => ear.heard.length > 0);
    const started = await pids("one");
    assert.equal(started.length, 2);
    await send("call.drop", { id: first });
    assert.equal(await status(), "name=moh,type=misc;sources=1,chans=1\r\n");
    assert.deepEqual(started.map(runs), [true, true]);
    await send("call.drop", { id: second });
    assert.equal(await status(), "name=moh,type=misc;sources=0,chans=0\r\n");
    await until("its end", () => !started.some(runs));
  });

  it("kills a program that does not end when it is asked to", async () => {
    await start(`deaf=trap '' TERM PIPE; echo $$ >> ${dir}/deaf; while :; do sleep 0.1; done`);
    const [id] = await listener("moh/deaf");
    await until("its start", async () => (await pids("deaf")).length > 0);
    const [pid = 0] = await pids("deaf");
    await send("call.drop", { id });
    assert.ok(runs(pid));
    await until("its end", () => !runs(pid));
  });

  it("ends its programs with the engine", async () => {
    await start(`music=echo $$ >> ${dir}/stop; exec cat /dev/zero`);
    await listener("moh/music");
    await until("its start", async () => (await pids("stop")).length > 0);
    const [pid = 0] = await pids("stop");
    await engine.stop();
    await until("its end", () => !runs(pid));
  });

  it("calls a name that is not there silence, and refuses to attach it", async () => {
    await start();
    const [id] = await listener("moh/nope");
    assert.match(warnings.join(), /moh\/nope.*no such name/);
    assert.equal(await status(), "name=moh,type=misc;sources=0,chans=1\r\n");
    assert.equal((await send("chan.attach", { source: "moh/nope" }, id))[0], false);
  });

  it("attaches a source and leaves the parameter there; with a consumer to attach others go on", async () => {
    await start("zero=cat /dev/zero");
    const [, message] = await send("call.execute", { callto: "dumb/", target: "t", direct: "dumb/b" });
    const [id, leg] = [message.get("id") ?? "", message.get("peerid") ?? ""];
    const ear = new Ear();
    engine.endpoints.get(id)?.audio.setConsumer(ear);
    const [attached, answer] = await send("chan.attach", { source: "moh/zero" }, leg);
    assert.deepEqual([attached, answer.get("source")], [true, "moh/zero"]);
    await until("sound", () => ear.heard.length > 0);
    assert.equal(
      (await send("chan.attach", { source: "moh/zero", consumer: "wave/record/-" }, leg))[0],
      false,
    );
    assert.equal((await send("chan.attach", { source: "moh/zero" }))[0], false);
    assert.match(warnings.join(), /chan\.masquerade/);
  });

  it("says why a program ended; who comes later gets it started anew", async () => {
    await start(`broken=echo x >> ${dir}/broken; echo no such song >&2; exit 3`);
    await listener("moh/broken");
    await until("the warning", () => warnings.length === 1);
    assert.match(warnings[0] ?? "", /moh\/broken ended \(3\).*no such song/);
    await listener("moh/broken");
    await until("the second", () => warnings.length === 2);
  });

  it("fills parameters of the message in, each filling a program of its own, at the rate asked for", async () => {
    await start(`lang=echo \${lang$en} \${rate} >> ${dir}/params; exec cat /dev/zero`);
    const ear = new Ear("slin/16000");
    await listener("moh/lang", { lang: "pl", rate: "16000" }, ear);
    await listener("moh/lang");
    assert.equal(await status(), "name=moh,type=misc;sources=2,chans=2\r\n");
    await until("both", async () => (await readFile(join(dir, "params"), "utf8")).split("\n").length === 3);
    const lines = (await readFile(join(dir, "params"), "utf8")).split("\n").filter(Boolean);
    assert.deepEqual(lines.sort(), ["en", "pl 16000"]);
    await until("sound", () => ear.heard.length >= 640);
  });

  it("runs nothing that a message's parameter says to the shell", async () => {
    await start(`lang=echo \${lang} >> ${dir}/shell; exec cat /dev/zero`);
    for (const lang of ["x; touch /tmp/x", "$(id)", "a b", "-n", "`id`", "a\nb", "'", '"', "a|b", "*"]) {
      await listener("moh/lang", { lang });
    }
    assert.equal(await status(), "name=moh,type=misc;sources=0,chans=10\r\n");
    assert.equal(warnings.length, 10);
  });

  it("begins a call, and returns its own id and no peerid", async () => {
    await start("zero=cat /dev/zero");
    const [made, message] = await send("call.execute", { callto: "moh/zero", direct: "dumb/a", called: "7" });
    assert.deepEqual([made, message.get("id"), message.get("peerid")], [true, "moh/1", undefined]);
    assert.equal((await send("call.execute", { callto: "moh/zero" }))[0], false);
    assert.equal((await send("call.execute", { callto: "moh/zero", target: "nowhere" }))[0], false);
    assert.equal((await send("call.execute", { callto: "moh/zero", direct: "nowhere/" }))[0], false);
    assert.equal(await status(), "name=moh,type=misc;sources=1,chans=1\r\n");
  });
});
