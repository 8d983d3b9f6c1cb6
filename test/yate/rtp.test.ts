/** The same conversations over RTP on the embedded engine and on a real YATE: what an app says and gets must be alike. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts";
import { connect } from "yayts/client";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { createPeer, type RtpPeer } from "../rtp-bench.ts";
import { type RunningYate, startYate, whyNoYate } from "./start-yate.ts";

interface Stage {
  readonly yate: Yate;
  readonly left: string;
  readonly right: string;
  /** At `left` and `right`. */
  readonly peers: readonly [RtpPeer, RtpPeer];
  attach(
    id: string,
    peer: RtpPeer,
    params?: Record<string, string>,
  ): Promise<{ port: string; rtpid: string; names: string[] }>;
  as(
    id: string,
    message: string,
    params: Record<string, string>,
  ): ReturnType<ReturnType<Yate["msg"]>["dispatch"]>;
}

const frameMs = 20;

/** Sends A-law packets at their pace, each of one byte value. */
async function talk(peer: RtpPeer, port: string, values: readonly number[]): Promise<void> {
  const startMs = performance.now();
  for (const [i, value] of values.entries()) {
    peer.talk(port, { marker: i === 0, payload: new Uint8Array(160).fill(value) });
    await delay(Math.max(0, startMs + (i + 1) * frameMs - performance.now()));
  }
}

