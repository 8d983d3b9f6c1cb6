import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { addToCallRecord, type Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { assertNoStack, createFolder, type RunningCommand, runCommand, startCommand } from "./cli-process.ts";

const header =
  "callId,id,peerId,direction,from,to,startedAt,answeredAt,endedAt,ringMs,talkMs,durationMs,outcome,reason,sipStatus,username,address,recording";

describe("yayts records", { timeout: 120_000 }, () => {
  let engine: EmbeddedEngine;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let address = "";
  before(async () => {
    folder = await createFolder();
    engine = await createEngine({
      extmodule: { listeners: [{ name: "global", port: 0, role: "global" }] },
    });
    address = engine.addresses.get("global") ?? "";
  });
  after(async () => {
    await engine.stop();
    await folder[Symbol.asyncDispose]();
  });

  const start = (...args: string[]): RunningCommand => startCommand(["records", "--yate", address, ...args]);
  const interrupted = async (command: RunningCommand): Promise<void> => {
    command.child.kill("SIGINT");
    assert.equal(await command.exit, 0);
  };

  /** One channel that hears a tone and is dropped: one record. */
  async function call(caller: string, fields: Record<string, string> = {}): Promise<void> {
    const { yate } = engine;
    const params = { callto: "dumb/A", target: "200", caller, direct: "tone/dial" };
    const id = (await yate.msg("call.execute", params).dispatch()).params.get("id") ?? "";
    addToCallRecord(yate, id, fields);
    await synchronized(yate);
    await yate.msg("call.drop", { id }).dispatch();
  }
  async function synchronized(yate: Yate): Promise<void> {
    await yate.msg("call.update", {}).dispatch();
  }

  it("prints a JSON object for each call as it ends, and counts them at Ctrl-C", async () => {
    await using command = start();
    await command.until(/records of tcp:.*; Ctrl-C ends it/);
    await call("100", { recording: "/calls/1.wav", agent: "7" });
    const [line] = await command.until(/^\{.*\}$/m);
    const { callId, startedAt, answeredAt, endedAt, talkMs, durationMs, ...rest } = JSON.parse(line);
    assert.match(callId, /^\d+-\d+$/);
    for (const time of [startedAt, answeredAt, endedAt])
      assert.match(time, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(durationMs >= talkMs);
    assert.match(rest.peerId, /^tone\/\d+$/);
    assert.deepEqual(
      { ...rest, peerId: "" },
      {
        id: "dumb/1",
        peerId: "",
        direction: "incoming",
        from: "100",
        to: "200",
        ringMs: 0,
        outcome: "answered",
        reason: "",
        address: "A",
        recording: "/calls/1.wav",
        fields: { recording: "/calls/1.wav", agent: "7" },
      },
    );
    await interrupted(command);
    assert.match(command.err, /^1 record$/m);
    assert.equal(command.out.trim().split("\n").length, 1);
  });

  it("prints CSV with a header and the columns asked for, and ends after --calls", async () => {
    await using command = start("--csv", "--field", "agent", "--calls", "2");
    await command.until(/records of/);
    await call("=1+1", { agent: "a,b" });
    await call("+48221234567");
    assert.equal(await command.exit, 0);
    const [first, one = "", two = "", end] = command.out.split("\r\n");
    assert.equal(first, `${header},agent`);
    assert.ok(one.includes(",'=1+1,200,") && one.endsWith(',"a,b"'), one);
    assert.ok(two.includes(",'+48221234567,200,") && two.endsWith(","), two);
    assert.equal(end, "");
  });

  it("appends to a file, which may be moved away, and writes the header of a CSV only in a new one", async () => {
    const file = join(folder.path, "calls.csv");
    for (const caller of ["1", "2"]) {
      await using command = start("--csv", "--out", file, "--calls", "1");
      await command.until(/go to .*calls\.csv/);
      await call(caller);
      assert.equal(await command.exit, 0);
      assert.equal(command.out, "");
    }
    const lines = (await readFile(file, "utf8")).split("\r\n");
    assert.deepEqual(
      lines.map((line) => line.split(",")[4]),
      ["from", "1", "2", undefined],
    );
    await using command = start("--csv", "--out", file);
    await command.until(/go to/);
    await rename(file, `${file}.1`);
    await call("3");
    for (let i = 0; i < 200 && !existsSync(file); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await interrupted(command);
    assert.deepEqual(
      (await readFile(file, "utf8")).split("\r\n").map((line) => line.split(",")[4]),
      ["from", "3", undefined],
    );
  });

  it("begins a new line after one that a killed program left half written", async () => {
    const file = await folder.write("half.jsonl", '{"id":"du');
    await using command = start("--out", file, "--calls", "1");
    await command.until(/go to/);
    await call("1");
    assert.equal(await command.exit, 0);
    assert.match(await readFile(file, "utf8"), /^\{"id":"du\n\{"callId".*\}\n$/);
  });

  it("refuses to append to a CSV with other columns", async () => {
    const file = await folder.write("other.csv", "a,b\r\n1,2\r\n");
    const { code, err } = await runCommand(["records", "--csv", "--out", file, "--yate", address]);
    assert.equal(code, 2);
    assert.match(err, /^yayts: \[usage\] .*other\.csv has other columns/);
    assert.equal(await readFile(file, "utf8"), "a,b\r\n1,2\r\n");
  });

  it("tells once why a file cannot be written, goes on on the terminal, and writes again when it can", async () => {
    const file = join(folder.path, "taken");
    await mkdir(file);
    await using command = start("--out", file);
    await command.until(/go to/);
    await call("1");
    await command.until(/taken cannot be written: EISDIR.*; records go to standard output until it can\n/);
    await command.until(/^\{.*"from":"1".*\}$/m);
    await call("2");
    await command.until(/^\{.*"from":"2".*\}$/m);
    await rmdir(file);
    await writeFile(file, "");
    await call("3");
    await command.until(/taken can be written again/);
    await interrupted(command);
    assert.match(await readFile(file, "utf8"), /^\{.*"from":"3".*\}\n$/);
    assert.equal(command.err.match(/cannot be written/g)?.length, 1);
    assertNoStack(command.err);
  });

  it("goes on on the terminal when the disk is full", {
    skip: existsSync("/dev/full") ? false : "no /dev/full",
  }, async () => {
    await using command = start("--out", "/dev/full", "--calls", "1");
    await command.until(/go to/);
    await call("1");
    assert.equal(await command.exit, 0);
    assert.match(command.err, /\/dev\/full cannot be written: ENOSPC/);
    assert.match(command.out, /^\{.*"from":"1".*\}\n$/);
  });

  it("exits 1 without an engine, and 2 for options that do not go together", async () => {
    const nobody = await runCommand(["records", "--yate", "tcp://127.0.0.1:1"]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.err, /^yayts: \[connect-refused\]/);
    const wrong = await runCommand(["records", "--field", "x", "--yate", address]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--field is for --csv/);
    const count = await runCommand(["records", "--calls", "0", "--yate", address]);
    assert.equal(count.code, 2);
  });

  it("writes what it is told on a connection of its own: another program's fields are there too", async () => {
    await using command = start("--calls", "1");
    await command.until(/records of/);
    const other = await connect(address);
    const { params } = await engine.yate
      .msg("call.execute", { callto: "dumb/A", target: "200", direct: "tone/dial" })
      .dispatch();
    const id = params.get("id") ?? "";
    addToCallRecord(other, id, { note: "from elsewhere" });
    await synchronized(other);
    await other.close();
    await engine.yate.msg("call.drop", { id }).dispatch();
    assert.equal(await command.exit, 0);
    assert.equal(JSON.parse(command.out).fields.note, "from elsewhere");
  });

  it("is part of yayts engine, dev and run with --records: what still goes on when they end is recorded too", async () => {
    const app = await folder.write(
      "app.ts",
      'import { app } from "yayts";\nexport default app((yate) => void yate.handle("call.route", { filter: { called: "ivr" } }, () => "tone/dial"));\n',
    );
    const place = async (at: string): Promise<() => Promise<void>> => {
      const yate = await connect(at);
      const params = { callto: "dumb/A", target: "200", caller: "7", direct: "tone/dial" };
      await yate.msg("call.execute", params).dispatch();
      return () => yate.close();
    };
    const files = ["engine.csv", "dev.jsonl", "run.jsonl"].map((name) => join(folder.path, name));
    const [ofEngine = "", ofDev = "", ofRun = ""] = files;
    await using running = startCommand(["engine", "--global", "127.0.0.1:0", "--records", ofEngine]);
    const [, engineAt = ""] = await running.until(/global (tcp:\S+)/);
    const closeFirst = await place(engineAt);
    await closeFirst();
    running.child.kill("SIGTERM");
    assert.equal(await running.exit, 0);
    assert.match(await readFile(ofEngine, "utf8"), /^callId.*\r\n.*,7,200,.*\r\n$/);

    await using dev = startCommand(["dev", app, "--no-sip", "--port", "0", "--records", ofDev]);
    const [, devAt = ""] = await dev.until(/listening at (\S+);/);
    await dev.until(/app\.ts started/);
    const closeSecond = await place(devAt);
    await closeSecond();
    dev.child.kill("SIGINT");
    assert.equal(await dev.exit, 0);
    assert.match(await readFile(ofDev, "utf8"), /^\{.*"from":"7".*\}\n$/);

    await using run = startCommand(["run", app, "--yate", address, "--records", ofRun]);
    await run.until(/running/);
    await call("8");
    for (let i = 0; i < 200 && !existsSync(ofRun); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    run.child.kill("SIGINT");
    assert.equal(await run.exit, 0);
    assert.match(await readFile(ofRun, "utf8"), /^\{.*"from":"8".*\}\n$/);
  });
});
