import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { connectInProcess, type Engine, parseConfig, startEngine } from "../../engine/index.ts";
import {
  type EngineRecord,
  finalName,
  type MessageRecord,
  parseTraceData,
  type TraceRecord,
  traceBatchBytes,
  traceBatchMs,
  traceControl,
  traceData,
  traceKeepMs,
  traceLeaseMs,
} from "../../trace/index.ts";
import { dumb } from "../dumb.ts";
import { regexroute } from "../regexroute/regexroute.ts";
import { tone } from "../tone/index.ts";
import { accfile, regfile } from "../users/index.ts";
import { createTap, trace } from "./index.ts";

interface Stage {
  readonly clock: ManualClock;
  readonly engine: Engine;
  /** Who asks and looks. */
  readonly yate: Yate;
  /** Data of the batches, as they came. */
  readonly batches: string[];
  readonly records: TraceRecord[];
  ask(operation: string, params?: Record<string, string>): Promise<boolean>;
  /** Dispatches, and waits until the records are there. */
  send(name: string, params?: Record<string, string>): Promise<boolean>;
  messages(name: string): MessageRecord[];
  /** The latest record of the engine. */
  engineRecord(): EngineRecord;
}

describe("trace", () => {
  let running: Engine | undefined;
  afterEach(() => running?.stop());

  async function stage(): Promise<Stage> {
    const clock = createManualClock();
    const tap = createTap();
    const config = {
      regexroute: parseConfig("[default]\n^99$=tone/dial\n", "regexroute.conf"),
      regfile: parseConfig("[100]\npassword=hunter2\n", "regfile.conf"),
      accfile: parseConfig("[out]\nusername=me\npassword=hunter2\n", "accfile.conf"),
    };
    const engine = await startEngine({
      clock,
      config,
      nodeName: "node",
      modules: [dumb(), tone(), regexroute(), regfile({ tap }), accfile(), trace({ tap })],
    });
    running = engine;
    const yate = connectInProcess(engine, { name: "console" });
    const batches: string[] = [];
    const records: TraceRecord[] = [];
    engine.kernel.hook(({ name, params }) => {
      if (name !== traceData) return;
      const data = params.get("data") ?? "";
      assert.equal(`${params.get("from")} ${params.get("source")}`, "engine engine");
      batches.push(data);
      const { records: told, problem } = parseTraceData(data);
      assert.equal(problem, undefined);
      records.push(...told);
    });
    const dispatch = async (name: string, params: Record<string, string>): Promise<boolean> => {
      const result = yate.msg(name, params).dispatch();
      await clock.advance(0);
      return (await result).handled;
    };
    return {
      clock,
      engine,
      yate,
      batches,
      records,
      ask: (operation, params = {}) => dispatch(traceControl, { operation, id: "test", ...params }),
      async send(name, params = {}) {
        const handled = await dispatch(name, params);
        await clock.advance(traceBatchMs);
        return handled;
      },
      messages: (name) =>
        records.filter((record) => record.kind === "message").filter((record) => record.name === name),
      engineRecord() {
        const last = records.filter((record) => record.kind === "engine").at(-1);
        assert.ok(last, "there is a record of the engine");
        return last;
      },
    };
  }

  it("a routed call tells who handled it at which priority, what each changed, and who would have been next", async () => {
    const { engine, ask, send, messages } = await stage();
    const app = connectInProcess(engine, { name: "ivr" });
    app.handle("call.route", { priority: 60 }, (message) => {
      message.params.set("called", "99");
      message.params.delete("callername");
      message.params.set("new", "1");
      return false;
    });
    await ask("start", { of: "messages" });
    await send("call.route", { called: "5", callername: "Bob" });
    const [record] = messages("call.route");
    assert.ok(record);
    assert.deepEqual(
      record.steps.map(({ name, priority, handled, changes, retvalue }) => ({
        name,
        priority,
        handled,
        changes,
        retvalue,
      })),
      [
        {
          name: "ivr",
          priority: 60,
          handled: false,
          changes: [
            { name: "called", from: "5", to: "99" },
            { name: "new", to: "1" },
            { name: "callername", from: "Bob" },
          ],
          retvalue: undefined,
        },
        { name: "regexroute", priority: 100, handled: true, changes: [], retvalue: "tone/dial" },
      ],
    );
    assert.deepEqual(record.next, [{ name: "regfile", priority: 100 }]);
    assert.equal(record.sender, "console");
    assert.equal(record.handled, true);
    assert.equal(record.retvalue, "tone/dial");
    assert.deepEqual(record.before, [
      ["called", "5"],
      ["callername", "Bob"],
    ]);
    assert.deepEqual(Object.fromEntries(record.params), {
      called: "99",
      new: "1",
      handlers: "regexroute:100",
    });
  });

  it("a handler that renames a message is told to, and the record has the name of the beginning", async () => {
    const { engine, ask, send, messages } = await stage();
    engine.install({
      name: "test.one",
      priority: 10,
      trackName: "renamer",
      receive(message) {
        message.name = "test.two";
        return false;
      },
    });
    engine.install({ name: "test.two", priority: 20, trackName: "taker", receive: () => true });
    await ask("start", { of: "messages" });
    await send("test.one");
    const [record] = messages("test.one");
    assert.deepEqual(
      record?.steps.map(({ name, renamed }) => [name, renamed]),
      [
        ["renamer", "test.two"],
        ["taker", undefined],
      ],
    );
  });

  it("a message in a channel's name has the name and parameters that it was sent with, and the new name is a step's", async () => {
    const { engine, ask, send, messages } = await stage();
    await send("call.execute", { callto: "dumb/", target: "99" });
    assert.ok(engine.endpoints.has("dumb/1"));
    await ask("start", { of: "messages" });
    await send("chan.masquerade", { id: "dumb/1", message: "chan.dtmf", text: "1" });
    const [record] = messages("chan.masquerade");
    assert.ok(record);
    assert.deepEqual(record.before, [
      ["id", "dumb/1"],
      ["message", "chan.dtmf"],
      ["text", "1"],
    ]);
    const [step] = record.steps;
    assert.equal(step?.renamed, "chan.dtmf");
    assert.deepEqual(step.changes[0], { name: "sequence", to: "1" });
    assert.deepEqual(step.changes.at(-1), { name: "message", from: "chan.dtmf" });
    assert.equal(finalName(record), "chan.dtmf");
    const names = record.params.map(([name]) => name);
    assert.deepEqual(names.slice(0, 2), ["id", "text"]);
    assert.ok(!names.includes("message"));
  });

  it("names and values of all characters, repeated and empty ones come through", async () => {
    const { engine, yate, clock, ask, messages } = await stage();
    const odd = ['"', "\\", "\n\0\x1f", "\u2028é😀", "\ud800", "", "a:b%c"].join("|");
    engine.install({
      name: "test.odd",
      priority: 10,
      trackName: "odd",
      receive(message) {
        message.params.delete("gone");
        message.params.append("twice", "3").set(odd, "new").set("value", `${odd}!`);
        message.retvalue = odd;
        return false;
      },
    });
    await ask("start", { of: "messages" });
    const before: [string, string][] = [
      ["value", odd],
      ["gone", ""],
      ["twice", "1"],
      ["twice", "2"],
    ];
    const sent = yate.msg("test.odd", before).dispatch();
    await clock.advance(traceBatchMs);
    await sent;
    const [record] = messages("test.odd");
    assert.ok(record);
    assert.equal(record.retvalue, odd);
    assert.deepEqual(record.before, before);
    assert.deepEqual(record.params, [
      ["value", `${odd}!`],
      ["twice", "1"],
      ["twice", "2"],
      ["handlers", "odd:10"],
      ["twice", "3"],
      [odd, "new"],
    ]);
    assert.deepEqual(record.steps[0]?.changes, [
      { name: "value", from: odd, to: `${odd}!` },
      { name: "twice", to: "3" },
      { name: odd, to: "new" },
      { name: "gone", from: "" },
    ]);
  });

  it("what was changed and changed back is no change of the whole", async () => {
    const { engine, ask, send, messages } = await stage();
    for (const [priority, value] of [
      [10, "2"],
      [20, "1"],
    ] as const)
      engine.install({
        name: "test.back",
        priority,
        trackName: `to ${value}`,
        receive: (message) => message.set("value", value) === undefined,
      });
    await ask("start", { of: "messages" });
    await send("test.back", { value: "1" });
    const [record] = messages("test.back");
    assert.deepEqual(
      record?.steps.map(({ changes }) => changes),
      [[{ name: "value", from: "1", to: "2" }], [{ name: "value", from: "2", to: "1" }]],
    );
    assert.equal(record?.before, undefined);
  });

  it("a message that an app holds tells how long, is counted while it is held, and names who never answered", async () => {
    const { clock, engine, yate, ask, send, messages, engineRecord } = await stage();
    const app = connectInProcess(engine, { name: "thinker", timeoutMs: 5000 });
    app.handle("test.slow", { priority: 10 }, async () => {
      await new Promise<void>((resolve) => clock.after(3000, resolve));
      return true;
    });
    app.handle("test.never", { priority: 10 }, () => new Promise<boolean>(() => {}));
    await ask("start", { of: "messages,engine" });
    const slow = yate.msg("test.slow", {}).dispatch();
    const never = yate.msg("test.never", {}).dispatch();
    await clock.advance(2000);
    assert.equal(engineRecord().connections.find(({ name }) => name === "thinker")?.held, 2);
    await clock.advance(1000);
    await slow;
    await clock.advance(2000);
    await never;
    await send("test.end");
    assert.deepEqual(
      [...messages("test.slow"), ...messages("test.never")].map(({ tookMs, handled, steps }) => [
        tookMs,
        handled,
        steps[0]?.tookMs,
        steps[0]?.failed,
      ]),
      [
        [3000, true, 3000, undefined],
        [5000, false, 5000, "no answer within 5000 ms"],
      ],
    );
    app.abort();
  });

  it("times are of the wall clock", async () => {
    const { clock, ask, send, messages } = await stage();
    await ask("start", { of: "messages" });
    await clock.advance(1234);
    const atMs = clock.now();
    await send("test.now");
    assert.equal(messages("test.now")[0]?.atMs, atMs);
    assert.equal(messages("test.now")[0]?.queuedMs, 0);
  });

  it("broadcasts are recorded, with all who heard them", async () => {
    const { clock, ask, messages } = await stage();
    await ask("start", { of: "messages" });
    await clock.advance(1500);
    const [record] = messages("engine.timer");
    assert.ok(record && record.steps.length >= 2);
    assert.deepEqual(record.next, []);
    assert.equal(record.sender, "");
  });

  it("secrets are in no record", async () => {
    const { engine, batches, ask, send, messages } = await stage();
    engine.install({
      name: "test.secret",
      priority: 10,
      trackName: "changer",
      receive: (message) => message.set("password", "hunter2").set("ocrypto_key", "hunter2") !== undefined,
    });
    await ask("start", { of: "messages" });
    assert.equal(await send("user.auth", { username: "100" }), true);
    await send("user.login", { account: "x", password: "hunter2", username: "u" });
    await send("test.secret", { password: "hunter2 before" });
    assert.equal(messages("user.auth")[0]?.steps[0]?.name, "regfile");
    assert.equal(messages("test.secret")[0]?.steps[0]?.changes.length, 2);
    assert.equal(messages("user.login").length, 1);
    assert.doesNotMatch(batches.join(), /hunter2/);
  });

  it("while nobody asks nothing is recorded, and the kernel has no tracer", async () => {
    const { clock, engine, batches, ask, send } = await stage();
    await send("test.before");
    assert.equal(engine.kernel.tracer, undefined);
    await ask("start");
    assert.notEqual(engine.kernel.tracer, undefined);
    assert.equal(await ask("stop"), true);
    assert.equal(engine.kernel.tracer, undefined);
    await clock.advance(traceBatchMs);
    const before = batches.length;
    await send("test.after");
    await clock.advance(5000);
    assert.equal(batches.length, before);
    assert.doesNotMatch(batches.join(), /test\./);
  });

  it("a lease runs out when nobody keeps it, and one that is kept does not", async () => {
    const { clock, engine, ask } = await stage();
    await ask("start", { of: "messages" });
    for (let i = 0; i < 6; i++) {
      await clock.advance(traceKeepMs);
      await ask("keep");
    }
    assert.notEqual(engine.kernel.tracer, undefined);
    await clock.advance(traceLeaseMs - 1);
    assert.notEqual(engine.kernel.tracer, undefined);
    await clock.advance(1000);
    assert.equal(engine.kernel.tracer, undefined);
    await ask("keep", { of: "messages" });
    assert.notEqual(engine.kernel.tracer, undefined, "who was asleep goes on by keeping");
  });

  it("several askers get what any of them wants, until each has stopped", async () => {
    const { clock, engine, records, ask, send } = await stage();
    await ask("start", { id: "a", of: "messages" });
    await ask("start", { id: "b", of: "engine, unheard-of" });
    await ask("stop", { id: "a" });
    assert.equal(engine.kernel.tracer, undefined);
    await send("test.unseen");
    await clock.advance(2000);
    const kinds = new Set(records.map(({ kind }) => kind));
    assert.deepEqual([...kinds], ["engine"]);
    assert.equal(await ask("stop", { id: "a" }), false);
    assert.equal(await ask("stop", { id: "b" }), true);
  });

  it("start is answered with the engine's facts", async () => {
    const { clock, yate, engine } = await stage();
    const asking = yate.msg(traceControl, { operation: "start", id: "x", of: "sip" }).dispatch();
    await clock.advance(0);
    const { params } = await asking;
    const { version, kind, nodename, pid, startedms, topics } = params.toObject();
    assert.deepEqual([version, kind, nodename], ["6.4.1", "embedded", "node"]);
    assert.deepEqual([Number(pid), Number(startedms)], [process.pid, engine.startedMs]);
    assert.equal(topics, "messages,sip,rtp,engine");
  });

  it("the messages that records travel by are not recorded", async () => {
    const { clock, engine, records, ask, send } = await stage();
    const app = connectInProcess(engine, { name: "taker" });
    app.handle(traceData, () => false);
    await ask("start", { of: "messages" });
    await ask("keep");
    await send("test.seen");
    await clock.advance(2000);
    const names = records.flatMap((record) => (record.kind === "message" ? [record.name] : []));
    assert.ok(names.includes("test.seen"));
    assert.deepEqual(
      names.filter((name) => name.startsWith("yayts.")),
      [],
    );
  });

  it("of too many records the oldest are lost, counted, and leave their gap in the numbers; batches keep their size and pace", async () => {
    const { clock, engine, batches, records, ask, send, engineRecord } = await stage();
    await ask("start", { of: "messages,engine" });
    const count = 40_000;
    for (let i = 0; i < count; i++) void engine.dispatch("test.many", { number: i, text: "x".repeat(200) });
    assert.equal(batches.length, 0);
    await clock.advance(traceBatchMs * 3);
    assert.ok(batches.length <= 12);
    for (let i = 0; i < 20; i++) await clock.advance(1000);
    await ask("keep");
    await clock.advance(2000);
    for (const data of batches) assert.ok(Buffer.byteLength(data) <= traceBatchBytes);
    const { lost } = engineRecord();
    assert.ok(lost > 0 && lost < count, `${lost} lost`);
    await send("test.last");
    const last = records.at(-1);
    assert.ok(last);
    assert.ok(
      records.some((record) => record.kind === "message" && record.params[0]?.[1] === String(count - 1)),
    );
    assert.equal(last.seq - records.length, lost);
    const numbers = records.map(({ seq }) => seq);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  });

  it("a message of any size becomes a record that fits", async () => {
    const { batches, ask, send, messages } = await stage();
    await ask("start", { of: "messages" });
    await send("test.big", { text: "x".repeat(20_000) });
    await send(
      "test.bigger",
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, "é".repeat(9000)])),
    );
    for (const data of batches) assert.ok(Buffer.byteLength(data) <= traceBatchBytes);
    assert.match(messages("test.big")[0]?.params[0]?.[1] ?? "", /^x{8192}… \(11808 more\)$/);
    assert.equal(messages("test.bigger")[0]?.params.length, 40);
  });

  it("the engine's record tells of channels, registrations and connected apps", async () => {
    const { clock, engine, ask, send, engineRecord } = await stage();
    const app = connectInProcess(engine, { name: "ivr" });
    app.handle("call.route", { priority: 60, filter: { called: "7" } }, () => "tone/dial");
    void app.onwatch("chan.hangup").catch(() => {});
    await send("user.register", { username: "100", data: "sip/sip:100@192.0.2.1", expires: "60" });
    await send("call.execute", { callto: "dumb/", target: "99" });
    await ask("start", { of: "engine" });
    await clock.advance(2000);
    const record = engineRecord();
    assert.deepEqual(
      record.channels.map(({ id, peer, status }) => [id, peer, status]),
      [
        ["dumb/1", "tone/1", "answered"],
        ["tone/1", "dumb/1", "incoming"],
      ],
    );
    const [phone] = record.registrations;
    assert.equal(record.registrations.length, 1);
    assert.deepEqual([phone?.kind, phone?.name, phone?.where], ["phone", "100", "sip/sip:100@192.0.2.1"]);
    const ivr = record.connections.find(({ name }) => name === "ivr");
    assert.deepEqual(ivr?.handlers, [{ name: "call.route", priority: 60, filter: "called=7" }]);
    assert.deepEqual([ivr?.way, ivr?.watches], ["in process", ["chan.hangup"]]);
    assert.ok(record.modules.includes("trace") && record.handlers > 20 && record.dispatched > 3);
    assert.equal(record.nodeName, "node");
    app.abort();
  });

  it("cut breaks an app's connection", async () => {
    const { engine, ask } = await stage();
    const app = connectInProcess(engine, { name: "ivr" });
    const wait = app.onmsg("test.never");
    assert.equal(await ask("cut", { connection: "ivr" }), true);
    await assert.rejects(wait, { name: "Disconnected" });
    assert.deepEqual(
      [...engine.apps].map(({ name }) => name),
      ["console"],
    );
    assert.equal(await ask("cut", { connection: "ivr" }), false);
  });
});
