import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../base/index.ts";
import { Channel } from "./channel.ts";
import { createDriver, type Driver } from "./driver.ts";
import { type Engine, startEngine } from "./engine.ts";
import type { EngineMessage } from "./message.ts";
import { routeCall } from "./router.ts";

/** An engine with one driver, `line`, whose channels a test makes by hand, and what was said in it. */
interface Subject extends AsyncDisposable {
  readonly engine: Engine;
  readonly driver: Driver;
  readonly clock: ManualClock;
  /** Dispatched messages, but for the engine's own. */
  readonly seen: { name: string; params: Record<string, string> }[];
  names(): string[];
  one(name: string): Record<string, string>;
  /** A pair of connected channels. */
  pair(): { a: Channel; b: Channel };
}

async function start(): Promise<Subject> {
  const clock = createManualClock();
  const engine = await startEngine({ clock });
  const driver = createDriver(engine, {
    name: "line",
    takes: ["call.progress", "call.ringing", "call.answered"],
    execute(message, target, caller) {
      if (!caller || target === "full") return false;
      const channel = new Channel(driver, { direction: "outgoing", address: target, cause: message });
      const release = channel.hold();
      channel.startup(message);
      caller.connect(channel, message.get("reason"));
      channel.targetId = caller.id;
      message.set("peerid", channel.id).set("targetid", channel.id);
      release();
      return true;
    },
  });
  const seen: Subject["seen"] = [];
  engine.kernel.hook((message) => {
    if (!message.name.startsWith("engine.") && message.name !== "module.update") {
      seen.push({ name: message.name, params: { ...message.params.toObject() } });
    }
  });
  return {
    engine,
    driver,
    clock,
    seen,
    names: () => seen.map(({ name, params }) => `${name} ${params.id ?? ""}`),
    one(name) {
      const found = seen.filter((message) => message.name === name);
      assert.equal(found.length, 1, `one ${name} in ${JSON.stringify(seen.map((m) => m.name))}`);
      return found[0]?.params ?? {};
    },
    pair() {
      const a = new Channel(driver, { direction: "incoming", address: "here" });
      const b = new Channel(driver, { direction: "outgoing", address: "there" });
      const release = [a.hold(), b.hold()];
      a.connect(b);
      a.targetId = b.id;
      b.targetId = a.id;
      for (const fn of release) fn();
      return { a, b };
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe("channels", () => {
  it("connecting tells both, with their parameters; the outgoing one takes the billing id over", async () => {
    await using s = await start();
    const { a, b } = s.pair();
    await settle();
    assert.deepEqual(s.names(), ["chan.connected line/2", "chan.connected line/1"]);
    assert.equal(s.seen[1]?.params.peerid, "line/2");
    assert.equal(s.seen[1]?.params.lastpeerid, undefined);
    assert.match(b.billId, /^\d+-1$/);
    assert.equal(a.billId, b.billId);
  });

  it("dropping one tells the other why with all parameters of the drop, and both hang up", async () => {
    await using s = await start();
    s.pair();
    await settle();
    s.seen.length = 0;
    assert.equal(await s.engine.dispatch("call.drop", { id: "line/1", reason: "bored", extra: "x" }), true);
    await settle();
    const disconnected = s.one("chan.disconnected");
    assert.equal(disconnected.id, "line/2");
    assert.equal(disconnected.reason, "bored");
    assert.equal(disconnected.extra, "x");
    assert.equal(disconnected.lastpeerid, "line/1");
    assert.equal(disconnected.targetid, "line/1");
    assert.equal("peerid" in disconnected, false);
    const hangups = s.seen
      .filter(({ name }) => name === "chan.hangup")
      .map(({ params }) => `${params.id} ${params.status}`);
    assert.deepEqual(hangups.sort(), ["line/1 bored", "line/2 outgoing"]);
    assert.equal(s.driver.channels.size, 0);
  });

  it("an abandoned channel lives as long as its chan.disconnected, and longer if it gets a new peer meanwhile", async () => {
    await using s = await start();
    const { b } = s.pair();
    let taken: EngineMessage | undefined;
    let release = (_: boolean): void => {};
    s.engine.install({
      name: "chan.disconnected",
      priority: 50,
      receive(m) {
        taken = m;
        return new Promise<boolean>((resolve) => (release = resolve));
      },
    });
    await s.engine.dispatch("call.drop", { id: "line/1" });
    await settle();
    assert.equal(taken?.get("id"), "line/2");
    assert.equal(b.gone, false);
    assert.equal(
      await s.engine.dispatch("chan.masquerade", { id: b.id, message: "call.execute", callto: "line/next" }),
      true,
    );
    release(true);
    await settle();
    assert.equal(b.gone, false);
    assert.equal(b.peer?.id, "line/3");
  });

  it("answering true to chan.disconnected does not keep a channel", async () => {
    await using s = await start();
    const { b } = s.pair();
    s.engine.install({ name: "chan.disconnected", priority: 50, receive: () => true });
    await s.engine.dispatch("call.drop", { id: "line/1" });
    await settle();
    assert.equal(b.gone, true);
  });

  it("a blind transfer that fails leaves the old connection", async () => {
    await using s = await start();
    const { a, b } = s.pair();
    assert.equal(
      await s.engine.dispatch("chan.masquerade", { id: b.id, message: "call.execute", callto: "line/full" }),
      false,
    );
    assert.equal(a.peer, b);
  });

  it("are answered once, and only incoming ones", async () => {
    await using s = await start();
    const { a, b } = s.pair();
    assert.equal(await s.engine.dispatch("call.ringing", { id: b.id, targetid: a.id }), true);
    assert.equal(a.status, "ringing");
    assert.equal(await s.engine.dispatch("call.answered", { id: b.id, targetid: a.id }), true);
    assert.equal(await s.engine.dispatch("call.answered", { id: b.id, targetid: a.id }), false);
    assert.equal(await s.engine.dispatch("call.answered", { id: a.id, targetid: b.id }), false);
    assert.deepEqual([a.answered, a.status, b.answered], [true, "answered", false]);
    await s.engine.dispatch("chan.masquerade", { id: b.id, message: "call.answered" });
    assert.deepEqual([b.answered, b.status], [false, "answered"]);
  });

  it("count keys, and a key that a second detector reports within four seconds is stopped", async () => {
    await using s = await start();
    const { a } = s.pair();
    let received = 0;
    s.engine.install({ name: "chan.dtmf", priority: 50, receive: () => ++received < 0 });
    const key = (text: string, detected: string): unknown =>
      s.engine.dispatch("chan.masquerade", { id: a.id, message: "chan.dtmf", text, detected });
    await key("5", "rfc2833");
    assert.equal(await key("5", "inband"), true);
    assert.equal(received, 1);
    await key("5", "rfc2833");
    await key("6", "inband");
    assert.equal(received, 3);
    await s.clock.advance(4001);
    await key("6", "rfc2833");
    assert.equal(received, 4);
    const sequences = s.seen
      .filter(({ name }) => name === "chan.dtmf")
      .map(({ params }) => `${params.sequence} ${params.duplicate}`);
    assert.deepEqual(sequences, ["1 false", "1 true", "2 false", "3 false", "4 false"]);
  });

  it("unanswered callers are dropped by maxcall with noanswer; answering takes that away and starts the timeout", async () => {
    await using s = await start();
    const one = s.pair();
    const two = s.pair();
    const limits = s.engine.message("call.execute", { maxcall: 2000, timeout: 5000, targetid: "x" });
    one.a.accept(limits);
    two.a.accept(limits);
    await s.engine.dispatch("call.answered", { targetid: two.a.id });
    await s.clock.advance(1000);
    assert.equal(one.a.gone, false);
    await s.clock.advance(2000);
    assert.equal(one.a.gone, true);
    assert.equal(one.a.status, "noanswer");
    assert.equal(two.a.gone, false);
    await s.clock.advance(3100);
    assert.equal(two.a.status, "timeout");
  });

  it("chan.control sets the timers, although nobody takes it", async () => {
    await using s = await start();
    const { a } = s.pair();
    assert.equal(await s.engine.dispatch("chan.control", { targetid: a.id, maxpdd: 500 }), false);
    await s.clock.advance(2000);
    assert.equal(a.status, "postdialdelay");
  });

  it("carry the fixed parameters that their call.execute gave them into every message", async () => {
    await using s = await start();
    const cause = s.engine.message("call.execute", {
      "chanparams-prefix": "x-",
      "x-colour": "red",
      other: "no",
    });
    const channel = new Channel(s.driver, { direction: "outgoing", cause });
    assert.equal(channel.message("anything").get("colour"), "red");
    assert.equal(channel.message("anything").get("other"), undefined);
  });

  it("a drop without id, or of a driver's name or type, drops all; only the name counts as handled", async () => {
    for (const [id, handled] of [
      [undefined, false],
      ["", false],
      ["misc", false],
      ["line", true],
    ] as const) {
      await using s = await start();
      s.pair();
      assert.equal(await s.engine.dispatch("call.drop", { id }), handled);
      await settle();
      assert.equal(s.driver.channels.size, 0);
    }
  });
});

describe("routing an incoming call", () => {
  async function routed(
    handlers: Record<string, (m: EngineMessage) => boolean>,
  ): Promise<{ s: Subject; channel: Channel; ok: boolean; steps: string[] }> {
    const s = await start();
    const steps: string[] = [];
    for (const [name, receive] of Object.entries(handlers))
      s.engine.install({ name, priority: 50, trackName: "t", receive });
    const channel = new Channel(s.driver, { direction: "incoming" });
    const release = channel.hold();
    const message = channel.message("call.preroute");
    s.engine.kernel.hook((m) => {
      if (m === message) steps.push(`${m.name} ${m.get("handlers") ?? ""}`);
    });
    const ok = await routeCall(channel, message);
    release();
    await settle();
    return { s, channel, ok, steps };
  }

  it("goes through preroute, route and execute as one message, with its traces cleared between", async () => {
    const { s, channel, ok, steps } = await routed({
      "call.preroute": (m) => {
        m.set("context", "x");
        return true;
      },
      "call.route": (m) => {
        m.retvalue = " line/b ";
        return m.get("context") === "x";
      },
    });
    assert.equal(ok, true);
    assert.deepEqual(steps, ["call.preroute t:50", "call.route t:50", "call.execute line:90"]);
    assert.equal(channel.status, "accepted");
    assert.equal(channel.targetId, "line/2");
    await s.engine.stop();
  });

  it("rejects what nobody routes, what is refused, what loops and what cannot be executed", async () => {
    /** A handler that leaves a return value and parameters behind. */
    const leaves =
      (retvalue: string, params: Record<string, string> = {}) =>
      (m: EngineMessage): boolean => {
        m.retvalue = retvalue;
        for (const [name, value] of Object.entries(params)) m.set(name, value);
        return true;
      };
    const refusals: Record<string, (m: EngineMessage) => boolean>[] = [
      {},
      { "call.route": leaves("") },
      { "call.preroute": leaves("-", { error: "forbidden", reason: "not you" }) },
      { "call.route": leaves("error", { reason: "nobody home" }) },
      { "call.route": leaves("line/b", { antiloop: "0" }) },
      { "call.route": leaves("line/full") },
    ];
    for (const handlers of refusals) {
      const { s, channel, ok } = await routed(handlers);
      assert.equal(ok, false);
      assert.equal(channel.status, "rejected");
      assert.equal(channel.gone, true);
      await s.engine.stop();
    }
  });

  it("a failed execution may be rerouted by who handles its chan.disconnected", async () => {
    let ended: Record<string, string> = {};
    const { s, channel, ok } = await routed({
      "call.route": (m) => {
        m.retvalue = "line/full";
        return true;
      },
      "chan.disconnected": (m) => {
        ended = { ...m.params.toObject() };
        return true;
      },
    });
    assert.equal(ok, true);
    assert.deepEqual(
      [ended.error, ended.reason, ended.reroute],
      ["noconn", "Could not connect to target", "true"],
    );
    assert.equal(channel.status === "rejected", false);
    await s.engine.stop();
  });
});
