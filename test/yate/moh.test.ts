/** Music from programs on the embedded engine and on a real YATE. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine, parseConfig } from "yayts/engine";
import { startYate, whyNoYate } from "./start-yate.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A tone of one sample value that no silence has, for ever; each start leaves a line in the log, and so does each end. */
const configIn = (dir: string): string[] => [
  "[mohs]",
  `music=trap 'echo end >> ${dir}/log; exit 0' TERM; echo start >> ${dir}/log; while :; do printf '\\052\\004%.0s' 1 2 3 4 5 6 7 8 9 10; done`,
];

function check(connection: () => Promise<Yate>, dirOf: () => string): void {
  let yate: Yate;
  before(async () => {
    yate = await connection();
  });
  after(() => yate.abort());

  const status = async (): Promise<string> =>
    (await yate.msg("engine.status", { module: "moh" }).dispatch()).retvalue.trim();
  const until = async (what: string, ready: () => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 300; i++) {
      if (await ready()) return;
      await pause(20);
    }
    assert.fail(`not within 6 s: ${what}`);
  };
  const logged = async (): Promise<string> =>
    (await readFile(join(dirOf(), "log"), "utf8").catch(() => "")).trim().replaceAll("\n", " ");

  it("is heard by all its listeners from one program, which ends with the last of them", async () => {
    const ids: string[] = [];
    for (const name of ["one", "two"]) {
      const { handled, params } = await yate
        .msg("call.execute", { callto: "dumb/", target: "t", direct: "moh/music" })
        .dispatch();
      assert.ok(handled);
      const id = params.get("id") ?? "";
      ids.push(id);
      const consumer = `wave/record/${dirOf()}/${name}.slin`;
      await yate.msg("chan.masquerade", { id, message: "chan.attach", consumer, single: true }).dispatch();
    }
    assert.equal(await status(), "name=moh,type=misc;sources=1,chans=2");
    await pause(500);
    for (const id of ids) await yate.msg("call.drop", { id }).dispatch();
    await until("its end", async () => (await logged()) === "start end");
    assert.equal(await status(), "name=moh,type=misc;sources=0,chans=0");
    for (const name of ["one", "two"]) {
      const sound = await readFile(join(dirOf(), `${name}.slin`));
      assert.ok(sound.length > 4000, `${name} heard ${sound.length} bytes`);
      assert.ok(sound.subarray(0, 4000).every((byte, at) => byte === (at % 2 === 0 ? 0x2a : 0x04)));
    }
  });

  it("connects a name that there is not with silence, and refuses to attach it", async () => {
    const { handled, params } = await yate
      .msg("call.execute", { callto: "dumb/", target: "t", direct: "moh/nope" })
      .dispatch();
    assert.ok(handled);
    assert.match(params.get("peerid") ?? "", /^moh\/\d+$/);
    assert.equal(await status(), "name=moh,type=misc;sources=0,chans=1");
    const id = params.get("id");
    const attach = { id, message: "chan.attach", source: "moh/nope", single: true };
    assert.equal((await yate.msg("chan.masquerade", attach).dispatch()).handled, false);
    const known = await yate.msg("chan.masquerade", { ...attach, source: "moh/music" }).dispatch();
    assert.deepEqual([known.handled, known.get("source")], [true, "moh/music"]);
    await yate.msg("call.drop", { id }).dispatch();
    await until("the end", async () => (await status()) === "name=moh,type=misc;sources=0,chans=0");
  });

  it("begins a call, with its own id and no peerid", async () => {
    const execute = { callto: "moh/music", caller: "5", called: "7" };
    assert.equal((await yate.msg("call.execute", { callto: "moh/music" }).dispatch()).handled, false);
    assert.equal(
      (await yate.msg("call.execute", { ...execute, called: "nowhere" }).dispatch()).handled,
      false,
    );
    const startup = yate.onwatch("chan.startup", undefined, { timeoutMs: 3000 });
    const { handled, params } = await yate.msg("call.execute", { ...execute, direct: "dumb/b" }).dispatch();
    assert.deepEqual([handled, params.get("peerid")], [true, undefined]);
    assert.match(params.get("id") ?? "", /^moh\/\d+$/);
    const called = await startup;
    assert.deepEqual([called.get("caller"), called.get("called")], ["moh/music", "7"]);
    await yate.msg("call.drop", { id: called.get("id") }).dispatch();
    await until("the end", async () => (await status()) === "name=moh,type=misc;sources=0,chans=0");
  });
}

describe("moh of the embedded engine", { timeout: 60_000 }, () => {
  let dir = "";
  let engine: EmbeddedEngine;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "yayts-moh-"));
    engine = await createEngine({ config: { moh: parseConfig(configIn(dir).join("\n"), "moh.conf") } });
  });
  after(async () => {
    await engine.stop();
    await rm(dir, { recursive: true, force: true });
  });
  check(
    async () => engine.connect(),
    () => dir,
  );
});

describe("moh of a real YATE", { skip: whyNoYate(), timeout: 60_000 }, () => {
  let dir = "";
  let address = "";
  let stop = async (): Promise<void> => {};
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "yayts-moh-"));
    const modules = ["extmodule", "dumbchan", "wavefile", "tonegen", "pbx", "moh"];
    const yate = await startYate({ modules, config: { "moh.conf": configIn(dir) } });
    [address, stop] = [yate.tcp, () => yate.stop()];
  });
  after(async () => {
    await stop();
    await rm(dir, { recursive: true, force: true });
  });
  check(
    () => connect(address),
    () => dir,
  );
});
