import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CutFrame, createFrameCutter } from "./frame-cutter.ts";

function cut(toHz: 8000 | 16_000, seconds: number): CutFrame[] {
  const frames: CutFrame[] = [];
  const cutter = createFrameCutter(16_000, toHz, (frame) => frames.push(frame));
  const whole = Float32Array.from(
    { length: 16_000 * seconds },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 16_000),
  );
  for (let at = 0; at < whole.length; at += 128) cutter.push(whole.subarray(at, at + 128));
  return frames;
}

describe("frames of the microphone", () => {
  it("are 20 ms each, at either rate, and follow one another without a gap", () => {
    for (const rate of [8000, 16_000] as const) {
      const frames = cut(rate, 1);
      assert.equal(frames.length, 50);
      frames.forEach((frame, n) => {
        assert.equal(frame.samples.length, rate / 50);
        assert.equal(frame.position, (n * rate) / 50);
      });
    }
  });

  it("hold the sound itself, at the rate wanted", () => {
    // Without the beginning, where the filter still fills.
    const samples = cut(8000, 1)
      .slice(1)
      .flatMap(({ samples }) => [...samples]);
    let crossings = 0;
    for (let i = 1; i < samples.length; i++)
      if ((samples[i - 1] ?? 0) < 0 && (samples[i] ?? 0) >= 0) crossings++;
    assert.ok(Math.abs(crossings - 440 * 0.98) <= 2, `${crossings} periods`);
    assert.ok(Math.abs(Math.max(...samples) - 16_384) < 200);
  });

  it("tell how loud they are, and bear what is too loud", () => {
    assert.ok(Math.abs((cut(16_000, 1)[10]?.peak ?? 0) - 0.5) < 0.01);
    const frames: CutFrame[] = [];
    createFrameCutter(16_000, 16_000, (frame) => frames.push(frame)).push(new Float32Array(320).fill(3));
    assert.equal(frames[0]?.samples[100], 32_767);
    assert.equal(frames[0]?.peak, 1);
  });
});
