import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPlayoutBuffer } from "./playout-buffer.ts";

const rate = 16_000;
const block = 128;
const frame = 320;

/** A tone of which no two neighbours differ by more than `steepest`. */
function tone(at: number, amplitude = 8000): Int16Array {
  return Int16Array.from({ length: frame }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * 200 * (at * frame + i)) / rate)),
  );
}
const steepest = (8000 / 32_768) * ((2 * Math.PI * 200) / rate) * 1.05;
const quiet = new Int16Array(frame);

/**
 * Plays `seconds` by a clock of `rate`; frame n comes at `arrivalMs(n)`.
 * Returns what was played and how deep the buffer was on average.
 */
function play(
  seconds: number,
  arrivalMs: (n: number) => number,
  samples: (n: number) => Int16Array = (n) => tone(n),
) {
  const buffer = createPlayoutBuffer(rate);
  const heard = new Float32Array(Math.floor((seconds * rate) / block) * block);
  let next = 0;
  let depth = 0;
  let blocks = 0;
  for (let at = 0; at < heard.length; at += block) {
    const nowMs = (at / rate) * 1000;
    while (arrivalMs(next) <= nowMs) {
      buffer.push(samples(next), true);
      next++;
    }
    buffer.pull(heard.subarray(at, at + block));
    depth += buffer.depthMs;
    blocks++;
  }
  return { buffer, heard, depthMs: depth / blocks };
}

const steps = (heard: Float32Array): number =>
  heard.reduce((most, value, i) => Math.max(most, Math.abs(value - (heard[i - 1] ?? value))), 0);

describe("the buffer before the loudspeaker", () => {
  it("plays every sample in order, with a delay of 40 ms at most on average, when frames come in time", () => {
    const { buffer, heard, depthMs } = play(5, (n) => n * 20);
    assert.equal(buffer.figures.late, 0);
    assert.ok(depthMs <= 40, `${depthMs} ms`);
    const start = heard.findIndex((value) => value !== 0);
    assert.ok(start < 0.04 * rate);
    for (let i = 2000; i < 60_000; i += 1000)
      assert.ok(
        Math.abs((heard[start + i] ?? 0) - (8000 / 32_768) * Math.sin((2 * Math.PI * 200 * (i + 1)) / rate)) <
          0.01,
      );
  });

  it("takes frames that are up to 10 ms late without a hole", () => {
    assert.equal(play(20, (n) => n * 20 + ((n * 7) % 11)).buffer.figures.late, 0);
  });

  it("makes more room after frames that were too late, so that the same lateness is not heard for ever", () => {
    const lateBy = (n: number): number => n * 20 + (n % 25 === 24 ? 45 : 0);
    const { buffer } = play(60, (n) => Math.max(lateBy(n), lateBy(n - 1)));
    assert.ok(buffer.figures.late <= 8, `${buffer.figures.late} holes in 120 late frames`);
  });

  it("a hole begins and ends without a click", () => {
    const { buffer, heard } = play(3, (n) => n * 20 + (n >= 50 ? 130 : 0));
    assert.equal(buffer.figures.late, 1);
    assert.ok(steps(heard) < steepest * 3, `a step of ${steps(heard)}`);
  });

  it("a pause of the sender is no fault of the line", () => {
    const buffer = createPlayoutBuffer(rate);
    const out = new Float32Array(block);
    for (let n = 0; n < 5; n++) {
      buffer.push(tone(n), n > 0);
      for (let i = 0; i < 20; i++) buffer.pull(out);
      buffer.push(tone(n), false);
    }
    assert.equal(buffer.figures.late, 0);
    assert.equal(buffer.figures.marginMs, 20);
  });

  it("a sender whose clock is faster by 0.1 % does not add up to a delay: it is taken out of silences", () => {
    const speech = (n: number): Int16Array => (n % 50 < 40 ? tone(n) : quiet);
    const { buffer } = play(120, (n) => n * 19.98, speech);
    assert.ok(buffer.depthMs < 60, `${buffer.depthMs} ms`);
    assert.ok(buffer.figures.droppedMs > 60);
    assert.equal(buffer.figures.late, 0);
  });

  it("and one that is slower has its silences made longer", () => {
    const speech = (n: number): Int16Array => (n % 50 < 40 ? tone(n) : quiet);
    const { buffer } = play(120, (n) => n * 20.02, speech);
    assert.ok(buffer.figures.addedMs > 60);
    assert.ok(buffer.figures.late <= 2, `${buffer.figures.late} holes`);
  });

  it("what piled up while the page stood still is skipped, with a seam that is not heard", () => {
    const { buffer, heard } = play(6, (n) => (n >= 50 && n < 75 ? 1500 : n * 20));
    assert.ok(buffer.depthMs < 100, `${buffer.depthMs} ms`);
    assert.ok(steps(heard) < 0.1, `a step of ${steps(heard)}`);
  });

  it("never holds more than a second", () => {
    const buffer = createPlayoutBuffer(rate);
    for (let n = 0; n < 200; n++) buffer.push(tone(n), true);
    assert.equal(buffer.depthMs, 1000);
  });
});
