import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  MessageRecord,
  RtpRecord,
  SipRecord,
  SourcedRecord,
  TraceRecord,
  WaitRecord,
} from "../records.ts";
import { groupText, ladderModel } from "./index.ts";

const engine = { kind: "engine", name: "engine" } as const;
const app = { kind: "app", name: "app.ts 1" } as const;

const sip = (seq: number, more: Partial<SipRecord> = {}): SourcedRecord => ({
  source: engine,
  record: {
    kind: "sip",
    seq,
    atMs: seq,
    direction: "in",
    transport: "udp",
    local: "192.0.2.1:5060",
    remote: "192.0.2.2:5060",
    callId: "a",
    channel: "sip/1",
    method: "INVITE",
    line: "INVITE sip:ivr@192.0.2.1 SIP/2.0",
    text: "",
    again: false,
    ...more,
  },
});

const rtp = (seq: number, phase: RtpRecord["phase"], more: Partial<RtpRecord> = {}): SourcedRecord => ({
  source: engine,
  record: {
    kind: "rtp",
    seq,
    atMs: seq,
    phase,
    id: "yrtp/1",
    channel: "sip/1",
    local: "192.0.2.1:4000",
    remote: "192.0.2.2:6000",
    format: "alaw",
    ...more,
  },
});

const message = (seq: number, more: Partial<MessageRecord> = {}): SourcedRecord => ({
  source: engine,
  record: {
    kind: "message",
    seq,
    atMs: seq,
    name: "call.route",
    sender: "",
    handled: false,
    retvalue: "",
    params: [],
    steps: [],
    next: [],
    ...more,
  },
});

const told = (record: TraceRecord): SourcedRecord => ({ source: app, record });

test("each address that SIP went to or came from is a party, once", () => {
  const { parties, items } = ladderModel([
    sip(1),
    sip(2, { remote: "192.0.2.9:5062", direction: "out" }),
    sip(3),
  ]);
  assert.deepEqual(parties, ["192.0.2.2:5060", "192.0.2.9:5062"]);
  assert.deepEqual(
    items.map((item) => item.kind === "sip" && item.party),
    [0, 1, 0],
  );
});

test("a response is named by its status, its words and what it answers; one that refuses is seen to", () => {
  const { items } = ladderModel([
    sip(1, { status: 486, line: "SIP/2.0 486 Busy Here" }),
    sip(2, { status: 401, line: "SIP/2.0 401 Unauthorized", method: "REGISTER" }),
    sip(3, { again: true }),
  ]);
  assert.deepEqual(
    items.map(({ label, tone }) => [label, tone]),
    [
      ["486 Busy Here (INVITE)", "bad"],
      ["401 Unauthorized (REGISTER)", "wire"],
      ["INVITE again", "warn"],
    ],
  );
});

test("an RTP session is one bar at the party of its host, in pieces by how they sounded", () => {
  const { spans, items } = ladderModel([
    sip(1),
    rtp(2, "open"),
    rtp(10, "report", { received: { packets: 100, lost: 0 } }),
    rtp(20, "report", { received: { packets: 180, lost: 20 } }),
    rtp(30, "close", { received: { packets: 280, lost: 20, mos: 3.7 } }),
  ]);
  assert.equal(spans.length, 1);
  assert.deepEqual(spans[0]?.parts, [
    { toMs: 10, tone: "good" },
    { toMs: 20, tone: "bad" },
    { toMs: 30, tone: "warn" },
  ]);
  assert.deepEqual([spans[0]?.party, spans[0]?.fromMs, spans[0]?.toMs], [0, 2, 30]);
  assert.deepEqual(
    items.slice(1).map(({ label }) => label),
    ["RTP alaw", "RTP closed"],
  );
});

test("a session whose opening nobody saw is a bar from the beginning", () => {
  const { spans } = ladderModel([message(1), rtp(10, "report", { received: { packets: 10, lost: 0 } })]);
  assert.deepEqual([spans[0]?.fromMs, spans[0]?.toMs], [1, undefined]);
});

test("keys are marked, those on the wire and those in messages, and so are prompts", () => {
  const { items } = ladderModel([
    rtp(1, "key", { key: "5", direction: "in" }),
    message(2, { name: "chan.dtmf", params: [["text", "5"]] }),
    told({
      kind: "operation",
      phase: "begin",
      seq: 3,
      atMs: 3,
      id: 1,
      what: "play",
      channel: "sip/1",
      leg: "",
      detail: "digits/5",
    }),
  ]);
  assert.deepEqual(
    items.map(({ mark }) => mark),
    [
      { kind: "key", text: "5" },
      { kind: "key", text: "5" },
      { kind: "prompt", text: "digits/5" },
    ],
  );
});

