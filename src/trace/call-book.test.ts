import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CallBook, type CallBookLimits } from "./call-book.ts";
import type { EngineRecord, MessageRecord, SourcedRecord, TraceRecord } from "./records.ts";

const engine = { kind: "engine", name: "engine" } as const;
const app = { kind: "app", name: "ivr.ts 1" } as const;

/** A book, and what it told. */
function open(limits?: CallBookLimits) {
  const gone: string[] = [];
  const added: string[] = [];
  const book = new CallBook(
    { gone: (call) => gone.push(call), added: (call, { record }) => added.push(`${call} ${record.kind}`) },
    limits,
  );
  let seq = 0;
  const add = (record: TraceRecord, source: SourcedRecord["source"] = engine): void =>
    book.add({ source, record });
  return {
    book,
    gone,
    added,
    add,
    say(
      atMs: number,
      name: string,
      params: Readonly<Record<string, string>>,
      more: Partial<MessageRecord> = {},
    ): void {
      add({
        kind: "message",
        seq: ++seq,
        atMs,
        name,
        sender: "",
        handled: false,
        retvalue: "",
        params: Object.entries(params),
        steps: [],
        next: [],
        ...more,
      });
    },
    /** A whole call that lasts 50 ms. */
    call(atMs: number, channel: string, billid: string): void {
      this.say(atMs, "chan.startup", {
        id: channel,
        billid,
        direction: "incoming",
        caller: "7",
        called: "8",
      });
      this.say(atMs + 50, "chan.hangup", { id: channel, billid, reason: "hangup" });
    },
  };
}

const status = (atMs: number, channels: readonly string[], startedMs = 0): EngineRecord => ({
  kind: "engine",
  seq: 1,
  atMs,
  version: "6",
  nodeName: "",
  startedMs,
  queued: 0,
  maxQueued: 0,
  running: 0,
  dispatched: 0,
  dropped: 0,
  handlers: 0,
  modules: [],
  channels: channels.map((id) => ({
    id,
    status: "answered",
    direction: "incoming",
    peer: "",
    address: "",
    billId: "",
    sinceMs: 5,
  })),
  registrations: [],
  connections: [],
  lost: 0,
});

