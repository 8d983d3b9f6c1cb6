import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSipTimers, timerTable } from "./timers.ts";

test("the timers on UDP are those of RFC 3261 table 4, RFC 6026 and RFC 4320", () => {
  assert.deepEqual(timerTable(defaultSipTimers, false), {
    A: 500,
    B: 32_000,
    D: 32_000,
    E: 500,
    F: 32_000,
    G: 500,
    H: 32_000,
    I: 5000,
    J: 32_000,
    K: 5000,
    L: 32_000,
    M: 32_000,
    "100": 3500,
    t2Ms: 4000,
  });
});

test("a reliable transport has no repetitions and no states that wait for them, but those of 2xx", () => {
  assert.deepEqual(timerTable(defaultSipTimers, true), {
    A: undefined,
    B: 32_000,
    D: 0,
    E: undefined,
    F: 32_000,
    G: undefined,
    H: 32_000,
    I: 0,
    J: 0,
    K: 0,
    L: 32_000,
    M: 32_000,
    "100": 3500,
    t2Ms: 4000,
  });
});

test("all follow T1, but D is never shorter than 32 s", () => {
  const quick = timerTable({ t1Ms: 100, t2Ms: 400, t4Ms: 500 }, false);
  assert.deepEqual([quick.A, quick.B, quick.D, quick.I, quick["100"]], [100, 6400, 32_000, 500, 300]);
  assert.equal(timerTable({ t1Ms: 1000, t2Ms: 4000, t4Ms: 5000 }, false).D, 64_000);
});
