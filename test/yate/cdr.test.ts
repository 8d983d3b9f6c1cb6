/** Call records on the embedded engine and on a real YATE: the `call.cdr` of the same events, and what is made of them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { addToCallRecord, type CallRecord, callRecords, type Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine, parseConfig } from "yayts/engine";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

/** Lines of cdrbuild's configuration, the same for both. */
const config = ["[parameters]", "colour=yes", "first=no"];

type Step = readonly [name: string, params: Readonly<Record<string, string>>, handled?: boolean];

/** What happens, in messages of which `x` stands for a channel of its own, and which records it makes. */
const stories: Readonly<
  Record<
    string,
    { readonly steps: readonly Step[]; readonly shows: string; readonly told: readonly string[] }
  >
> = {
  "a call that is answered by its peer": {
    steps: [
      ["chan.startup", { id: "x1", direction: "incoming", status: "incoming", caller: "1", called: "2" }],
      ["call.route", { id: "x1", caller: "9", billid: "b1", status: "prerouted", calledfull: "002" }],
      ["call.ringing", { id: "x2", peerid: "x1", status: "ringing", caller: "3", reason: "no" }],
      ["call.answered", { id: "x2", targetid: "x1", status: "answered", cdrcreate: "false" }],
      ["chan.hangup", { id: "x1", status: "bye", reason: "Normal" }],
    ],
    shows: "chan operation direction status external caller called calledfull billid reason",
    told: [
      "x1 initialize incoming incoming 1 1 2 - - -",
      "x1 update incoming prerouted 1 1 2 002 b1 -",
      "x1 update incoming ringing 1 1 2 002 b1 -",
      "x1 update incoming answered 1 1 2 002 b1 -",
      "x1 finalize incoming bye 1 1 2 002 b1 Normal",
    ],
  },
  "an answer makes a record, also of what is no channel": {
    steps: [
      ["call.ringing", { id: "x1" }],
      ["call.answered", { id: "x1", status: "answered" }],
      ["call.drop", { id: "cdrbuild/x2" }, false],
      ["call.drop", { id: "cdrbuild/x1" }, true],
      ["call.drop", { id: "cdrbuild/x1" }, false],
      ["chan.startup", { id: "x1" }],
    ],
    shows: "chan operation direction status reason",
    told: ["x1 initialize unknown answered -", "x1 finalize unknown answered CDR dropped"],
  },
  "progress counts when it can be heard or rings": {
    steps: [
      ["chan.startup", { id: "x1" }],
      ["call.progress", { id: "x1", reason: "no" }],
      ["call.progress", { id: "x1", reason: "early", earlymedia: "true", ringing: "false" }],
      ["call.progress", { id: "x1", reason: "ring", ringing: "true" }],
      ["call.drop", { id: "cdrbuild/x1", reason: "end" }],
    ],
    shows: "operation reason",
    told: ["initialize -", "update early", "update ring", "finalize end"],
  },
  "updates of another operation are not for it, nor what says cdrtrack=false": {
    steps: [
      ["chan.startup", { id: "x1", cdrtrack: "false" }],
      ["chan.startup", { id: "x1", cdrcreate: "false" }],
      ["call.execute", { id: "x1", callto: "none/", cdrwrite: "false", trace_id: "t" }],
      ["call.update", { id: "x1", operation: "notify" }],
      ["call.update", { id: "x1", operation: "" }],
      ["call.update", { id: "x1", operation: "cdrbuild", cdrwrite: "true", trace_id: "u" }],
      ["chan.hangup", { id: "x1", cdrtrack: "false" }],
      ["chan.hangup", { id: "x1" }],
    ],
    shows: "operation cdrwrite trace_id",
    told: ["initialize false t", "update false t", "finalize false t"],
  },
  "a hang-up before the start leaves one record": {
    steps: [
      ["chan.hangup", { id: "x1" }],
      ["chan.startup", { id: "x1", called: "5", direction: "outgoing" }],
      ["chan.startup", { id: "x1", called: "5" }],
      ["call.answered", { id: "x1" }],
    ],
    shows: "operation called external duration",
    told: ["finalize 5 5 0.000"],
  },
  "configured parameters are carried, the first or the last": {
    steps: [
      ["chan.startup", { id: "x1" }],
      ["call.update", { id: "x1", operation: "cdrbuild", colour: "red", first: "1", other: "x" }],
      ["call.update", { id: "x1", operation: "cdrbuild", colour: "blue", first: "2" }],
      ["call.update", { id: "x1", operation: "cdrbuild", colour: "", first: "" }],
      ["chan.hangup", { id: "x1" }],
    ],
    shows: "operation colour first other",
    told: ["initialize - - -", "update red 1 -", "update blue 1 -", "update blue 1 -", "finalize blue 1 -"],
  },
};

