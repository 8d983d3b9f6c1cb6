import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBus } from "./bus.ts";
import type { Link, LinkEvent } from "./link.ts";
import { type BusObserver, type Observing, observingOf } from "./observing.ts";
import { Params } from "./params.ts";

const nothing = (): void => {};
const deaf: Link = {
  install: nothing,
  uninstall: nothing,
  watch: nothing,
  unwatch: nothing,
  send: nothing,
  answer: nothing,
  setlocal: nothing,
  output: nothing,
  debug: nothing,
  close: () => Promise.resolve(),
  abort: nothing,
  resume: nothing,
};

function message(id: string, name: string, params: Record<string, string>): LinkEvent {
  return { kind: "message", id, timeSec: 0, name, retvalue: "", params: Params.from(params) };
}

/** Writes down what it is told; `#1` is the first that began. */
function notebook(): { observer: BusObserver; told: string[] } {
  const told: string[] = [];
  const keys: object[] = [];
  const observer: BusObserver = {
    began({ what, name, guard, key }) {
      keys.push(key);
      told.push(`#${keys.length} ${what} ${name} ${JSON.stringify(guard) ?? typeof guard}`);
    },
    ended: (key, how) => {
      if (keys.includes(key))
        told.push(`#${keys.indexOf(key) + 1} ${typeof how === "string" ? how : how.name}`);
    },
    operationBegan: nothing,
    operationEnded: nothing,
    threw: (error, channel) => void told.push(`${channel}: ${error}`),
  };
  return { observer, told };
}

function subject() {
  const bus = createBus(deaf);
  const place = observingOf(bus.yate);
  assert.ok(place);
  const observing: Observing = place;
  return { ...bus, observing, ...notebook() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a bus that is observed", () => {
  it("tells each wait as it begins and how it ends", async () => {
    const { yate, events, observing, observer, told } = subject();
    observing.observer = observer;
    const key = yate.onmsg("chan.dtmf", { id: "sip/1" });
    yate.onwatch("chan.hangup", (m) => m.get("id") === "sip/1").cancel();
    yate.onmsg("call.route", undefined, { timeoutMs: 0 });
    events.event(message("1", "chan.dtmf", { id: "sip/1" }));
    (await key).ret();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(told, [
      '#1 onmsg chan.dtmf {"id":"sip/1"}',
      "#2 onwatch chan.hangup function",
      "#2 Cancelled",
      "#3 onmsg call.route undefined",
      "#1 message",
      "#3 TimedOut",
    ]);
  });

  it("tells loops, handlers and dispatches, and what a handler threw", async () => {
    const { yate, events, observing, observer, told } = subject();
    observing.observer = observer;
    const loop = yate.messages("call.route");
    const handler = yate.handle("user.auth", { filter: { username: "7" } }, () => {
      throw new Error("no book");
    });
    const sent = yate.msg("call.execute").dispatch();
    const refused = yate.msg("chan.locate").dispatch();
    events.event(message("1", "user.auth", { id: "sip/1", username: "7" }));
    const content = { name: "call.execute", retvalue: "", params: Params.from({}) };
    events.answered("1", true, content);
    events.answered("2", false, { ...content, name: "chan.locate" });
    await Promise.all([sent, refused]);
    await loop.return();
    handler.uninstall();
    assert.deepEqual(told, [
      "#1 messages call.route undefined",
      '#2 handle user.auth {"username":"7"}',
      "#3 dispatch call.execute undefined",
      "#4 dispatch chan.locate undefined",
      "sip/1: Error: no book",
      "#3 handled",
      "#4 not handled",
      "#1 ended",
      "#2 ended",
    ]);
  });

  it("tells what was lost with the engine", () => {
    const { yate, events, observing, observer, told } = subject();
    observing.observer = observer;
    yate.onmsg("chan.dtmf");
    yate.watches("chan.hangup");
    yate.msg("call.execute").dispatch();
    events.lost(new Error("gone"), undefined);
    assert.deepEqual(told.slice(3).sort(), ["#1 Disconnected", "#2 Disconnected", "#3 Disconnected"]);
  });

  it("knows all that is open, with its guards, for one who comes later", async () => {
    const { yate, observing } = subject();
    const test = (): boolean => false;
    yate.onmsg("chan.dtmf", { text: "5", id: "sip/1" });
    yate.onmsg("chan.dtmf", test);
    yate.onmsg("chan.dtmf", { id: "sip/2" }).cancel();
    yate.onwatch("chan.hangup");
    yate.messages("call.route");
    yate.watches("");
    yate.handle("user.auth", () => true);
    yate.msg("call.execute").dispatch();
    await turn();
    assert.deepEqual(
      observing.open().map(({ what, name, guard }) => [what, name, guard]),
      [
        ["onmsg", "chan.dtmf", { id: "sip/1", text: "5" }],
        ["onmsg", "chan.dtmf", test],
        ["onwatch", "chan.hangup", {}],
        ["messages", "call.route", {}],
        ["watches", "", {}],
        ["handle", "user.auth", undefined],
        ["dispatch", "call.execute", undefined],
      ],
    );
  });

  it("is observed at the same place through its views", () => {
    const { yate, observing } = subject();
    assert.equal(observingOf(yate.until(new Promise(nothing))), observing);
    assert.equal(observingOf(Object.create(yate)), observing);
    assert.equal(observingOf(new Proxy(yate, {})), observing);
  });
});
