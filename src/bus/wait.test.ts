import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Abandoned, Cancelled, createManualClock, TimedOut } from "../base/index.ts";
import { createWait } from "./wait.ts";

describe("a wait", () => {
  it("is a promise of its value", async () => {
    const pending = createWait<number>("it", undefined);
    assert.equal(pending.wait.settled, false);
    pending.resolve(5);
    assert.equal(pending.wait.settled, true);
    assert.equal(await pending.wait, 5);
    assert.ok(pending.wait instanceof Promise);
  });

  it("ends once: what comes later changes nothing", async () => {
    let ends = 0;
    const pending = createWait<number>("it", undefined, () => ends++);
    pending.wait.cancel();
    pending.resolve(5);
    pending.reject(new Error("late"));
    await assert.rejects(pending.wait, Cancelled);
    assert.equal(ends, 1);
  });

  it("that nobody observes is no unhandled rejection", async () => {
    let unhandled = 0;
    const count = (): void => void unhandled++;
    process.on("unhandledRejection", count);
    createWait("it", undefined).wait.cancel();
    createWait("it", { until: Promise.reject(new Error("broken")) });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    process.off("unhandledRejection", count);
    assert.equal(unhandled, 0);
  });

  it("ends at the same instant as the wait that is its until, before any continuation runs", () => {
    const end = createWait<string>("end", undefined);
    const inner = createWait("inner", { until: end.wait });
    const innermost = createWait("innermost", { until: inner.wait });
    end.resolve("over");
    assert.deepEqual([inner.settled, innermost.settled], [true, true]);
  });

  it("carries what its until ended with, also a rejection or an until that was over before", async () => {
    const end = createWait<string>("end", undefined);
    end.resolve("over");
    await assert.rejects(createWait("it", { until: end.wait }).wait, (e: Abandoned) => e.cause === "over");
    const broken = createWait<string>("broken", undefined);
    const it = createWait("it", { until: broken.wait });
    broken.reject(new Error("why"));
    await assert.rejects(
      it.wait,
      (e: Abandoned) => e instanceof Abandoned && (e.cause as Error).message === "why",
    );
  });

  it("lets go of its until when it ends: a long call holds no trace of short waits", () => {
    const end = createWait<string>("end", undefined);
    let removed = 0;
    const signal = {
      aborted: false,
      addEventListener() {},
      removeEventListener: () => void removed++,
    };
    for (let i = 0; i < 100; i++) createWait<number>("key", { until: end.wait, signal }).resolve(i);
    assert.equal(removed, 100);
  });

  it("times out on the clock it was given, and not after it ended", async () => {
    const clock = createManualClock();
    const late = createWait("it", { timeoutMs: 600_000 }, undefined, clock);
    const early = createWait<string>("it", { timeoutMs: 600_000 }, undefined, clock);
    early.resolve("in time");
    assert.equal(clock.pending, 1);
    await clock.advance(599_999);
    assert.equal(late.settled, false);
    await clock.advance(1);
    await assert.rejects(late.wait, TimedOut);
    assert.equal(await early.wait, "in time");
  });

  it("refuses a time that is none", () => {
    assert.throws(() => createWait("it", { timeoutMs: Number.NaN }), /bad-argument/);
    assert.throws(() => createWait("it", { timeoutMs: -1 }), /bad-argument/);
  });

  it("ends at once by a signal that has fired", async () => {
    await assert.rejects(
      createWait("it", { signal: AbortSignal.abort("before") }).wait,
      (e: Abandoned) => e.cause === "before",
    );
  });
});
