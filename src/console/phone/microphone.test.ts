import assert from "node:assert/strict";
import { it } from "node:test";
import type { SoundFrame } from "../protocol.ts";
import { Microphone } from "./microphone.ts";

const frame = (
  position: number,
  samples: Int16Array = new Int16Array(160),
  rateHz: 8000 | 16_000 = 8000,
): SoundFrame => ({ line: 1, rateHz, position: position >>> 0, samples });

function sine(count: number, rateHz: number, hz: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
}

it("what is said comes out as it went in", () => {
  const microphone = new Microphone();
  const sound = sine(160, 8000, 440);
  assert.deepEqual(microphone.take(frame(0, sound), 5), { samples: sound, atMs: 5 });
});

it("sound of 16 kHz comes out at 8, without what 8 cannot hold", () => {
  const [low, high] = [new Microphone(), new Microphone()];
  const [deep, shrill] = [sine(16_000, 16_000, 300), sine(16_000, 16_000, 6000)];
  let heard = 0;
  let highest = 0;
  for (let i = 0; i < 50; i++) {
    const part = (sound: Int16Array): SoundFrame =>
      frame(i * 320, sound.subarray(i * 320, (i + 1) * 320), 16_000);
    const { samples } = low.take(part(deep), i * 20);
    assert.equal(samples.length, 160);
    for (const sample of samples) heard = Math.max(heard, Math.abs(sample));
    // Its beginning is a step, which has all frequencies.
    const rest = high.take(part(shrill), i * 20).samples;
    if (i > 1) for (const sample of rest) highest = Math.max(highest, Math.abs(sample));
  }
  assert.ok(heard > 7000, `${heard}`);
  assert.ok(highest < 80, `${highest}`);
});

it("frames that come unevenly were said evenly, also over the end of the count", () => {
  const microphone = new Microphone();
  const start = 2 ** 32 - 160 * 20;
  const times: number[] = [];
  for (let i = 0; i < 100; i++)
    times.push(microphone.take(frame(start + i * 160), 1000 + i * 20 + ((i * 37) % 50)).atMs);
  times.forEach((atMs, i) => {
    if (i > 0) assert.ok(Math.abs(atMs - (times[i - 1] ?? 0) - 20) < 0.5, `${atMs} after ${times[i - 1]}`);
  });
});

it("follows a sound card whose clock is fast or slow, without a jump", () => {
  for (const ppm of [300, -300]) {
    const microphone = new Microphone();
    let last = Number.NaN;
    for (let i = 0; i < 90_000; i++) {
      const nowMs = (i * 20) / (1 + ppm / 1e6);
      const { atMs } = microphone.take(frame(i * 160), nowMs);
      assert.ok(Math.abs(atMs - nowMs) < 5, `${atMs} at ${nowMs}`);
      if (i > 0) assert.ok(Math.abs(atMs - last - 20) < 0.2);
      last = atMs;
    }
  }
});

it("a page that stood still, or is another one, begins anew", () => {
  const microphone = new Microphone();
  microphone.take(frame(0), 0);
  assert.equal(microphone.take(frame(160), 5000).atMs, 5000);
  assert.equal(microphone.take(frame(1_000_000), 5020).atMs, 5020);
  assert.equal(microphone.take(frame(0), 5040).atMs, 5040);
});
