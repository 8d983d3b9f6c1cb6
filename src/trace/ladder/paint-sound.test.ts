import assert from "node:assert/strict";
import { test } from "node:test";
import { loudest, type SoundPeaks } from "./paint-sound.ts";

const peaks: SoundPeaks = {
  startMs: 1000,
  pieceMs: 10,
  said: Float32Array.of(0.5, 0.25, 0.75),
  heard: new Float32Array(0),
};

test("the greatest of a stretch is found, also of one that is shorter than a piece", () => {
  assert.equal(loudest(peaks, "said", 1000, 1030), 0.75);
  assert.equal(loudest(peaks, "said", 1012, 1013), 0.25);
});

test("before the first and after the last sample there is silence, and so where nothing was kept", () => {
  assert.equal(loudest(peaks, "said", 0, 999), 0);
  assert.equal(loudest(peaks, "said", 1030, 2000), 0);
  assert.equal(loudest(peaks, "heard", 1000, 1030), 0);
});
