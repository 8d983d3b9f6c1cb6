/** What an app tells of itself. The lines of this file are those of the app: the package's own are never shown. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Call, traceApp, withCalls, type Yate, type YateWithCalls } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { placeCaller } from "yayts/testing";
import type { AppRecord, OperationRecord, WaitRecord } from "../src/trace/index.ts";
import { freePort } from "./free-port.ts";
import { Looker } from "./trace-looker.ts";

const file = import.meta.filename;

/** The number of the line of this file that has this text, of which there is one. */
function lineOf(text: string): number {
  const lines = readFileSync(file, "utf8").split("\n");
  const found = lines.flatMap((line, i) => (line.trim() === text ? [i + 1] : []));
  assert.equal(found.length, 1, text);
  return found[0] ?? 0;
}

describe("an app that is traced", { timeout: 60_000 }, () => {
  let engine: EmbeddedEngine;
  let address: string;
  let app: YateWithCalls;
  let other: Yate;
  let made = 0;

  before(async () => {
    engine = await createEngine({ extmodule: { listeners: [{ name: "tcp", port: 0 }] } });
    address = engine.addresses.get("tcp") ?? "";
    other = await connect(address);
  });
  after(async () => {
    other.abort();
    await engine.stop();
  });

  async function traced(): Promise<{ app: YateWithCalls; looker: Looker; [Symbol.dispose](): void }> {
    const yate = await connect(address);
    const source = `app ${++made}`;
    traceApp(yate, { source, file, readText: (path) => readFileSync(path, "utf8") });
    app = withCalls(yate);
    await yate.setlocal("engine.version");
    return { app, looker: new Looker(other, source), [Symbol.dispose]: () => yate.abort() };
  }

  it("tells the line of a wait, its guard and its channel, and how it ended", async () => {
    using subject = await traced();
    await subject.looker.say("start");
    const key = subject.app.onmsg("test.place", { id: "sip/1", text: 5 });
    const begin = await subject.looker.wait("begin", "test.place");
    assert.equal(begin.what, "onmsg");
    assert.equal(begin.guard, "id=sip/1 text=5");
    assert.equal(begin.channel, "sip/1");
    const text = 'const key = subject.app.onmsg("test.place", { id: "sip/1", text: 5 });';
    assert.equal(begin.place?.file, file);
    assert.equal(begin.place?.text, text);
    assert.equal(begin.place?.line, lineOf(text));
    const sent = other.msg("test.place", { id: "sip/1", text: 5 }).dispatch();
    (await key).ret();
    await sent;
    const end = await subject.looker.wait("end", "test.place");
    assert.deepEqual([end.id, end.outcome], [begin.id, "message"]);
    assert.ok(end.atMs >= begin.atMs);
  });

  it("tells the line of a loop, of a handler and of a dispatch", async () => {
    using subject = await traced();
    await subject.looker.say("start");
    const loop = async (): Promise<void> => {
      for await (const m of subject.app.watches("test.loop")) m.get("never");
    };
    void loop();
    const handler = subject.app.handle("test.handled", () => true);
    await subject.app.msg("test.handled").dispatch();
    handler.uninstall();
    const watches = await subject.looker.wait("begin", "test.loop", { what: "watches" });
    assert.equal(
      watches.place?.text,
      'for await (const m of subject.app.watches("test.loop")) m.get("never");',
    );
    assert.equal(watches.place?.within, "loop");
    const handle = await subject.looker.wait("begin", "test.handled", { what: "handle" });
    assert.equal(
      handle.place?.line,
      lineOf('const handler = subject.app.handle("test.handled", () => true);'),
    );
    const dispatch = await subject.looker.wait("begin", "test.handled", { what: "dispatch" });
    assert.equal(dispatch.place?.line, lineOf('await subject.app.msg("test.handled").dispatch();'));
    const answer = await subject.looker.wait("end", "test.handled", { what: "dispatch" });
    assert.equal(answer.outcome, "handled");
    await subject.looker.wait("end", "test.handled", { what: "handle", outcome: "ended" });
  });

  it("tells the operations of a call with their lines and outcomes, and which waits are theirs", async () => {
    using subject = await traced();
    await subject.looker.say("start");
    async function askNumber(call: Call): Promise<string> {
      await delay(1);
      const asked = await call.gather({ prompt: "digits/5", min: 1, max: 4, finishOn: "#" });
      return asked.kind === "digits" ? asked.digits : "";
    }
    subject.app.onCall("traced", async (call) => {
      await call.answer();
      const number = await askNumber(call);
      await call.say(number).stop();
      await call.gather({ max: 1 });
    });
    await subject.app.setlocal("engine.version");
    const caller = await placeCaller(other, "traced");
    await caller.answered;
    const begin = await subject.looker.operation("begin", "gather");
    assert.equal(begin.detail, "digits/5 min=1 max=4 finishOn=#");
    assert.equal(begin.channel, caller.id);
    assert.match(begin.leg, /^dumb\/\d+$/);
    assert.equal(begin.place?.within, "askNumber");
    const gather = 'const asked = await call.gather({ prompt: "digits/5", min: 1, max: 4, finishOn: "#" });';
    assert.equal(begin.place?.line, lineOf(gather));
    const prompt = await subject.looker.operation("begin", "play");
    assert.equal(prompt.place?.line, begin.place?.line);
    const attach = await subject.looker.find<WaitRecord>(
      "wait",
      (r) => r.operation === prompt.id && r.what === "dispatch",
    );
    assert.equal(attach.place?.line, begin.place?.line);
    await caller.press("42#");
    const end = await subject.looker.operation("end", "gather");
    assert.deepEqual([end.id, end.outcome, end.result], [begin.id, "digits", "42"]);
    await subject.looker.find<OperationRecord>(
      "operation",
      (r) => r.what === "gather" && r.detail === "max=1",
    );
    await caller.hangup("enough");
    const hangUp = await subject.looker.find<OperationRecord>(
      "operation",
      (r) => r.what === "gather" && r.outcome === "hangup",
    );
    assert.equal(hangUp.result, "by=party reason=enough");
    const whole = await subject.looker.operation("begin", "call");
    assert.equal(whole.place?.text, 'subject.app.onCall("traced", async (call) => {');
    const over = await subject.looker.operation("end", "call");
    assert.deepEqual([over.id, over.channel, over.outcome], [whole.id, caller.id, "hangup"]);
  });

  it("tells an error of a call's program with its line and its call, and one of a handler", async () => {
    using subject = await traced();
    await subject.looker.say("start");
    subject.app.onCall("throws", async (call) => {
      await call.answer();
      throw new Error("out of coffee");
    });
    await subject.app.setlocal("engine.version");
    const caller = await placeCaller(other, "throws");
    const error = await subject.looker.find("error", (r) => r.kind === "error");
    assert.ok(error.kind === "error");
    assert.deepEqual([error.text, error.channel], ["Error: out of coffee", caller.id]);
    assert.equal(error.place?.text, 'throw new Error("out of coffee");');
    const end = await subject.looker.operation("end", "call");
    assert.deepEqual([end.outcome, end.result], ["threw", "Error: out of coffee"]);
    assert.match((await caller.ended).reason, /failure/);
  });

  it("tells one who comes later what is open, since when, and with the lines of the beginning", async () => {
    using subject = await traced();
    subject.app.onmsg("test.leak", { id: "sip/9" });
    const done = subject.app.onmsg("test.short");
    done.cancel();
    const beganMs = Date.now();
    await delay(150);
    await subject.looker.say("start");
    const leak = await subject.looker.wait("begin", "test.leak");
    assert.equal(leak.place?.text, 'subject.app.onmsg("test.leak", { id: "sip/9" });');
    assert.ok(Math.abs(leak.atMs - beganMs) < 100, `began at ${leak.atMs}, not ${beganMs}`);
    const figures = await subject.looker.find<AppRecord>("app", () => true);
    assert.equal(figures.openWaits, 1);
    await subject.looker.find<AppRecord>("app", (r) => r.seq > figures.seq && r.openWaits === 1);
    const names = new Set(subject.looker.records.map((r) => (r.kind === "wait" ? r.name : "")));
    assert.deepEqual([...names].sort(), ["", "test.leak"]);
  });

  it("falls silent when it is told to, and numbers its records without a gap", async () => {
    using subject = await traced();
    await subject.looker.say("start");
    await subject.app.msg("test.first").dispatch();
    await subject.looker.wait("end", "test.first");
    await subject.looker.say("stop");
    await subject.app.setlocal("engine.version");
    const before = subject.looker.records.length;
    await subject.app.msg("test.second").dispatch();
    await delay(1200);
    const numbers = subject.looker.records.map(({ seq }) => seq);
    assert.equal(subject.looker.records.length, before);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
  });

  it("goes on after its engine was away: what ended meanwhile is told, loops and handlers still wait", async () => {
    const port = await freePort();
    const start = () => createEngine({ extmodule: { listeners: [{ name: "tcp", port }] } });
    let mortal = await start();
    const [yate, looking] = await Promise.all([1, 2].map(() => connect(`tcp://127.0.0.1:${port}`)));
    assert.ok(yate && looking);
    traceApp(yate, { source: "mortal", file });
    const looker = new Looker(looking, "mortal");
    await looker.say("start");
    yate.onmsg("test.wait").catch(() => {});
    yate.messages("test.messages");
    yate.handle("test.handle", () => true);
    const begin = await looker.wait("begin", "test.wait");
    const back = new Promise((resolve) => yate.onState(({ kind }) => kind === "connected" && resolve(kind)));
    await mortal.stop();
    mortal = await start();
    await back;
    const end = await looker.wait("end", "test.wait");
    assert.deepEqual([end.id, end.outcome], [begin.id, "Disconnected"]);
    assert.equal((await looking.msg("test.handle").dispatch()).handled, true);
    const again = new Looker(looking, "mortal", "another");
    await again.say("start");
    await again.wait("begin", "test.handle");
    await again.wait("begin", "test.messages");
    assert.equal(
      again.records.some((r) => r.kind === "wait" && r.name === "test.wait"),
      false,
    );
    yate.abort();
    looking.abort();
    await mortal.stop();
  });
});
