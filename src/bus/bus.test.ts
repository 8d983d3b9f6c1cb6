import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Disconnected, type Logger } from "../base/index.ts";
import { type Bus, createBus } from "./bus.ts";
import type { Link, LinkEvent } from "./link.ts";
import { Params } from "./params.ts";

/** A link that writes down what it is told; the test plays the engine. */
function notebook(): { link: Link; told: string[] } {
  const told: string[] = [];
  const link: Link = {
    install: (name, priority, filter) =>
      void told.push(`install ${priority} ${name}${filter ? ` ${filter.name}=${filter.value}` : ""}`),
    uninstall: (name) => void told.push(`uninstall ${name}`),
    watch: (name) => void told.push(`watch ${name}`),
    unwatch: (name) => void told.push(`unwatch ${name}`),
    send: (id, content) => void told.push(`send ${id} ${content.name}`),
    answer: (id, handled) => void told.push(`answer ${id} ${handled}`),
    setlocal: (name, value) => void told.push(`setlocal ${name} ${value ?? "?"}`),
    output: (text) => void told.push(`output ${text}`),
    debug: (level, text) => void told.push(`debug ${level} ${text}`),
    close: async () => void told.push("close"),
    abort: () => void told.push("abort"),
    resume: () => void told.push("resume"),
  };
  return { link, told };
}

function message(id: string, name: string, params: Record<string, string> = {}): LinkEvent {
  return { kind: "message", id, timeSec: 0, name, retvalue: "", params: Params.from(params) };
}

