import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertSame,
  frameMs,
  joined,
  listen,
  type Packet,
  packetsOf,
  sent,
} from "../../test/simulated-sound.ts";

/** 2 s of sound; then for some time nothing, and 5 s whose timestamps tell only `toldMs` of it. */
function afterPause(pauseMs: number, toldMs: number): Packet[] {
  const before = packetsOf({ durationMs: 2000 });
  const after = packetsOf({
    durationMs: 5000,
    firstSequence: 1100,
    firstTimestamp: 5000 + (2000 + toldMs) * 8,
  });
  const later = after.map((packet) => ({ ...packet, arrivalMs: packet.arrivalMs + 2000 + pauseMs }));
  return [...before, ...later];
}

for (const [pauseMs, toldMs] of [
  [323, 0],
  [400, 77],
  [900, 20],
  [3000, 160],
] as const) {
  test(`a sender whose clock stood still for ${pauseMs - toldMs} of ${pauseMs} ms loses no sound, and has no more delay`, () => {
    const packets = afterPause(pauseMs, toldMs);
    const { frames, figures } = listen(packets);
    const heard = frames.filter((frame) => frame !== undefined);
    // What was made up at the pause, before it could be told from a loss, is not of the sender.
    const after = frames.findIndex((frame, i) => i > 110 && frame !== undefined);
    assertSame(joined(heard.slice(0, 100)), sent(packets.slice(0, 100)));
    assertSame(joined(frames.slice(after)).subarray(0, 40_000), sent(packets.slice(100)));
    assert.deepEqual([figures.late, figures.skipped, figures.inserted, figures.concealedMs], [0, 0, 0, 0]);
    assert.ok(figures.delayMs <= 45 && figures.targetMs <= 45, JSON.stringify(figures));
    const firstAfter = packets[100]?.arrivalMs ?? 0;
    assert.ok(7 + after * frameMs - firstAfter <= 65, `${7 + after * frameMs - firstAfter} ms`);
  });
}

test("a network that was jammed is still one: its packets come at once, and their timestamps count", () => {
  for (const jamMs of [100, 180]) {
    const jam = packetsOf({
      durationMs: 10_000,
      arrivals: (i, at) => [i > 200 && at < 4020 + jamMs ? 4020 + jamMs + (i - 200) * 0.2 : at],
    });
    const { figures } = listen(jam);
    const { playedMs, skipped, late, concealedMs, inserted, delayMs, targetMs } = figures;
    // Nothing was said in between but what came late: of that as much as there is time for is heard.
    assert.equal(playedMs + frameMs * (skipped + late), 10_000);
    assert.deepEqual([concealedMs, inserted], [60, 0]);
    assert.ok(delayMs < 60 && targetMs < 25, JSON.stringify(figures));
  }
});

test("the last packet before the end, kept or not, is heard", () => {
  const packets = afterPause(500, 0).slice(0, 101);
  const { frames } = listen(packets);
  const last = packets.at(-1)?.payload ?? new Uint8Array(0);
  assert.ok(frames.some((frame) => frame && Buffer.compare(frame, last) === 0));
});
