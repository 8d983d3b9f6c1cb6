import assert from "node:assert/strict";
import { test } from "node:test";
import { createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";

const timed = { timeout: 20_000 };

async function session(
  bench: RtpBench,
  peer: RtpPeer | undefined,
  message: "chan.attach" | "chan.rtp",
  params: Record<string, string | number | boolean> = {},
): Promise<{ id: string; other: string; rtpid: string; port: string }> {
  const [id, other] = await bench.pair();
  const kind =
    message === "chan.attach"
      ? { source: "rtp/x", consumer: "rtp/x" }
      : { media: "audio", direction: "bidir" };
  const answer = await (message === "chan.rtp" ? bench.about : bench.as)(id, message, {
    ...kind,
    remoteip: "127.0.0.1",
    ...(peer ? { remoteport: peer.port } : {}),
    format: "alaw",
    ...params,
  });
  assert.equal(answer.handled, true, answer.params.reason);
  return { id, other, rtpid: answer.params.rtpid ?? "", port: answer.params.localport ?? "" };
}

test("sound from another address than was told is answered there", timed, async () => {
  await using bench = await createRtpBench();
  const [told, real, stranger] = [await bench.peer(), await bench.peer(), await bench.peer()];
  const { other, rtpid, port } = await session(bench, told, "chan.attach");
  await bench.as(other, "chan.attach", { source: "tone/dial" });
  real.talk(port);
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  stranger.talk(port, { ssrc: 5 });
  real.talk(port);
  await bench.until("the next came", () => bench.figures(rtpid).received === 2);
  assert.equal(bench.figures(rtpid).strangers, 1);
  await bench.pass(60);
  await real.heard(3);
  assert.deepEqual([told.packets.length, stranger.packets.length], [0, 0]);
});

test("with autoaddr off another address is a stranger's", timed, async () => {
  await using bench = await createRtpBench();
  const [told, other] = [await bench.peer(), await bench.peer()];
  const { rtpid, port } = await session(bench, told, "chan.attach", { autoaddr: false });
  other.talk(port);
  told.talk(port, { ssrc: 7 });
  await bench.until("the right one came", () => bench.figures(rtpid).received === 1);
  assert.equal(bench.figures(rtpid).strangers, 1);
});

test("a stranger is named in the log once a minute, not once a packet", timed, async () => {
  await using bench = await createRtpBench("[timeouts]\ntimeout=0\n");
  const [peer, stranger] = [await bench.peer(), await bench.peer()];
  const { rtpid, port } = await session(bench, peer, "chan.attach");
  peer.talk(port);
  const flood = async (total: number): Promise<void> => {
    for (let i = bench.figures(rtpid).strangers; i < total; i++) stranger.talk(port);
    await bench.until("the flood came", () => bench.figures(rtpid).strangers === total);
  };
  await bench.until("the peer came", () => bench.figures(rtpid).received === 1);
  await flood(50);
  await bench.pass(59_000);
  await flood(60);
  const lines = (): string[] => bench.logged.filter((line) => line.includes("stranger"));
  assert.equal(lines().length, 1);
  assert.match(lines()[0] ?? "", new RegExp(`127\\.0\\.0\\.1:${stranger.port}`));
  await bench.pass(1000);
  await flood(61);
  assert.equal(lines().length, 2);
  assert.match(lines()[1] ?? "", /: 60 since/);
});

test("silence is told in the log once, and the call goes on", timed, async () => {
  await using bench = await createRtpBench();
  const peer = await bench.peer();
  const { id } = await session(bench, peer, "chan.rtp");
  const lines = (): string[] => bench.logged.filter((line) => line.includes("nothing has come"));
  await bench.pass(2960);
  assert.deepEqual(lines(), []);
  await bench.pass(60);
  assert.equal(lines().length, 1);
  await bench.pass(10_000);
  assert.equal(lines().length, 1);
  assert.ok(bench.engine.endpoints.has(id));
  assert.deepEqual(bench.all("call.drop"), []);
});

test("notifymsg tells of silence: at the beginning, and later where that is wanted", timed, async () => {
  await using bench = await createRtpBench(
    "[timeouts]\ntimeout=1000\nnotifymsg=chan.notify\nwarnlater=yes\n",
  );
  const peer = await bench.peer();
  const { id, rtpid, port } = await session(bench, peer, "chan.attach");
  await bench.pass(1020);
  assert.deepEqual(bench.all("chan.notify"), [{ id, reason: "nomedia", event: "timeout", initial: "true" }]);
  await bench.pass(5000);
  assert.equal(bench.all("chan.notify").length, 1, "not again before the next packet");
  peer.talk(port);
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await bench.pass(1040);
  assert.equal(bench.all("chan.notify")[1]?.initial, "false");
});

test("later silence is not told by default, nor any with timeout=0", timed, async () => {
  await using bench = await createRtpBench("[timeouts]\nnotifymsg=chan.notify\n");
  const peer = await bench.peer();
  const { rtpid, port } = await session(bench, peer, "chan.attach");
  await session(bench, peer, "chan.attach", { timeout: 0 });
  peer.talk(port);
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await bench.pass(20_000);
  assert.deepEqual(bench.all("chan.notify"), []);
});

test(
  "the call of a phone that has gone is dropped; apps, and phones on hold, may be silent",
  timed,
  async () => {
    await using bench = await createRtpBench("[timeouts]\ndeadtimeout=5000\n");
    const peer = await bench.peer();
    const phone = await session(bench, peer, "chan.rtp");
    const held = await session(bench, peer, "chan.rtp", { sdp_sendonly: "" });
    const app = await session(bench, peer, "chan.attach");
    await bench.pass(4960);
    assert.deepEqual(bench.all("call.drop"), []);
    await bench.pass(1000);
    assert.deepEqual(bench.all("call.drop"), [{ id: phone.id, reason: "nomedia" }]);
    assert.equal(bench.engine.endpoints.has(phone.id), false);
    assert.ok(bench.engine.endpoints.has(held.id));
    assert.ok(bench.engine.endpoints.has(app.id));
    await bench.pass(10_000);
    assert.equal(bench.all("call.drop").length, 1);
  },
);

test(
  "reports go out while sound flows, and say goodbye; the peer's count as a sign of life",
  timed,
  async () => {
    await using bench = await createRtpBench("[timeouts]\ndeadtimeout=15000\n");
    const [peer, other] = [await bench.peer(), await bench.peer()];
    const phone = await session(bench, peer, "chan.rtp");
    await bench.as(phone.other, "chan.attach", { source: "tone/dial" });
    await bench.pass(10_000);
    await bench.until("a report came", () => peer.reports.length > 0);
    const [report] = peer.reports[0] ?? [];
    assert.equal(report?.kind, "sender-report");
    // Sent from the right address, by somebody else: receiver report of 8 bytes.
    peer.report(phone.port, Uint8Array.from([0x80, 201, 0, 1, 0x12, 0x34, 0x56, 0x78]));
    other.talk(phone.port, { payloadType: 99 });
    await bench.until("that after it came", () => bench.figures(phone.rtpid).strangers === 1);
    await new Promise((resolve) => setImmediate(resolve));
    await bench.pass(10_000);
    assert.deepEqual(bench.all("call.drop"), []);
    await bench.pass(6000);
    assert.equal(bench.all("call.drop").length, 1);
    await bench.until("BYE came", () => peer.reports.flat().some(({ kind }) => kind === "goodbye"));
  },
);

test("packets out of order are heard in order, a gap is counted as lost", timed, async () => {
  await using bench = await createRtpBench();
  const [talker, listener] = [await bench.peer(), await bench.peer()];
  const { other, rtpid, port } = await session(bench, talker, "chan.attach", { minjitter: 60 });
  await bench.as(other, "chan.attach", {
    consumer: "rtp/x",
    remoteip: "127.0.0.1",
    remoteport: listener.port,
    format: "alaw",
  });
  const order = [0, 2, 1, 3, 5, 4, 6, 8];
  for (const at of order) {
    talker.talk(port, {
      sequence: 100 + at,
      timestamp: 1000 + 160 * at,
      payload: new Uint8Array(160).fill(at + 1),
    });
  }
  await bench.until("they came", () => bench.figures(rtpid).received === order.length);
  await bench.pass(300);
  assert.equal(bench.figures(rtpid).lost, 1);
  assert.equal(bench.figures(rtpid).reordered, 2);
  await listener.heard(8);
  const heard = listener.packets.map(({ payload }) => payload[0]);
  assert.deepEqual(heard.slice(0, 7), [1, 2, 3, 4, 5, 6, 7]);
});

test("a source that jumps far is heard again after some packets in sequence", timed, async () => {
  await using bench = await createRtpBench();
  const peer = await bench.peer();
  const { rtpid, port } = await session(bench, peer, "chan.attach");
  for (let i = 0; i < 3; i++) peer.talk(port);
  await bench.until("they came", () => bench.figures(rtpid).received === 3);
  for (let i = 0; i < 8; i++) peer.talk(port, i === 0 ? { sequence: 30_000, timestamp: 900_000 } : {});
  await bench.until("it is heard again", () => bench.figures(rtpid).received >= 8);
});

test("a peer that cannot be reached costs one line in the log", timed, async () => {
  await using bench = await createRtpBench();
  const [id, other] = await bench.pair();
  const answer = await bench.as(id, "chan.attach", {
    consumer: "rtp/x",
    localip: "127.0.0.1",
    remoteip: "192.0.2.1",
    remoteport: 4000,
    format: "alaw",
  });
  assert.equal(answer.handled, true);
  await bench.as(other, "chan.attach", { source: "tone/dial" });
  await bench.pass(200);
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(bench.logged.filter((line) => line.includes("cannot send to 192.0.2.1")).length <= 1);
});

test("when the engine stops its sessions end", timed, async () => {
  const bench = await createRtpBench();
  const peer = await bench.peer();
  const { rtpid } = await session(bench, peer, "chan.attach");
  await bench[Symbol.asyncDispose]();
  assert.equal(bench.module.figures(rtpid), undefined);
});

/** The same bytes each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever is thrown at its ports, a session goes on", timed, async () => {
  await using bench = await createRtpBench("[timeouts]\ntimeout=0\n");
  const peer = await bench.peer();
  const { rtpid, port } = await session(bench, peer, "chan.attach");
  const random = noise(7);
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 25; i++) {
      const size = random() < 0.02 ? 9000 : Math.floor(random() * 260);
      const bytes = Uint8Array.from({ length: size }, () => random() * 256);
      if (random() < 0.7) bytes[0] = 0x80 | (random() < 0.3 ? Math.floor(random() * 64) : 0);
      if (random() < 0.7) bytes[1] = [8, 101, 13, 0x88, 200, 201, 203][Math.floor(random() * 7)] ?? 8;
      if (random() < 0.5) peer.raw(port, bytes);
      else peer.report(port, bytes);
    }
    await bench.pass(20);
  }
  const before = bench.figures(rtpid).received;
  for (let i = 0; i < 10; i++) peer.talk(port);
  await bench.until("sound is heard again", () => bench.figures(rtpid).received >= before + 5);
  await bench.pass(200);
  assert.deepEqual(
    bench.logged.filter((line) => /failed|taken off/.test(line)),
    [],
  );
});
