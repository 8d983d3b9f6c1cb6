import assert from "node:assert/strict";
import { test } from "node:test";
import { createRtpBench, type RtpBench, type RtpPeer } from "../../../test/rtp-bench.ts";

const timed = { timeout: 20_000 };

async function attached(
  bench: RtpBench,
  id: string,
  peer: RtpPeer,
  params: Record<string, string | number> = {},
): Promise<{ rtpid: string; localport: string }> {
  const answer = await bench.as(id, "chan.attach", {
    source: "rtp/app",
    consumer: "rtp/app",
    remoteip: "127.0.0.1",
    remoteport: peer.port,
    format: "alaw",
    ...params,
  });
  assert.equal(answer.handled, true);
  return { rtpid: answer.params.rtpid ?? "", localport: answer.params.localport ?? "" };
}

function event(number: number, duration: number, end = false): Uint8Array {
  return Uint8Array.from([number, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
}

/** The packets of one key press, its end three times. */
function press(peer: RtpPeer, port: string, number: number, timestamp: number, payloadType = 101): void {
  for (const duration of [160, 320, 480]) {
    peer.talk(port, { payloadType, timestamp, payload: event(number, duration), marker: duration === 160 });
  }
  for (let i = 0; i < 3; i++) peer.talk(port, { payloadType, timestamp, payload: event(number, 640, true) });
}

function digits(bench: RtpBench): string {
  return bench
    .all("chan.dtmf")
    .map(({ text }) => text)
    .join("");
}

test("a key is told once, at its end, under its channel", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer);
  for (const duration of [160, 320])
    peer.talk(localport, { payloadType: 101, timestamp: 8000, payload: event(5, duration) });
  await bench.until("they came", () => bench.figures(rtpid).received === 2);
  await bench.pass(0);
  assert.equal(digits(bench), "", "not before its end");
  for (let i = 0; i < 3; i++)
    peer.talk(localport, { payloadType: 101, timestamp: 8000, payload: event(5, 480, true) });
  await bench.until("its end came", () => bench.figures(rtpid).received === 5);
  await bench.pass(20);
  const told = bench.all("chan.dtmf");
  assert.equal(told.length, 1);
  const names = Object.keys(told[0] ?? {});
  assert.deepEqual(names.slice(0, 5), ["id", "text", "detected", "sequence", "duplicate"]);
  assert.equal(told[0]?.id, left);
  assert.equal(told[0]?.detected, "rfc2833");
  assert.equal(told[0]?.sequence, "1");
  assert.equal(told[0]?.duplicate, "false");
});

test("all keys and flash have their names", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer);
  for (let number = 0; number <= 16; number++) {
    press(peer, localport, number, 10_000 + number * 1600);
    await bench.until("they came", () => bench.figures(rtpid).received === 6 * (number + 1));
  }
  await bench.pass(20);
  assert.equal(digits(bench), "0123456789*#ABCDF");
});

test("the same key twice is two keys; events of no key are nothing", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer);
  press(peer, localport, 7, 8000);
  press(peer, localport, 7, 12_000);
  press(peer, localport, 36, 16_000);
  await bench.until("they came", () => bench.figures(rtpid).received === 18);
  await bench.pass(20);
  assert.equal(digits(bench), "77");
});

test("a key whose end is lost is told when nothing more comes", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer);
  peer.talk(localport, { payloadType: 101, timestamp: 8000, payload: event(9, 160) });
  await bench.until("it came", () => bench.figures(rtpid).received === 1);
  await bench.pass(280);
  assert.equal(digits(bench), "");
  await bench.pass(60);
  assert.equal(digits(bench), "9");
});

test("keys of another event payload are heard where that was agreed on", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer, { evpayload: 96 });
  press(peer, localport, 1, 8000, 101);
  press(peer, localport, 2, 16_000, 96);
  await bench.until("they came", () => bench.figures(rtpid).received === 6);
  await bench.pass(20);
  assert.equal(digits(bench), "2");
});

