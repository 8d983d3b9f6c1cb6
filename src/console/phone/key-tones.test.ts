import assert from "node:assert/strict";
import { it } from "node:test";
import { detectDigits, dtmfFrequencies } from "../../media/index.ts";
import { keyTones } from "./key-tones.ts";

it("every key has its two tones, which a detector tells apart", () => {
  const keys = Object.keys(dtmfFrequencies);
  const blocks = keys.map((key) => keyTones(key, 100) ?? new Int16Array(0));
  const all = Int16Array.from(blocks.flatMap((block) => [...block]));
  assert.equal(
    detectDigits(all)
      .map(({ digit }) => digit)
      .join(""),
    keys.join(""),
  );
});

it("a key lasts as long as asked for, then is silent, and never overloads", () => {
  const tones = keyTones("5", 80) ?? new Int16Array(0);
  assert.equal(tones.length, (80 + 60) * 8);
  assert.ok(tones.subarray(80 * 8).every((sample) => sample === 0));
  const peak = Math.max(...tones.map(Math.abs));
  assert.ok(peak > 15_000 && peak < 20_000, `${peak}`);
  assert.equal(keyTones("x", 80), undefined);
});
