import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAlaw } from "../../../src/media/g711.ts";
import { peaksOf, readSound } from "./call-sound.ts";

const base64 = (samples: readonly number[]): string =>
  btoa(String.fromCharCode(...samples.map((sample) => encodeAlaw(sample))));

test("kept sound comes back as it was, but for what A-law loses", () => {
  const sound = readSound({ startMs: 5, rateHz: 8000, said: base64([0, 16_000, -16_000]), heard: "" });
  assert.ok(sound);
  assert.ok(Math.abs((sound.said[1] ?? 0) - 16_000 / 32_768) < 0.02);
  assert.ok(Math.abs((sound.said[2] ?? 0) + 16_000 / 32_768) < 0.02);
  assert.equal(sound.heard.length, 0);
});

test("no sound at all is none", () => {
  assert.equal(readSound({ startMs: 0, rateHz: 8000, said: "", heard: "" }), undefined);
});

test("a peak is the greatest of its piece, and A-law's silence is silence", () => {
  assert.deepEqual([...peaksOf(Float32Array.of(0.1, -0.5, 0.0002, 0.0001, 0.25), 2)], [0.5, 0, 0.25]);
});