test("a message that an app sent in the name of a channel is the one that it stands for, key or prompt", () => {
  const masquerade = (seq: number, params: MessageRecord["params"]): SourcedRecord =>
    message(seq, { name: "chan.masquerade", params });
  const { items } = ladderModel([
    masquerade(1, [
      ["message", "chan.dtmf"],
      ["text", "4"],
    ]),
    masquerade(2, [
      ["message", "chan.attach"],
      ["source", "wave/play/a/b/digits/4.gsm"],
    ]),
  ]);
  assert.deepEqual(
    items.map(
      (item) => item.kind === "message" && [item.label, item.point, item.masquerade, item.mark?.kind],
    ),
    [
      ["chan.dtmf", "4", true, "key"],
      ["chan.attach", "wave/play/…/b/digits/4", true, "prompt"],
    ],
  );
});

test("a wait of the library's own is quiet and has no bar; one that a line of the app began is neither", () => {
  const begin = { kind: "wait", phase: "begin", what: "watches", name: "chan.hangup" } as const;
  const place = { file: "a.ts", line: 1, column: 1 };
  const { items, spans } = ladderModel([
    told({ ...begin, seq: 1, atMs: 1, id: 1 }),
    told({ ...begin, seq: 2, atMs: 2, id: 2, place }),
  ]);
  assert.deepEqual(
    items.map(({ quiet }) => quiet),
    [true, false],
  );
  assert.deepEqual(
    spans.map(({ inner }) => inner),
    [true, false],
  );
});

test("a message says who sent it and who handled it, and whether these were apps", () => {
  const step = { priority: 100, changes: [] };
  const { items } = ladderModel([
    message(1, { sender: "app #1", handled: true, steps: [{ ...step, name: "sip", handled: true }] }),
    message(2, {
      handled: true,
      steps: [
        { ...step, name: "cdr", handled: false },
        { ...step, name: "app #1", handled: true },
      ],
    }),
    message(3, { steps: [{ ...step, name: "register", failed: "TypeError" }] }),
    message(4, { sender: "app #1" }),
    message(5, { sender: "console" }),
  ]);
  assert.deepEqual(
    items.map((item) => item.kind === "message" && [item.more, item.fromApp, item.byApp, item.tone]),
    [
      ["app #1 → sip", true, false, "message"],
      ["→ app #1", false, true, "message"],
      ["", false, false, "bad"],
      ["app #1 →", true, false, "dim"],
      ["console →", false, false, "dim"],
    ],
  );
});

test("a wait that is part of an operation has a bar and no row; one of its own has both", () => {
  const wait = (seq: number, id: number, operation?: number): SourcedRecord => {
    const record: WaitRecord = {
      kind: "wait",
      phase: "begin",
      seq,
      atMs: seq,
      id,
      what: "onmsg",
      name: "chan.notify",
      operation,
    };
    return told(record);
  };
  const { items, spans } = ladderModel([
    told({
      kind: "operation",
      phase: "begin",
      seq: 1,
      atMs: 1,
      id: 7,
      what: "gather",
      channel: "sip/1",
      leg: "",
    }),
    wait(2, 1, 7),
    wait(3, 2),
  ]);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ["operation", "wait"],
  );
  assert.deepEqual(
    spans.map(({ kind, within }) => [kind, within]),
    [
      ["operation", undefined],
      ["wait", 0],
      ["wait", undefined],
    ],
  );
});

test("operations of two apps with the same number are two", () => {
  const begin = (name: string, seq: number): SourcedRecord => ({
    source: { kind: "app", name },
    record: {
      kind: "operation",
      phase: "begin",
      seq,
      atMs: seq,
      id: 1,
      what: "play",
      channel: "sip/1",
      leg: "",
    },
  });
  const end: SourcedRecord = {
    source: { kind: "app", name: "b" },
    record: {
      kind: "operation",
      phase: "end",
      seq: 9,
      atMs: 9,
      id: 1,
      what: "play",
      channel: "sip/1",
      leg: "",
      outcome: "failed",
    },
  };
  const { spans } = ladderModel([begin("a", 1), begin("b", 2), end]);
  assert.deepEqual(
    spans.map(({ toMs, tone }) => [toMs, tone]),
    [
      [undefined, "app"],
      [9, "bad"],
    ],
  );
});

test("the general state of engine and apps is no part of a call", () => {
  const state: TraceRecord = {
    kind: "app",
    seq: 1,
    atMs: 1,
    file: "a.ts",
    pid: 1,
    startedMs: 0,
    openWaits: 0,
    openCalls: 0,
    lost: 0,
  };
  assert.equal(ladderModel([told(state), message(2)]).records.length, 1);
});

test("a group says how many of a lane it holds, or what it repeats", () => {
  const { items } = ladderModel([
    message(1),
    message(2, { name: "call.execute" }),
    message(3, { name: "call.cdr" }),
    sip(4),
  ]);
  assert.equal(groupText(items, "engine"), "3 messages: call.route … call.cdr");
  assert.equal(groupText(items, "wire"), "INVITE");
  assert.equal(groupText(items, "app"), "");
  assert.equal(groupText(ladderModel([message(1), message(2)]).items, "engine"), "call.route ×2");
});