function event(number: number, duration: number, end: boolean): Uint8Array {
  return Uint8Array.from([number, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
}

const stories: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "sound goes through block by block, unchanged": async ({
    attach,
    left,
    right,
    peers: [talker, listener],
  }) => {
    const from = await attach(left, talker);
    await attach(right, listener);
    const values = Array.from({ length: 50 }, (_, i) => i + 1);
    await talk(talker, from.port, values);
    // What stays behind at the end is the delay of a playout buffer.
    await talk(talker, from.port, [51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
    await listener.heard(50);
    const packets = listener.packets.slice(0, 50);
    const [first] = packets;
    assert.ok(first?.marker);
    assert.deepEqual(
      packets.map(({ payload }) => [payload.length, payload[0]]),
      values.map((value) => [160, value]),
    );
    for (const [i, packet] of packets.entries()) {
      assert.equal(packet.sequence, (first.sequence + i) & 0xffff);
      assert.equal(packet.timestamp, (first.timestamp + 160 * i) >>> 0);
      assert.equal(packet.payloadType, 8);
    }
  },

  "an attach is answered alike, and so is the second": async ({ attach, left, peers: [one, other] }) => {
    const first = await attach(left, one);
    assert.deepEqual(first.names.slice(-3), ["localip", "localport", "rtpid"]);
    assert.match(first.rtpid, /^yrtp\/\d+$/);
    assert.equal(Number(first.port) % 2, 0);
    const second = await attach(left, other);
    assert.deepEqual([second.port, second.rtpid], [first.port, first.rtpid]);
  },

  "a key is told once, at its end": async ({ yate, attach, left, peers: [talker] }) => {
    const from = await attach(left, talker);
    const told: string[][] = [];
    const watching = yate.watches("chan.dtmf");
    const collect = async (): Promise<void> => {
      for await (const { params } of watching) {
        if (params.get("id") !== left) continue;
        const names = ["id", "text", "detected", "sequence", "duplicate"];
        told.push(names.map((name) => `${name}=${params.get(name)}`));
      }
    };
    collect().catch(() => {});
    await yate.setlocal("engine.version");
    await talk(talker, from.port, [1, 2, 3]);
    for (const [duration, end] of [
      [160, false],
      [320, false],
      [480, true],
      [480, true],
      [480, true],
    ] as const) {
      talker.talk(from.port, { payloadType: 101, timestamp: 90_000, payload: event(11, duration, end) });
      await delay(frameMs);
    }
    await delay(200);
    assert.deepEqual(told, [[`id=${left}`, "text=#", "detected=rfc2833", "sequence=1", "duplicate=false"]]);
  },

  "a key goes out as one event in the place of the sound": async (stage) => {
    const { yate, attach, as, left, right, peers } = stage;
    const to = await attach(left, peers[0]);
    await as(right, "chan.attach", { source: "tone/dial" });
    await peers[0].heard(5);
    const answer = await yate.msg("chan.dtmf", { targetid: to.rtpid, text: "7", duration: "800" }).dispatch();
    assert.equal(answer.handled, true);
    await delay(400);
    const events = peers[0].packets.filter(({ payloadType }) => payloadType === 101);
    const [first] = events;
    assert.ok(first?.marker);
    assert.equal(new Set(events.map(({ timestamp }) => timestamp)).size, 1);
    assert.deepEqual(
      [...(events.at(-1)?.payload ?? [])].map((byte, at) => (at === 1 ? byte & 0x80 : byte)),
      [7, 0x80, 800 >> 8, 800 & 0xff],
    );
    assert.equal(peers[0].packets.at(-1)?.payloadType, 8, "sound again");
  },

  "the end is answered with the figures, and detaching is not handled as ever": async (stage) => {
    const { yate, attach, as, left, peers } = stage;
    const from = await attach(left, peers[0]);
    await talk(peers[0], from.port, [1, 2, 3]);
    const moved = await yate
      .msg("chan.rtp", { rtpid: from.rtpid, remoteip: "127.0.0.1", remoteport: String(peers[1].port) })
      .dispatch();
    assert.deepEqual([moved.handled, moved.get("status")], [true, "updated"]);
    const ended = await yate.msg("chan.rtp", { rtpid: from.rtpid, terminate: "true" }).dispatch();
    assert.deepEqual([ended.handled, ended.get("status")], [true, "terminated"]);
    assert.equal(ended.get("stats"), "PS=0,OS=0,PR=3,OR=480,PL=0");
    const detached = await as(left, "chan.attach", { source: "-", consumer: "-" });
    assert.equal(detached.handled, false);
  },

  "the first sound decides where the answer goes, strangers are not heard": async (stage) => {
    const { attach, as, left, right, peers } = stage;
    const [told, real] = peers;
    const to = await attach(left, told);
    await talk(real, to.port, [1, 2, 3]);
    await as(right, "chan.attach", { source: "tone/dial" });
    await real.heard(3);
    assert.deepEqual(told.packets, []);
  },

  "the status line tells the sessions": async ({ yate, attach, left, peers: [peer] }) => {
    const { rtpid } = await attach(left, peer);
    const status = await yate.msg("engine.status", { module: "yrtp" }).dispatch();
    assert.equal(status.handled, true);
    assert.match(status.retvalue, /^name=yrtp,type=misc;chans=\d+,mirrors=0;/);
    assert.ok(status.retvalue.includes(`${rtpid}=${left}`));
  },
};

async function play(yate: Yate, story: (stage: Stage) => Promise<void>): Promise<void> {
  const peers = [await createPeer(), await createPeer()] as const;
  const call = await yate.msg("call.execute", { callto: "dumb/a", target: "t", direct: "dumb/b" }).dispatch();
  const left = call.get("id") ?? "";
  const right = call.get("targetid") || (call.get("peerid") ?? "");
  const as: Stage["as"] = (id, message, params) =>
    yate.msg("chan.masquerade", { id, message, ...params }).dispatch();
  try {
    await story({
      yate,
      left,
      right,
      peers,
      as,
      async attach(id, peer, params = {}) {
        const answer = await as(id, "chan.attach", {
          source: "rtp/app",
          consumer: "rtp/app",
          remoteip: "127.0.0.1",
          remoteport: String(peer.port),
          format: "alaw",
          ...params,
        });
        assert.equal(answer.handled, true);
        return {
          port: answer.get("localport") ?? "",
          rtpid: answer.get("rtpid") ?? "",
          names: [...answer.params].map(([name]) => name).filter((name) => name !== "handlers"),
        };
      },
    });
  } finally {
    await yate.msg("call.drop", { id: left }).dispatch();
    for (const peer of peers) peer.close();
    yate.abort();
  }
}

function check(connection: () => Promise<Yate>): void {
  for (const [promise, story] of Object.entries(stories)) {
    it(promise, { timeout: 20_000 }, async () => play(await connection(), story));
  }
}

describe("RTP of the embedded engine", () => {
  let engine: EmbeddedEngine;
  before(async () => {
    engine = await createEngine();
  });
  after(() => engine.stop());
  check(async () => engine.connect());
});

describe("the same RTP of a real YATE", { skip: whyNoYate() ?? false }, () => {
  let real: RunningYate;
  before(async () => {
    real = await startYate({ modules: ["extmodule", "dumbchan", "tonegen", "pbx", "yrtpchan"] });
  });
  after(() => real?.stop());
  check(() => connect(real.tcp));
});
