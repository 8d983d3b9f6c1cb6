import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals } from "./arrivals.ts";

const maxMs = 60_000;
const block = 160;
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 1 + (Math.floor(i / block) % 200));

/** Where each block lies, in milliseconds; -1 for one that is not there. */
function placesOf(sound: Uint8Array, blocks: number): number[] {
  const all = bytes(blocks * block);
  return Array.from({ length: blocks }, (_, i) =>
    Math.round(Buffer.from(sound).indexOf(all.subarray((i + 1) * block - 1, (i + 1) * block)) / 8),
  );
}

function place(atMs: readonly number[], lookMs = 0) {
  const arrivals = new Arrivals();
  for (const [i, at] of atMs.entries()) arrivals.note((i + 1) * block, at, at - lookMs);
  return arrivals.place(bytes(atMs.length * block), 1000, maxMs);
}

test("what comes after a pause lies after the pause, and the first piece after what was before it", () => {
  const { sound, errorMs } = place([1500, 1520, 1540, 3000, 3020, 3900]);
  assert.deepEqual(placesOf(sound, 6), [500, 520, 540, 2000, 2020, 2900]);
  assert.equal(sound.length, 2920 * 8);
  assert.equal(errorMs, 0);
  assert.ok(sound.subarray(0, 4000).every((byte) => byte === 0xd5));
});

test("a block that is a little late, or held up and followed by those that waited with it, makes no pause", () => {
  const { sound } = place([1000, 1035, 1040, 1095, 1080, 1250, 1250, 1251, 1251, 1252, 1253, 1254, 1260]);
  assert.deepEqual(
    placesOf(sound, 13),
    Array.from({ length: 13 }, (_, i) => i * 20),
  );
});

test("short pauses add up to no more than the slack", () => {
  const atMs = Array.from({ length: 100 }, (_, i) => 1000 + i * 20 + Math.floor(i / 5) * 15);
  const { sound } = place(atMs);
  for (const [i, at] of placesOf(sound, 100).entries())
    assert.ok(Math.abs(1000 + at - (atMs[i] ?? 0)) <= 60, `block ${i} at ${at}`);
});

test("a sender that is faster than the clock does not run away from it", () => {
  const atMs = Array.from({ length: 400 }, (_, i) => 1000 + i * 19.5);
  const { sound } = place(atMs);
  assert.ok(sound.length / 8 < 399 * 19.5 + 80, `${sound.length / 8} ms`);
});

test("who looks seldom knows times only so well, and says so", () => {
  assert.equal(place([1000, 1020, 2000], 150).errorMs, 150);
});

test("a sound is never longer than asked", () => {
  const arrivals = new Arrivals();
  arrivals.note(block, 1000);
  arrivals.note(2 * block, 9_000_000);
  assert.equal(arrivals.place(bytes(2 * block), 1000, 5000).sound.length, 40_000);
});
