import assert from "node:assert/strict";
import { it } from "node:test";
import { correlation } from "../../media/index.ts";
import { Microphone } from "./microphone.ts";

const frame = (
  position: number,
  samples: Int16Array,
  rateHz: 8000 | 16_000 = 8000,
): Parameters<Microphone["push"]>[0] => ({
  line: 1,
  rateHz,
  position,
  samples,
});

function sine(count: number, rateHz: number, hz: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
}

/** Frames of a sender whose clock is `ppm` fast, pulled by ours; returns the delay over time. */
function drift(microphone: Microphone, ppm: number, minutes: number): number[] {
  const levels: number[] = [];
  let dueMs = 5;
  let position = 0;
  for (let nowMs = 0; nowMs < minutes * 60_000; nowMs += 20) {
    for (; dueMs <= nowMs; dueMs += 20 / (1 + ppm / 1e6)) {
      microphone.push(frame(position, new Int16Array(160)));
      position += 160;
    }
    microphone.pull();
    levels.push(microphone.bufferedMs);
  }
  return levels;
}

it("what is said comes out as it went in, 20 ms at a time", () => {
  const microphone = new Microphone();
  const sound = sine(160 * 10, 8000, 440);
  for (let i = 0; i < 10; i++) {
    microphone.push(frame(i * 160, sound.subarray(i * 160, (i + 1) * 160)));
    assert.deepEqual(microphone.pull(), sound.slice(i * 160, (i + 1) * 160));
  }
  assert.equal(microphone.pull(), undefined);
  assert.equal(microphone.dry, 1);
});

it("sound of 16 kHz comes out at 8, without what 8 cannot hold", () => {
  const [low, high] = [new Microphone(), new Microphone()];
  const heard: number[] = [];
  let highest = 0;
  for (let i = 0; i < 50; i++) {
    low.push(frame(i * 320, sine(16_000, 16_000, 300).subarray(i * 320, (i + 1) * 320), 16_000));
    high.push(frame(i * 320, sine(16_000, 16_000, 6000).subarray(i * 320, (i + 1) * 320), 16_000));
    heard.push(...(low.pull() ?? []));
    // Its beginning is a step, which has all frequencies.
    const rest = high.pull() ?? [];
    if (i > 1) for (const sample of rest) highest = Math.max(highest, Math.abs(sample));
  }
  // The filter delays by some 35 samples of 16 kHz, of which half are left.
  const wanted = sine(8000, 8000, 300);
  const best = Math.max(
    ...[16, 17, 18, 19].map((late) => correlation(Int16Array.from(heard).subarray(late), wanted)),
  );
  assert.ok(best > 0.95, `${best}`);
  assert.ok(highest < 100, `${highest}`);
});

for (const ppm of [-300, 300])
  it(`a page whose clock is off by ${ppm} ppm piles up no delay in half an hour`, () => {
    const microphone = new Microphone();
    const levels = drift(microphone, ppm, 30);
    assert.ok(Math.max(...levels) <= 60, `${Math.max(...levels)} ms`);
    // 300 ppm of half an hour are 540 ms.
    const moved = ppm > 0 ? microphone.cutMs : microphone.dry * 20;
    assert.ok(moved > 400 && moved < 1000, `${moved}`);
  });

it("what a stall of the page leaves behind is cut off at once", () => {
  const microphone = new Microphone();
  for (let i = 0; i < 50; i++) microphone.push(frame(i * 160, sine(160, 8000, 440)));
  assert.ok(microphone.bufferedMs <= 160, `${microphone.bufferedMs}`);
});

it("more delay than is needed goes away within two seconds", () => {
  const microphone = new Microphone();
  for (let i = 0; i < 5; i++) microphone.push(frame(i * 160, new Int16Array(160)));
  for (let i = 5; i < 105; i++) {
    microphone.push(frame(i * 160, new Int16Array(160)));
    microphone.pull();
  }
  assert.ok(microphone.bufferedMs < 40, `${microphone.bufferedMs}`);
});