/** The key presses that came, as [event, packets, ends, last duration]. */
function presses(peer: RtpPeer): number[][] {
  const byTimestamp = new Map<number, number[]>();
  for (const { payloadType, timestamp, payload } of peer.packets) {
    if (payloadType !== 101) continue;
    const [number = 0, flags = 0, high = 0, low = 0] = payload;
    const before = byTimestamp.get(timestamp) ?? [number, 0, 0, 0];
    byTimestamp.set(timestamp, [
      number,
      (before[1] ?? 0) + 1,
      (before[2] ?? 0) + (flags & 0x80 ? 1 : 0),
      (high << 8) | low,
    ]);
  }
  return [...byTimestamp.values()];
}

test("keys go out complete and one after the other, without any sound flowing", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { rtpid } = await attached(bench, left, peer);
  const answer = await bench.send("chan.dtmf", { targetid: rtpid, text: "1#d" });
  assert.equal(answer.handled, true);
  const [first] = await peer.heard(1);
  assert.equal(first?.marker, true, "the first packet goes at once");
  await bench.pass(1500);
  await bench.until("all ended", () => presses(peer).filter(([, , ends]) => (ends ?? 0) >= 3).length === 3);
  assert.deepEqual(
    presses(peer).map(([number, , , duration]) => [number, duration]),
    [
      [1, 1600],
      [11, 1600],
      [15, 1600],
    ],
  );
  const sequences = peer.packets.map(({ sequence }) => sequence);
  for (const [i, sequence] of sequences.entries())
    assert.equal(sequence, ((sequences[0] ?? 0) + i) & 0xffff, "each packet has its own number");
});

test("a key takes the place of the sound, which goes on after it", timed, async () => {
  await using bench = await createRtpBench();
  const [left, right] = await bench.pair();
  const peer = await bench.peer();
  const { rtpid } = await attached(bench, left, peer);
  await bench.as(right, "chan.attach", { source: "tone/dial" });
  await bench.pass(100);
  await bench.send("chan.dtmf", { targetid: rtpid, text: "5", duration: 800 });
  await bench.pass(400);
  const [[number, , ends, duration] = []] = presses(peer);
  assert.deepEqual([number, duration], [5, 800]);
  assert.ok((ends ?? 0) >= 2);
  const kinds = peer.packets.map(({ payloadType }) => payloadType);
  const firstEvent = kinds.indexOf(101);
  const lastEvent = kinds.lastIndexOf(101);
  assert.ok(firstEvent > 0 && lastEvent < kinds.length - 5);
  assert.ok(
    kinds.slice(firstEvent, lastEvent).every((type) => type === 101),
    "no sound in between",
  );
  const before = peer.packets[firstEvent - 1];
  const after = peer.packets[lastEvent + 1];
  assert.ok(before && after);
  const gap = (after.timestamp - before.timestamp) >>> 0;
  assert.ok(gap >= 960 && gap <= 1600, `the timestamps have gone on by ${gap}`);
});

test("a key for a session that does not exist is left to others", timed, async () => {
  await using bench = await createRtpBench();
  assert.equal((await bench.send("chan.dtmf", { targetid: "yrtp/1", text: "1" })).handled, false);
});

test("a key from the attached channel goes to its peer, not to the app", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { rtpid } = await attached(bench, left, peer);
  await bench.as(left, "chan.dtmf", { text: "4" });
  await bench.pass(100);
  assert.equal(bench.figures(rtpid).sent, 0);
});

test("a flood of keys is no flood of messages", timed, async () => {
  await using bench = await createRtpBench();
  const [left] = await bench.pair();
  const peer = await bench.peer();
  const { localport, rtpid } = await attached(bench, left, peer);
  for (let i = 0; i < 500; i++) {
    peer.talk(localport, { payloadType: 101, timestamp: 8000 + 400 * i, payload: event(i % 10, 320, true) });
    if (i % 50 === 49) await bench.until("they came", () => bench.figures(rtpid).received === i + 1);
  }
  await bench.pass(20);
  assert.equal(digits(bench).length, 50);
  assert.equal(bench.logged.filter((line) => line.includes("faster than fingers")).length, 1);
});
