import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, clockTime, counted, lasting, percent, took } from "./words.ts";

test("sizes, shares and counts read well", () => {
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(1536), "1.5 KiB");
  assert.equal(bytes(128 * 2 ** 20), "128 MiB");
  assert.equal(percent(0.0349), "3.5 %");
  assert.equal(percent(1.2), "120 %");
  assert.equal(counted(7), "7");
  assert.equal(counted(1234567), "1\u202f234\u202f567");
});

test("times have the unit that fits", () => {
  assert.equal(took(0.4249), "0.42 ms");
  assert.equal(took(45.678), "45.7 ms");
  assert.equal(took(450.4), "450 ms");
  assert.equal(took(3400), "3.4 s");
  assert.equal(lasting(-5), "0 ms");
  assert.equal(lasting(12_900), "12 s");
  assert.equal(lasting(200_000), "3 min 20 s");
  assert.equal(lasting(180_000), "3 min");
  assert.equal(lasting(18_180_000), "5 h 3 min");
  assert.equal(lasting(52 * 3_600_000), "2 d 4 h");
});

test("a time of day is that of the clock on the wall", () => {
  assert.equal(clockTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime()), "03:04:05.006");
});
