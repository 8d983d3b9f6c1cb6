import assert from "node:assert/strict";
import { test } from "node:test";
import { OutgoingSound } from "./outgoing-sound.ts";

const sound = (options: Partial<ConstructorParameters<typeof OutgoingSound>[0]> = {}): OutgoingSound =>
  new OutgoingSound({ lowWaterMs: 200, maxQueuedMs: 10_000, heardAfterMs: 40, ...options });

const samples = (ms: number, from = 1): Int16Array => Int16Array.from({ length: ms * 8 }, (_, i) => from + i);

test("pieces of any length come out as frames of 160, in order, the last one filled up with silence", async () => {
  const outgoing = sound({ lowWaterMs: 10_000 });
  let next = 1;
  for (const length of [1, 159, 160, 161, 7, 0, 333]) {
    await outgoing.write(Int16Array.from({ length }, () => next++));
  }
  const frames: Int16Array[] = [];
  for (let at = 0; ; at += 20) {
    const frame = outgoing.take(at);
    if (!frame) break;
    frames.push(frame);
  }
  assert.equal(frames.length, Math.ceil((next - 1) / 160));
  const all = frames.flatMap((frame) => [...frame]);
  assert.deepEqual(
    all.slice(0, next - 1),
    Array.from({ length: next - 1 }, (_, i) => i + 1),
  );
  assert.ok(all.slice(next - 1).every((value) => value === 0));
  assert.equal(outgoing.queuedMs, 0);
});

test("what is written may be changed afterwards", async () => {
  const outgoing = sound();
  const block = samples(20);
  await outgoing.write(block);
  block.fill(0);
  assert.equal(outgoing.take(0)?.[0], 1);
});

test("a mark is played when the sample before it was, plus the time of the way", async () => {
  const outgoing = sound();
  void outgoing.write(samples(30));
  const mark = outgoing.mark("a", 1000);
  let ended: unknown;
  void mark.then((end) => {
    ended = end;
  });
  outgoing.take(1000);
  outgoing.take(1020);
  outgoing.settleMarks(1069);
  await Promise.resolve();
  assert.equal(ended, undefined);
  outgoing.settleMarks(1070);
  assert.deepEqual(await mark, { kind: "played", name: "a", atMs: 1070 });
});

test("a mark with nothing before it is played at once, one on sound that is on its way when that is heard", async () => {
  const outgoing = sound();
  assert.deepEqual(await outgoing.mark("a", 500), { kind: "played", name: "a", atMs: 500 });
  void outgoing.write(samples(20));
  outgoing.take(500);
  const mark = outgoing.mark("b", 510);
  outgoing.clear();
  outgoing.settleMarks(560);
  assert.deepEqual(await mark, { kind: "played", name: "b", atMs: 560 });
});

test("clear and close settle all who wait", async () => {
  const outgoing = sound();
  const writing = outgoing.write(samples(500));
  const mark = outgoing.mark("a", 0);
  outgoing.take(0);
  assert.equal(outgoing.clear(), 480);
  assert.deepEqual(await writing, { kind: "cleared" });
  assert.deepEqual(await mark, { kind: "cleared", name: "a" });
  assert.equal(outgoing.clear(), 0);
  const again = outgoing.write(samples(500));
  const gone = outgoing.mark("b", 0);
  outgoing.close();
  assert.deepEqual(await again, { kind: "closed" });
  assert.deepEqual(await gone, { kind: "closed", name: "b" });
  assert.deepEqual(await outgoing.write(samples(20)), { kind: "closed" });
  assert.deepEqual(await outgoing.mark("c", 0), { kind: "closed", name: "c" });
  assert.equal(outgoing.take(0), undefined);
});

test("writers wait until little is queued; more than may be queued is refused whole", async () => {
  const outgoing = sound({ maxQueuedMs: 1000 });
  const writing = outgoing.write(samples(600));
  const refused = await outgoing.write(samples(500));
  assert.ok(refused.kind === "failed" && refused.error.code === "overflow");
  assert.equal(outgoing.queuedMs, 600);
  let at = 0;
  let written = false;
  void writing.then(() => {
    written = true;
  });
  while (!written) {
    outgoing.take(at);
    at += 20;
    await Promise.resolve();
  }
  assert.equal(outgoing.queuedMs, 180);
});