describe("a book of calls", () => {
  it("follows a call from its first channel to its end", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1", caller: "alice", called: "100" });
    assert.equal(book.entry("b-1")?.state, "new");
    say(2, "call.route", { id: "sip/1", billid: "b-1", called: "100" }, { handled: true, retvalue: "dumb/" });
    assert.equal(book.entry("b-1")?.state, "routing");
    say(
      3,
      "call.execute",
      { id: "sip/1", billid: "b-1", peerid: "dumb/2", targetid: "dumb/2" },
      { handled: true },
    );
    say(4, "call.ringing", { id: "dumb/2", targetid: "sip/1" }, { handled: true });
    assert.equal(book.entry("b-1")?.state, "ringing");
    say(5, "call.answered", { id: "dumb/2", targetid: "sip/1" }, { handled: true });
    say(6, "chan.dtmf", { id: "sip/1", text: "4" });
    say(7, "chan.dtmf", { id: "sip/1", text: "4", duplicate: "true" });
    say(8, "chan.dtmf", { id: "sip/1", text: "2" });
    say(9, "chan.hangup", { id: "dumb/2", billid: "b-1" });
    assert.equal(book.entry("b-1")?.state, "answered", "the caller is still on");
    say(10, "chan.hangup", { id: "sip/1", billid: "b-1", reason: "hangup" });
    assert.deepEqual(book.entry("b-1"), {
      id: "b-1",
      from: "alice",
      to: "100",
      channels: ["sip/1", "dumb/2"],
      state: "ended",
      startedMs: 1,
      answeredMs: 5,
      endedMs: 10,
      reason: "hangup",
      keys: "42",
      messages: 10,
      errors: 0,
    });
  });

  it("tells why a call that nobody took ended", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1" });
    say(2, "call.route", { id: "sip/1", billid: "b-1" });
    say(3, "chan.hangup", { id: "sip/1", billid: "b-1", status: "rejected" });
    assert.equal(book.entry("b-1")?.reason, "noroute");
  });

  it("forgets a failed attempt when another one is answered", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1" });
    say(2, "call.execute", { id: "sip/1", billid: "b-1", error: "busy" });
    say(3, "call.answered", { id: "sip/2", targetid: "sip/1" }, { handled: true });
    say(4, "chan.hangup", { id: "sip/2" });
    say(5, "chan.hangup", { id: "sip/1" });
    assert.equal(book.entry("b-1")?.reason, "");
  });

  it("has a masqueraded message count as that for which it stands", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1" });
    const step = { name: "sip", priority: 10, changes: [], renamed: "chan.dtmf" };
    say(2, "chan.masquerade", { id: "sip/1", text: "5" }, { steps: [step] });
    assert.equal(book.entry("b-1")?.keys, "5");
  });

  it("puts what came before the call was known to it: SIP, authentication, early messages", () => {
    const { book, add, say, added } = open();
    const sip = {
      kind: "sip",
      seq: 1,
      atMs: 1,
      direction: "in",
      transport: "udp",
      local: "127.0.0.1:5060",
      remote: "127.0.0.1:5070",
      callId: "abc@x",
      method: "INVITE",
      line: "INVITE sip:100 SIP/2.0",
      text: "",
      again: false,
    } as const;
    add({ ...sip, channel: "" });
    say(2, "user.auth", { id: "sip/1", caller: "alice" });
    assert.deepEqual(added, []);
    say(3, "chan.startup", { id: "sip/1", billid: "b-1" });
    add({ ...sip, atMs: 4, seq: 2, direction: "out", status: 100, channel: "sip/1" });
    add({ ...sip, atMs: 5, seq: 3, channel: "" });
    assert.deepEqual(
      book.story("b-1")?.records.map(({ record }) => record.atMs),
      [1, 2, 3, 4, 5],
    );
    assert.equal(book.entry("b-1")?.startedMs, 1);
  });

  it("makes one call of two channels that learn late that they belong together", () => {
    const { book, say, gone } = open();
    say(1, "chan.startup", { id: "dumb/1", billid: "b-1" });
    say(2, "chan.startup", { id: "sip/9", direction: "outgoing" });
    assert.equal(book.live().length, 2);
    say(3, "chan.connected", { id: "dumb/1", peerid: "sip/9", billid: "b-1" });
    assert.deepEqual(gone, ["sip/9"]);
    assert.deepEqual(
      book.live().map(({ id, channels }) => ({ id, channels })),
      [{ id: "b-1", channels: ["dumb/1", "sip/9"] }],
    );
    assert.equal(book.entry("sip/9")?.id, "b-1", "the name that is gone still leads to it");
  });

  it("keeps two calls with bills of their own apart when they are connected, and puts what names both to both", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1" });
    say(2, "chan.startup", { id: "sip/2", billid: "b-2" });
    say(3, "chan.connected", { id: "sip/1", peerid: "sip/2", billid: "b-1" });
    assert.equal(book.live().length, 2);
    assert.equal(book.story("b-1")?.records.length, 2);
    assert.equal(book.story("b-2")?.records.length, 2);
  });

  it("ends with its parties, though a tone or a room never tells of its end", () => {
    const { book, say } = open();
    say(1, "chan.startup", { id: "dumb/1", billid: "b-1" });
    say(2, "chan.connected", { id: "tone/1", peerid: "dumb/1", billid: "b-2" });
    say(3, "chan.hangup", { id: "dumb/1", billid: "b-1" });
    assert.equal(book.entry("b-1")?.state, "ended");
    assert.equal(book.live().length, 0);
  });

  it("puts an operation, its waits and its errors to the call of their channel, each once", () => {
    const { book, say, add } = open();
    say(1, "chan.startup", { id: "sip/1", billid: "b-1" });
    add(
      {
        kind: "operation",
        seq: 1,
        atMs: 2,
        phase: "begin",
        id: 5,
        what: "gather",
        channel: "sip/1",
        leg: "dumb/1",
      },
      app,
    );
    add(
      {
        kind: "operation",
        seq: 9,
        atMs: 2,
        phase: "begin",
        id: 5,
        what: "gather",
        channel: "sip/1",
        leg: "",
      },
      app,
    );
    add(
      { kind: "wait", seq: 2, atMs: 3, phase: "begin", id: 9, what: "onmsg", name: "x", operation: 5 },
      app,
    );
    add({ kind: "wait", seq: 3, atMs: 4, phase: "end", id: 9, what: "onmsg", name: "x" }, app);
    add({ kind: "error", seq: 4, atMs: 5, text: "oops", channel: "dumb/1" }, app);
    assert.deepEqual(
      book.story("b-1")?.records.map(({ record }) => record.kind),
      ["message", "operation", "wait", "wait", "error"],
    );
    assert.equal(book.entry("b-1")?.errors, 1);
  });

  it("takes what an app or a message told before the call's beginning was told", () => {
    const { book, say, add } = open();
    add(
      { kind: "operation", seq: 1, atMs: 5, phase: "begin", id: 5, what: "play", channel: "dumb/1", leg: "" },
      app,
    );
    add(
      { kind: "wait", seq: 2, atMs: 6, phase: "begin", id: 9, what: "onmsg", name: "x", operation: 5 },
      app,
    );
    say(2, "call.route", { id: "dumb/1", driver: "dumb", called: "8" });
    say(3, "call.execute", { id: "dumb/1", peerid: "sip/2", targetid: "sip/2" }, { handled: true });
    assert.equal(book.live().length, 0);
    say(1, "chan.startup", { id: "dumb/1", billid: "b-1" });
    assert.deepEqual(
      book.live().map(({ id, channels }) => ({ id, channels })),
      [{ id: "b-1", channels: ["dumb/1", "sip/2"] }],
    );
    add({ kind: "wait", seq: 3, atMs: 7, phase: "end", id: 9, what: "onmsg", name: "x" }, app);
    assert.deepEqual(
      book.story("b-1")?.records.map(({ record }) => record.atMs),
      [1, 2, 3, 5, 6, 7],
    );
  });

  it("learns of calls from before by the engine's list, and of ends that nobody told of", () => {
    const { book, add } = open();
    add(status(100, ["sip/4"]));
    assert.deepEqual(
      book.live().map(({ id, state, startedMs }) => ({ id, state, startedMs })),
      [{ id: "sip/4", state: "answered", startedMs: 5 }],
    );
    add(status(200, []));
    assert.equal(book.live().length, 1, "one list without it may have been made before it began");
    add(status(300, []));
    assert.equal(book.entry("sip/4")?.state, "ended");
  });

  it("takes an RTP session, a tone or a room in the engine's list for no call", () => {
    const { book, add } = open();
    for (const atMs of [100, 200, 300, 400])
      add(status(atMs, atMs < 300 ? ["yrtp/1933121315", "tone/1", "conf/2"] : []));
    assert.deepEqual([...book.live(), ...book.past().calls], []);
  });

  it("ends all calls when the engine was started anew, and takes the same channel for another one", () => {
    const { book, add, say } = open();
    add(status(100, ["sip/1"], 0));
    add(status(20_000, [], 10_000));
    assert.equal(book.entry("sip/1")?.reason, "engine restarted");
    say(20_001, "chan.startup", { id: "sip/1", billid: "c-1" });
    assert.equal(book.live()[0]?.id, "c-1");
    assert.equal(book.past().calls[0]?.id, "sip/1");
  });

  it("finds past calls by words, the latest first, in portions", () => {
    const one = open();
    for (let i = 1; i <= 5; i++) one.call(i * 100, `sip/${i}`, `b-${i}`);
    assert.deepEqual(
      one.book.past({ limit: 2 }).calls.map(({ id }) => id),
      ["b-5", "b-4"],
    );
    assert.equal(one.book.past({ limit: 2 }).more, true);
    assert.deepEqual(
      one.book.past({ before: 400, limit: 9 }).calls.map(({ id }) => id),
      ["b-3", "b-2", "b-1"],
    );
    assert.deepEqual(
      one.book.past({ search: "HANGUP sip/3" }).calls.map(({ id }) => id),
      ["b-3"],
    );
  });

  it("drops the oldest calls that are over before anything of one that lives", () => {
    const limited = open({ pastCalls: 2, records: 12 });
    const { book, say, gone } = limited;
    say(1, "chan.startup", { id: "sip/1", billid: "live" });
    for (let i = 2; i <= 5; i++) limited.call(i * 100, `sip/${i}`, `b-${i}`);
    assert.deepEqual(gone, ["b-2", "b-3"]);
    for (let i = 0; i < 40; i++) say(1000 + i, "chan.text", { id: "sip/1" });
    const story = book.story("live");
    assert.equal(story?.cut, true);
    assert.ok(story && story.records.length <= 12, `${story?.records.length}`);
    assert.equal(book.past().calls.length, 0);
    assert.equal(book.size.records, story.records.length);
  });

  it("holds 64 MiB at most by its own estimate, however long a call lasts", () => {
    const { book, say } = open({ bytes: 100_000, records: 1e9 });
    say(1, "chan.startup", { id: "sip/1", billid: "live" });
    for (let i = 0; i < 500; i++) say(2 + i, "chan.text", { id: "sip/1", text: "x".repeat(1000) });
    assert.ok(book.size.bytes <= 100_000, `${book.size.bytes}`);
    assert.equal(book.entry("live")?.messages, 501);
  });
});
