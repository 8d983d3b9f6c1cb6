import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock } from "../../base/index.ts";
import { type Engine, parseConfig, startEngine } from "../../engine/index.ts";
import { dumb } from "../dumb.ts";
import { cdrbuild } from "./index.ts";

interface Stage {
  readonly engine: Engine;
  /** Dispatches a message and lets what it causes happen; true when it was handled. */
  send(name: string, params?: Readonly<Record<string, string>>): Promise<boolean>;
  pass(ms: number): Promise<void>;
  /** The records told since the last look, without what is the same in all. */
  told(): Record<string, string>[];
  /** The same, only these parameters, separated by blanks. */
  lines(...names: string[]): string[];
  status(): Promise<string>;
}

describe("cdrbuild", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(config = ""): Promise<Stage> {
    const clock = createManualClock();
    const engine = await startEngine({
      clock,
      modules: [dumb(), cdrbuild()],
      config: { cdrbuild: parseConfig(config, "cdrbuild.conf") },
    });
    running = engine;
    let seen: Record<string, string>[] = [];
    engine.kernel.hook(({ name, params }) => {
      if (name === "call.cdr") seen.push({ ...params.toObject() });
    });
    const pass = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      for (let round = 0; round < 3; round++) await clock.advance(0);
    };
    const told = (): Record<string, string>[] => {
      const taken = seen;
      seen = [];
      return taken;
    };
    return {
      engine,
      pass,
      told,
      async send(name, params = {}) {
        const handled = await engine.dispatch(name, params);
        await pass(0);
        return handled;
      },
      lines: (...names) => told().map((record) => names.map((name) => record[name] ?? "-").join(" ")),
      async status() {
        const message = engine.message("engine.status", { module: "cdrbuild" });
        assert.equal(await engine.kernel.dispatch(message), false);
        return message.retvalue;
      },
    };
  }

  it("tells the whole life of a call, with its times to the millisecond", async () => {
    const { engine, send, pass, told } = await stage();
    const startMs = engine.clock.now();
    await send("chan.startup", {
      id: "x/1",
      direction: "incoming",
      status: "incoming",
      caller: "1",
      called: "2",
    });
    await pass(100);
    await send("call.ringing", { id: "x/2", peerid: "x/1", status: "ringing" });
    await pass(2500);
    await send("call.answered", { id: "x/2", targetid: "x/1", status: "answered" });
    await pass(60_000);
    await send("chan.hangup", { id: "x/1", status: "bye", reason: "Normal", billid: "7-1" });
    const records = told().filter(({ chan }) => chan === "x/1");
    assert.deepEqual(
      records.map(({ operation, status, duration, billtime, ringtime }) => [
        operation,
        status,
        duration,
        billtime,
        ringtime,
      ]),
      [
        ["initialize", "incoming", "0.000", "0.000", "0.000"],
        ["update", "ringing", "0.100", "0.000", "0.000"],
        ["update", "answered", "2.600", "0.000", "2.500"],
        ["finalize", "bye", "62.600", "60.000", "2.500"],
      ],
    );
    assert.deepEqual(records.at(-1), {
      time: (startMs / 1000).toFixed(3),
      chan: "x/1",
      cdrid: "1",
      runid: engine.runId,
      operation: "finalize",
      direction: "incoming",
      duration: "62.600",
      billtime: "60.000",
      ringtime: "2.500",
      status: "bye",
      external: "1",
      cdrwrite: "true",
      caller: "1",
      called: "2",
      reason: "Normal",
      billid: "7-1",
    });
  });

  it("goes on with the first caller and the last billid, and passes over what is empty", async () => {
    const { send, lines } = await stage();
    await send("chan.startup", { id: "x/1", direction: "outgoing", caller: "1", called: "9", billid: "a" });
    await send("call.update", { id: "x/1", caller: "2", called: "", billid: "b", status: "" });
    assert.deepEqual(lines("caller", "called", "billid", "status", "external"), [
      "1 9 a unknown 9",
      "1 9 b unknown 9",
    ]);
  });

  it("hears only those updates that are for it, and only that progress which can be heard or rings", async () => {
    const { send, lines } = await stage();
    await send("chan.startup", { id: "x/1" });
    await send("call.update", { id: "x/1", operation: "notify", reason: "no" });
    await send("call.update", { id: "x/1", operation: "cdrbuild", reason: "yes" });
    await send("call.progress", { id: "x/1", reason: "no" });
    await send("call.progress", { id: "x/1", reason: "early", earlymedia: "true" });
    await send("call.progress", { id: "x/1", reason: "ring", ringing: "true" });
    assert.deepEqual(lines("operation", "reason"), [
      "initialize -",
      "update yes",
      "update early",
      "update ring",
    ]);
  });

  it("does as cdrtrack, cdrcreate and the first cdrwrite say", async () => {
    const { send, lines } = await stage();
    await send("chan.startup", { id: "x/1", cdrtrack: "false" });
    await send("chan.startup", { id: "x/1", cdrcreate: "false" });
    assert.deepEqual(lines("operation"), []);
    await send("call.execute", { id: "x/1", cdrwrite: "false" });
    await send("call.update", { id: "x/1", cdrwrite: "true" });
    await send("chan.hangup", { id: "x/1", cdrtrack: "false" });
    assert.deepEqual(lines("operation", "cdrwrite"), ["initialize false", "update false"]);
  });

  it("ignores a channel that is gone for the guard time, and then no more", async () => {
    const { send, pass, lines, status } = await stage("[general]\nguardtime=5000");
    await send("chan.startup", { id: "x/1" });
    await send("chan.hangup", { id: "x/1" });
    await send("call.answered", { id: "x/1" });
    assert.deepEqual(lines("operation"), ["initialize", "finalize"]);
    assert.match(await status(), /;cdrs=0,hungup=1\r\n$/);
    await pass(7000);
    assert.match(await status(), /;cdrs=0,hungup=0\r\n$/);
    await send("chan.startup", { id: "x/1" });
    assert.deepEqual(lines("operation"), ["initialize"]);
  });

  it("gives a channel whose hang-up came first one record, when its start comes", async () => {
    const { send, pass, lines } = await stage();
    await send("chan.hangup", { id: "x/1" });
    await pass(10);
    await send("chan.startup", { id: "x/1", called: "5" });
    await send("chan.startup", { id: "x/1", called: "5" });
    assert.deepEqual(lines("operation", "called", "duration"), ["finalize 5 0.000"]);
  });

  it("ends a record at call.drop of cdrbuild/<id>, and only one that there is", async () => {
    const { send, lines } = await stage();
    await send("chan.startup", { id: "x/1" });
    assert.equal(await send("call.drop", { id: "cdrbuild/x/2" }), false);
    assert.equal(await send("call.drop", { id: "cdrbuild/x/1" }), true);
    assert.equal(await send("call.drop", { id: "cdrbuild/x/1" }), false);
    await send("chan.startup", { id: "x/3" });
    assert.equal(await send("call.drop", { id: "cdrbuild/x/3", reason: "why" }), true);
    assert.deepEqual(lines("chan", "operation", "reason"), [
      "x/1 initialize -",
      "x/1 finalize CDR dropped",
      "x/3 initialize -",
      "x/3 finalize why",
    ]);
  });

  it("ends all records when the engine stops, and those who watch learn it", async () => {
    const { engine, send, lines } = await stage();
    await send("call.answered", { id: "x/1", status: "answered" });
    lines();
    await engine.stop();
    assert.deepEqual(lines("chan", "operation", "reason", "status"), ["x/1 finalize CDR shutdown answered"]);
  });

  it("carries the parameters that its configuration names, but none that are its own", async () => {
    const { send, lines } = await stage("[parameters]\nrecording=yes\nfirst=no\nbillid=no\nchan=yes");
    await send("chan.startup", { id: "x/1", billid: "a" });
    await send("call.update", {
      id: "x/1",
      operation: "cdrbuild",
      recording: "1.wav",
      first: "1",
      billid: "b",
      chan: "z",
    });
    await send("call.update", { id: "x/1", operation: "cdrbuild", recording: "2.wav", first: "2" });
    assert.deepEqual(lines("chan", "recording", "first", "billid"), [
      "x/1 - - a",
      "x/1 1.wav 1 a",
      "x/1 2.wav 1 a",
    ]);
  });

  it("tells no changes with updates=no, and writes times as resolution says", async () => {
    const { send, pass, lines } = await stage("[general]\nupdates=no\nresolution=sec");
    await send("chan.startup", { id: "x/1" });
    await send("call.answered", { id: "x/1" });
    await pass(1600);
    await send("chan.hangup", { id: "x/1" });
    assert.deepEqual(lines("operation", "duration", "billtime"), ["initialize 0 0", "finalize 2 2"]);
  });

  it("gives signs of life of an answered call with status=yes", async () => {
    const { send, pass, lines } = await stage("[general]\nupdates=no\nstatus=yes\nstatus_interval=60");
    await send("chan.startup", { id: "x/1" });
    await pass(3000);
    await send("call.answered", { id: "x/1" });
    await pass(62_000);
    assert.deepEqual(lines("operation", "billtime"), ["initialize 0.000", "status 1.000", "status 61.000"]);
  });

  it("gives one sign of life with status_interval=0", async () => {
    const { send, pass, lines } = await stage("[general]\nstatus=yes\nstatus_interval=0\nupdates=no");
    await send("call.answered", { id: "x/1" });
    await pass(700_000);
    assert.deepEqual(lines("operation"), ["initialize", "status"]);
  });

  it("lists its records in engine.status, and leaves them out with details=false", async () => {
    const { engine, send, pass, status } = await stage();
    await send("chan.startup", { id: "x/1", status: "incoming", caller: "1", called: "2", billid: "b" });
    await pass(2600);
    const head = "name=cdrbuild,type=cdr,format=Status|Caller|Called|BillId|Duration;cdrs=1,hungup=0";
    assert.equal(await status(), `${head};x/1=incoming|1|2|b|3\r\n`);
    const brief = engine.message("engine.status", { module: "cdrbuild", details: false });
    await engine.kernel.dispatch(brief);
    assert.equal(brief.retvalue, `${head}\r\n`);
  });
});