function subject(): Bus & { told: string[]; warnings: string[] } {
  const { link, told } = notebook();
  const warnings: string[] = [];
  const note = (text: string): void => void warnings.push(text);
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  return { ...createBus(link, { log }), told, warnings };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a bus", () => {
  it("gives the app its turn between two messages that came in one packet", async () => {
    const { yate, events, told } = subject();
    const heard: string[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i++) {
        const key = await yate.onmsg("chan.dtmf", { id: "c" });
        heard.push(key.get("text") ?? "");
        key.ret(true);
      }
    })();
    for (const text of ["1", "2", "3"]) events.event(message(text, "chan.dtmf", { id: "c", text }));
    assert.equal(events.busy, true, "the second and third are held back");
    assert.deepEqual(heard, [], "no continuation has run yet");
    await loop;
    assert.deepEqual(heard, ["1", "2", "3"]);
    assert.deepEqual(
      told.filter((line) => line !== "resume"),
      ["install 100 chan.dtmf", "answer 1 true", "answer 2 true", "answer 3 true"],
    );
    assert.ok(told.includes("resume"), "the link is told that nothing is held back any more");
  });

  it("pays no turn for messages that handlers and loops take", () => {
    const { yate, events, told } = subject();
    yate.handle("a", () => true);
    for (let i = 0; i < 100; i++) events.event(message(String(i), "a"));
    assert.equal(events.busy, false);
    assert.equal(told.filter((line) => line.startsWith("answer")).length, 100);
  });

  it("holds an event back that follows the answer to a dispatch, so that its sender can watch for it", async () => {
    const { yate, events } = subject();
    const found = (async () => {
      const sent = await yate.msg("call.execute").dispatch();
      return yate.onwatch("call.answered", { targetid: sent.get("id") ?? "" });
    })();
    void yate.onwatch("call.answered", { never: "x" });
    await turn();
    events.answered("1", true, { name: "call.execute", retvalue: "", params: Params.from({ id: "dumb/1" }) });
    events.event({
      kind: "watch",
      handled: true,
      name: "call.answered",
      retvalue: "",
      params: Params.from({ targetid: "dumb/1" }),
    });
    assert.equal((await found).get("targetid"), "dumb/1");
  });

  it("an answer does not overtake events that came before it", async () => {
    const { yate, events } = subject();
    const order: string[] = [];
    const sent = yate.msg("call.drop").dispatch();
    void sent.then(() => order.push("answer"));
    void yate.onwatch("a").then(() => {
      order.push("a");
      return yate.onwatch("chan.hangup").then(() => order.push("chan.hangup"));
    });
    const watch = (name: string): LinkEvent => ({
      kind: "watch",
      handled: true,
      name,
      retvalue: "",
      params: Params.from(),
    });
    events.event(watch("a"));
    events.event(watch("chan.hangup"));
    events.answered("1", true, { name: "call.drop", retvalue: "", params: Params.from() });
    await sent;
    assert.deepEqual(order, ["a", "chan.hangup", "answer"]);
  });

  it("installs a name once, at the lowest priority asked for, with a filter only while it is alone", () => {
    const { yate, told } = subject();
    yate.handle("a", { filter: { called: "ivr" }, priority: 80 }, () => true);
    yate.handle("a", { priority: 20 }, () => true);
    yate.handle("a", { priority: 50 }, () => true);
    void yate.onmsg("a");
    void yate.onmsg("a");
    assert.deepEqual(told, ["install 80 a called=ivr", "uninstall a", "install 20 a"]);
  });

  it("gives a name up when its last handler goes", () => {
    const { yate, told } = subject();
    const one = yate.handle("a", () => true);
    const two = yate.handle("a", () => true);
    one.uninstall();
    two.uninstall();
    two.uninstall();
    assert.deepEqual(told, ["install 100 a", "uninstall a"]);
  });

  it("a refused install rejects those who asked for it", async () => {
    const { yate, events } = subject();
    const wait = yate.onmsg("a");
    const { ready } = yate.handle("a", () => true);
    events.installed("a", 100, false);
    await assert.rejects(wait, /install-refused/);
    await assert.rejects(ready, /install-refused/);
  });

  it("an engine lost for a while ends waits and dispatches, keeps handlers and loops, and is told everything again", async () => {
    const { yate, events, told, warnings } = subject();
    const states: string[] = [];
    yate.onState((state) => states.push(state.kind));
    yate.handle("h", { priority: 40 }, () => true);
    const loop = yate.watches("w");
    const wait = yate.onmsg("m");
    const sent = yate.msg("s").dispatch();
    const setting = yate.setlocal("timeout", 5000);
    events.localSet("timeout", "5000", true);
    await setting;
    events.event(message("old", "m"));
    const held = await wait;
    const second = yate.onmsg("m");
    told.length = 0;

    events.lost(new Error("cable"), { attempt: 1, retryMs: 100 });
    await assert.rejects(
      second,
      (e: Disconnected) => e instanceof Disconnected && (e.cause as Error).message === "cable",
    );
    await assert.rejects(sent, Disconnected);
    held.ret(true);
    await assert.rejects(yate.msg("x").dispatch(), Disconnected);
    const while_ = yate.onmsg("n");

    told.length = 0;
    events.restored(1500);
    assert.deepEqual(told.sort(), [
      "install 100 m",
      "install 100 n",
      "install 40 h",
      "setlocal timeout 5000",
      "watch w",
    ]);
    assert.deepEqual(states, ["reconnecting", "connected"]);
    assert.match(warnings.join("\n"), /back after 1.5 s: 1 waits and 1 dispatches ended/);
    events.event({ kind: "watch", handled: false, name: "w", retvalue: "", params: Params.from({ n: 1 }) });
    assert.equal((await loop.next()).value?.get("n"), "1");
    assert.equal(while_.settled, false);
    while_.cancel();
    assert.ok(!told.includes("answer old true"), "an answer to the lost connection goes nowhere");
  });

  it("an engine lost for good ends loops too, with Disconnected, once", async () => {
    const { yate, events } = subject();
    const loop = yate.messages("a");
    const next = loop.next();
    events.lost(new Error("gone"), undefined);
    await assert.rejects(next, Disconnected);
    assert.deepEqual(await loop.next(), { done: true, value: undefined });
    await assert.rejects(yate.onmsg("a"), Disconnected);
    await assert.rejects(yate.messages("a").next(), Disconnected);
  });

  it("an answer under an id that was never sent is reported; a late one is not", async () => {
    const { yate, events, warnings } = subject();
    const sent = yate.msg("a").dispatch();
    sent.cancel();
    const content = { name: "a", retvalue: "", params: Params.from() };
    events.answered("1", true, content);
    assert.deepEqual(warnings, []);
    events.answered("99", true, content);
    events.answered("what", true, content);
    assert.equal(warnings.length, 2);
    await assert.rejects(sent);
  });

  it("a message that a handler renamed goes on as that one, not to the app's other handlers", () => {
    const { yate, events, told } = subject();
    let others = 0;
    yate.handle("chan.disconnected", { priority: 80 }, (left) => {
      left.name = "call.execute";
    });
    yate.handle("chan.disconnected", () => {
      others++;
    });
    events.event(message("1", "chan.disconnected"));
    assert.equal(told.at(-1), "answer 1 false");
    assert.equal(others, 0);
  });

  it("close is told before what is under way ends, so that something can still be sent", async () => {
    const { yate, told } = subject();
    const states: string[] = [];
    yate.onState((state) => {
      states.push(state.kind);
      if (state.kind === "closing") yate.msg("call.drop", { id: "c" }).enqueue();
    });
    await yate.close({ timeoutMs: 5 });
    assert.deepEqual(states, ["closing", "closed"]);
    assert.deepEqual(told.slice(-2), ["send  call.drop", "close"]);
  });

  it("close waits for the answers that the app owes and is owed, but not for ever", async () => {
    const { yate, events, told } = subject();
    const wait = yate.onmsg("a");
    events.event(message("1", "a"));
    const held = await wait;
    const closing = yate.close();
    await turn();
    assert.ok(!told.includes("close"));
    held.ret(true);
    await closing;
    assert.deepEqual(told.slice(-2), ["answer 1 true", "close"]);

    const stuck = subject();
    const sent = stuck.yate.msg("never answered").dispatch();
    await stuck.yate.close({ timeoutMs: 5 });
    await assert.rejects(sent, Disconnected);
  });

  it("names and filters that cannot be are refused with a clear error", () => {
    const { yate } = subject();
    assert.throws(() => yate.onmsg("a\0b"), /bad-name/);
    const fromOutside = { id: undefined } as unknown as Record<string, string>;
    assert.throws(() => yate.onmsg("a", fromOutside), /id is undefined in the guard/);
    assert.throws(() => yate.handle("a", { filter: { x: "1", y: "2" } }, () => true), /one parameter/);
  });
});