let played = 0;

async function play(yate: Yate, steps: readonly Step[], shows: string, expected: number): Promise<string[]> {
  const prefix = `t${++played}/`;
  const named = (params: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, value.replace(/\bx(?=\d)/, prefix)]),
    );
  const lines: string[] = [];
  const collect = async (): Promise<void> => {
    for await (const { params } of yate.watches("call.cdr")) {
      if (!params.get("chan")?.startsWith(prefix)) continue;
      const values = shows.split(" ").map((name) => params.get(name) || "-");
      lines.push(values.join(" ").replace(prefix, "x"));
    }
  };
  collect().catch(() => {});
  await yate.setlocal("engine.version");
  for (const [name, params, handled = false] of steps) {
    const answer = await yate.msg(name, named(params)).dispatch();
    if (name === "call.drop") assert.equal(answer.handled, handled || params.reason !== undefined, name);
    // One record after the other: a real YATE with several workers tells them in any order.
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  for (let i = 0; i < 100 && lines.length < expected; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return lines;
}

/** The records of channels until `count` of them have come, the app's leg and the other in the order of their numbers. */
async function recordsOf(yate: Yate, count: number, act: () => Promise<void>): Promise<CallRecord[]> {
  const stop = new AbortController();
  const found: CallRecord[] = [];
  const timer = setTimeout(() => stop.abort(), 8000);
  const records = callRecords(yate, { signal: stop.signal });
  await yate.setlocal("engine.version");
  const all = (async () => {
    for await (const record of records) if (found.push(record) === count) return;
  })();
  await act();
  await all;
  clearTimeout(timer);
  assert.equal(records.dropped, 0);
  return found.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

async function collected(records: AsyncIterable<CallRecord>): Promise<CallRecord[]> {
  const found: CallRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function between(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);
}

function check(connection: () => Promise<Yate>): void {
  for (const [promise, { steps, shows, told }] of Object.entries(stories)) {
    it(promise, async () => {
      const yate = await connection();
      try {
        assert.deepEqual(await play(yate, steps, shows, told.length), told);
      } finally {
        yate.abort();
      }
    });
  }

  const call = async (
    yate: Yate,
    direct: string,
    params: Readonly<Record<string, string>> = {},
  ): Promise<{ caller: string; callee: string }> => {
    const to = { callto: "dumb/A", target: "200", caller: "100", direct, ...params };
    const { params: made } = await yate.msg("call.execute", to).dispatch();
    await pause(20);
    return { caller: made.get("id") ?? "", callee: made.get("peerid") ?? "" };
  };

  it("gives a record of each leg of an answered call, with its times", async () => {
    const yate = await connection();
    let ids = { caller: "", callee: "" };
    const [caller, callee] = await recordsOf(yate, 2, async () => {
      ids = await call(yate, "dumb/B");
      await yate.msg("chan.masquerade", { id: ids.callee, message: "call.ringing" }).dispatch();
      await pause(150);
      await yate.msg("chan.masquerade", { id: ids.callee, message: "call.answered" }).dispatch();
      await pause(250);
      await yate.msg("call.drop", { id: ids.caller, reason: "bye" }).dispatch();
    });
    yate.abort();
    assert.ok(caller && callee);
    assert.deepEqual([caller.id, callee.id], [ids.caller, ids.callee]);
    assert.deepEqual([caller.peerId, callee.peerId], [ids.callee, ids.caller]);
    assert.deepEqual([caller.direction, callee.direction], ["incoming", "outgoing"]);
    assert.equal(caller.callId, callee.callId);
    assert.match(caller.callId, /^\d+-\d+$/);
    for (const leg of [caller, callee]) {
      assert.deepEqual([leg.from, leg.to, leg.outcome], ["100", "200", "answered"]);
      between(leg.ringMs, 140, 400);
      between(leg.talkMs, 240, 600);
      between(leg.durationMs, leg.ringMs + leg.talkMs, leg.ringMs + leg.talkMs + 300);
      const [started = 0, answered = 0, ended = 0] = [leg.startedAt, leg.answeredAt, leg.endedAt].map(
        (time) => Date.parse(time ?? ""),
      );
      assert.equal(ended - started, leg.durationMs);
      assert.equal(ended - answered, leg.talkMs);
      between(Date.now() - ended, 0, 5000);
    }
    assert.deepEqual([caller.reason, caller.address, callee.address], ["bye", "A", "B"]);
  });

  it("tells busy, no answer, rejection and giving up apart, on both legs", async () => {
    const yate = await connection();
    for (const [reason, outcome] of [
      ["busy", "busy"],
      ["noanswer", "noanswer"],
      ["rejected", "rejected"],
      ["cancelled", "cancelled"],
      ["nomedia", "failed"],
    ] as const) {
      const legs = await recordsOf(yate, 2, async () => {
        const { callee } = await call(yate, "dumb/B");
        await yate.msg("call.drop", { id: callee, reason }).dispatch();
      });
      assert.deepEqual(
        legs.map((leg) => [leg.outcome, leg.reason, leg.answeredAt, leg.talkMs]),
        [
          [outcome, reason, undefined, 0],
          [outcome, reason, undefined, 0],
        ],
      );
    }
    yate.abort();
  });

  it("takes a call to a sound for answered when the two were connected", async () => {
    const yate = await connection();
    const [leg] = await recordsOf(yate, 1, async () => {
      const { caller } = await call(yate, "tone/dial");
      await pause(200);
      await yate.msg("call.drop", { id: caller }).dispatch();
    });
    yate.abort();
    assert.equal(leg?.outcome, "answered");
    between(leg?.talkMs ?? 0, 150, leg?.durationMs ?? 0);
  });

  it("carries what this app and others add, without any configuration", async () => {
    const [yate, other] = [await connection(), await connection()];
    const [caller, callee] = await recordsOf(yate, 2, async () => {
      const ids = await call(yate, "dumb/B");
      addToCallRecord(yate, ids.caller, { recording: "/var/calls/1.wav", note: "own" });
      // Two connections are two queues: the first is given time to arrive.
      await yate.setlocal("engine.version");
      await pause(50);
      addToCallRecord(other, ids.caller, { note: "a, b; c=d\n%" });
      addToCallRecord(other, ids.callee, { agent: "7" });
      await other.setlocal("engine.version");
      await pause(50);
      await yate.msg("call.drop", { id: ids.caller }).dispatch();
    });
    yate.abort();
    other.abort();
    assert.equal(caller?.recording, "/var/calls/1.wav");
    assert.deepEqual({ ...caller?.fields }, { recording: "/var/calls/1.wav", note: "a, b; c=d\n%" });
    assert.deepEqual({ ...callee?.fields }, { agent: "7" });
  });

  it("carries what cdrbuild was configured to carry, and leaves out what is not to be written", async () => {
    const yate = await connection();
    const [leg] = await recordsOf(yate, 1, async () => {
      const unwritten = await call(yate, "tone/dial", { copyparams: "cdrwrite", cdrwrite: "false" });
      await yate.msg("call.drop", { id: unwritten.caller }).dispatch();
      const { caller } = await call(yate, "tone/dial");
      await yate.msg("call.update", { id: caller, operation: "cdrbuild", colour: "red" }).dispatch();
      await yate.msg("call.drop", { id: caller }).dispatch();
    });
    yate.abort();
    assert.deepEqual({ ...leg?.fields }, { colour: "red" });
  });

  it("ends by its signal, and with its connection", async () => {
    const [yate, closed] = [await connection(), await connection()];
    const stop = new AbortController();
    const all = collected(callRecords(yate, { signal: stop.signal }));
    stop.abort();
    assert.deepEqual(await all, []);
    const ending = collected(callRecords(closed));
    closed.abort();
    assert.deepEqual(await ending, []);
    yate.abort();
  });
}

describe("call records of the embedded engine", { timeout: 60_000 }, () => {
  let engine: EmbeddedEngine;
  before(async () => {
    engine = await createEngine({ config: { cdrbuild: parseConfig(config.join("\n"), "cdrbuild.conf") } });
  });
  after(() => engine.stop());
  check(async () => engine.connect());
});

describe("call records of a real YATE", { skip: whyNoYate(), timeout: 60_000 }, () => {
  let yate: RunningYate;
  before(async () => {
    yate = await startYate({ config: { "cdrbuild.conf": config } });
  });
  after(() => yate.stop());
  check(() => connect(yate.tcp));
});
