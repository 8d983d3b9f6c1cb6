import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { realClock } from "../base/index.ts";
import { createFineClock } from "./fine-clock.ts";

describe("time with fractions", () => {
  it("is that of the wall clock to the millisecond, and never goes back with it", () => {
    let monotonicMs = 0;
    const offsetMs = 1_000_000.4;
    const nowMs = createFineClock({
      ...realClock,
      monotonicMs: () => monotonicMs,
      now: () => Math.floor(offsetMs + monotonicMs),
    });
    let last = nowMs();
    for (let i = 0; i < 100; i++) {
      monotonicMs += 0.07;
      const next = nowMs();
      assert.ok(next > last);
      last = next;
    }
    assert.ok(Math.abs(last - (offsetMs + monotonicMs)) < 0.1);
  });

  it("follows a wall clock that was set", () => {
    let setMs = 1000;
    const nowMs = createFineClock({ ...realClock, monotonicMs: () => 7, now: () => setMs });
    assert.equal(nowMs(), 1000);
    setMs = 200;
    assert.equal(nowMs(), 200);
  });
});
