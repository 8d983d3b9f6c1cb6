import assert from "node:assert/strict";
import { test } from "node:test";
import { createRtpReceiver, isGood, type RtpReceiver, type RtpReceiverOptions } from "./index.ts";

const payload = new Uint8Array(160);

function receiverOf(options: Partial<RtpReceiverOptions> = {}): RtpReceiver {
  return createRtpReceiver({ accepts: (type) => type === 0 || type === 101, ...options });
}

/** Feeds packets of 20 ms by their sequence numbers; what each is taken for. */
function feed(receiver: RtpReceiver, sequences: readonly number[], ssrc = 1, payloadType = 0): string[] {
  return sequences.map((sequence, i) =>
    receiver.receive(
      { marker: false, payloadType, sequence, timestamp: sequence * 160, ssrc, payload },
      i * 20,
    ),
  );
}

test("packets in sequence are next, over the end of the numbers too, and none counts as lost", () => {
  const receiver = receiverOf();
  const sequences = Array.from({ length: 70_000 }, (_, i) => (65_000 + i) & 0xffff);
  assert.ok(feed(receiver, sequences).every((verdict) => verdict === "next"));
  assert.equal(receiver.figures.lost, 0);
  assert.equal(receiver.figures.packets, 70_000);
  assert.equal(receiver.figures.octets, 70_000 * 160);
  assert.equal(receiver.report()?.extendedSequence, 65_000 + 69_999);
});

test("a hole is lost until it is filled, and a second filling is a duplicate", () => {
  const receiver = receiverOf();
  assert.deepEqual(feed(receiver, [10, 11, 14]), ["next", "next", "next"]);
  assert.equal(receiver.figures.lost, 2);
  assert.deepEqual(feed(receiver, [12, 12, 14, 11, 13]), [
    "reordered",
    "duplicate",
    "duplicate",
    "duplicate",
    "reordered",
  ]);
  const { lost, duplicates, reordered } = receiver.figures;
  assert.deepEqual([lost, duplicates, reordered], [0, 3, 2]);
});

test("packets change places around the end of the numbers", () => {
  const receiver = receiverOf();
  assert.deepEqual(feed(receiver, [65_534, 1, 65_535, 0, 65_535]), [
    "next",
    "next",
    "reordered",
    "reordered",
    "duplicate",
  ]);
  assert.equal(receiver.figures.lost, 0);
});

test("a jump is a stray until a packet follows it, then a new beginning (RFC 3550 A.1)", () => {
  const receiver = receiverOf();
  assert.deepEqual(feed(receiver, [100, 101, 30_000, 102, 40_000, 40_002, 40_003, 40_004]), [
    "next",
    "next",
    "stray",
    "next",
    "stray",
    "stray",
    "restart",
    "next",
  ]);
  assert.equal(receiver.figures.lost, 0);
  assert.equal(receiver.figures.strays, 3);
});

test("another source takes over with its second packet in sequence when the present one is silent", () => {
  const receiver = receiverOf();
  feed(receiver, [1, 2, 3]);
  assert.deepEqual(feed(receiver, [500], 2), ["stranger"]);
  assert.deepEqual(feed(receiver, [501], 2), ["restart"]);
  assert.deepEqual(feed(receiver, [502], 2), ["next"]);
  assert.equal(receiver.ssrc, 2);
  assert.deepEqual(feed(receiver, [4], 1), ["stranger"]);
});

test("a stranger cannot take over from a source that goes on", () => {
  const receiver = receiverOf();
  for (let i = 1; i < 100; i++) {
    assert.deepEqual(feed(receiver, [i], 1), ["next"]);
    assert.deepEqual(feed(receiver, [1000 + i], 2), ["stranger"]);
  }
  assert.equal(receiver.ssrc, 1);
});

test("without anySsrc no other source takes over, but for the once after a new address", () => {
  const receiver = receiverOf({ anySsrc: false });
  feed(receiver, [1, 2]);
  assert.deepEqual(feed(receiver, [500, 501, 502], 2), ["stranger", "stranger", "stranger"]);
  receiver.resynchronize();
  assert.deepEqual(feed(receiver, [503, 504], 2), ["restart", "next"]);
});

test("a payload type that is not the session's is neither heard nor lost, and makes nobody the source", () => {
  const receiver = receiverOf();
  assert.deepEqual(feed(receiver, [9], 7, 50), ["payload"]);
  assert.equal(receiver.ssrc, undefined);
  feed(receiver, [1]);
  assert.deepEqual(feed(receiver, [2], 1, 50), ["payload"]);
  feed(receiver, [3]);
  const { lost, wrongPayload, packets } = receiver.figures;
  assert.deepEqual([lost, wrongPayload, packets], [0, 2, 2]);
});

test("jitter is that of RFC 3550 A.8: 0 for an even stream, near the mean difference for an uneven one", () => {
  const even = receiverOf();
  const uneven = receiverOf();
  for (let i = 0; i < 500; i++) {
    const packet = { marker: false, payloadType: 0, sequence: i, timestamp: i * 160, ssrc: 1, payload };
    even.receive(packet, i * 20);
    uneven.receive(packet, i * 20 + (i % 2) * 10);
  }
  assert.equal(even.figures.jitterMs, 0);
  assert.ok(Math.abs(uneven.figures.jitterMs - 10) < 0.1);
  assert.equal(uneven.report()?.jitter, 79);
});

test("a report tells the loss since the one before, in 1/256", () => {
  const receiver = receiverOf();
  assert.equal(receiver.report(), undefined);
  feed(receiver, [1, 2, 3, 4]);
  assert.equal(receiver.report()?.fractionLost, 0);
  feed(receiver, [5, 8]);
  const report = receiver.report();
  assert.deepEqual([report?.fractionLost, report?.cumulativeLost], [128, 2]);
  assert.equal(receiver.report()?.fractionLost, 0);
});

test("no numbers make it fail, and what is good is as many as it counts", () => {
  const receiver = receiverOf();
  let state = 1;
  let good = 0;
  for (let i = 0; i < 100_000; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const sequence = state % 10 < 5 ? i & 0xffff : state >>> 16;
    const ssrc = (state >>> 3) % 50 === 0 ? 2 : 1;
    const packet = { marker: false, payloadType: 0, sequence, timestamp: state, ssrc, payload };
    if (isGood(receiver.receive(packet, i))) good++;
  }
  assert.equal(receiver.figures.packets, good);
  for (const value of Object.values(receiver.figures)) assert.ok(value >= 0 && Number.isFinite(value));
});
