import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Abandoned, Cancelled, createManualClock } from "../base/index.ts";
import { createWait } from "../bus/index.ts";
import { any, either } from "./choices.ts";
import { getResult, go, wait } from "./go.ts";
import { sleep } from "./sleep.ts";

describe("go", () => {
  it("runs a program from top to bottom; yield* gives each wait's value", async () => {
    const first = createWait<number>("first", undefined);
    const second = createWait<string>("second", undefined);
    const flow = go(function* () {
      const n = yield* first.wait;
      const text = yield* second.wait;
      const more = yield* wait(Promise.resolve([n, text] as const));
      return more;
    });
    first.resolve(1);
    second.resolve("two");
    assert.deepEqual(await flow, [1, "two"]);
  });

  it("getResult gives the last yield's value, also when flows run in one another's midst", async () => {
    const a = createWait<string>("a", undefined);
    const b = createWait<string>("b", undefined);
    const heard: unknown[] = [];
    const one = go(function* () {
      yield a.wait;
      void go(function* () {
        heard.push(["inner before any yield", getResult()]);
        yield Promise.resolve("inner");
        heard.push(getResult());
      });
      heard.push(getResult());
    });
    const two = go(function* () {
      yield b.wait;
      heard.push(getResult());
    });
    a.resolve("a");
    b.resolve("b");
    await Promise.all([one, two]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, [["inner before any yield", undefined], "a", "b", "inner"]);
    assert.equal(getResult(), undefined);
  });

  it("a wait that fails throws at its yield, where the program may catch it", async () => {
    const pending = createWait<number>("it", undefined);
    const flow = go(function* () {
      try {
        yield pending.wait;
        return "came";
      } catch (error) {
        return error instanceof Cancelled ? "cancelled" : "other";
      }
    });
    pending.wait.cancel();
    assert.equal(await flow, "cancelled");
  });

  it("rejects with what the program throws", async () => {
    const boom = new Error("on purpose");
    await assert.rejects(
      go(function* (): Generator<Promise<void>, never, unknown> {
        yield Promise.resolve();
        throw boom;
      }),
      (error) => error === boom,
    );
  });

  it("cancelling it cancels what it waits for and runs its finally blocks", async () => {
    const inner = createWait<number>("inner", undefined);
    const steps: string[] = [];
    const flow = go(function* () {
      try {
        yield* inner.wait;
        steps.push("never");
      } finally {
        steps.push("finally");
        yield Promise.resolve();
        steps.push("after a wait in finally");
      }
    });
    flow.cancel();
    await assert.rejects(flow, Cancelled);
    assert.equal(inner.wait.settled, true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(steps, ["finally", "after a wait in finally"]);
  });

  it("ends by its until and its timeout like any wait", async () => {
    const clock = createManualClock();
    const end = createWait<string>("end", undefined);
    let finished = 0;
    const program = function* () {
      try {
        yield* sleep(1000, { clock });
      } finally {
        finished++;
      }
    };
    const flow = go(program, { until: end.wait });
    end.resolve("over");
    await assert.rejects(flow, (error: Abandoned) => error instanceof Abandoned && error.cause === "over");
    await assert.rejects(go(program, { timeoutMs: 1 }), /\[timeout\]/);
    assert.equal(finished, 2);
    assert.equal(clock.pending, 0);
  });

  it("a flow may be waited for inside another, and a generator may be given instead of a function", async () => {
    const twice = function* (n: number) {
      const got = yield* wait(Promise.resolve(n));
      return got * 2;
    };
    assert.equal(
      await go(function* () {
        const [a, b] = [yield* go(twice(1)), yield* twice(10)];
        return a + b;
      }),
      22,
    );
  });
});

describe("either", () => {
  it("gives the first with its place, and cancels the others", async () => {
    const waits = [createWait<string>("a", undefined), createWait<number>("b", undefined)] as const;
    const both = either([waits[0].wait, waits[1].wait]);
    waits[1].resolve(5);
    const choice = await both;
    assert.deepEqual(choice, [1, 5]);
    await assert.rejects(waits[0].wait, Cancelled);
    if (choice[0] === 1) choice[1].toFixed();
    else choice[1].toUpperCase();
  });

  it("fails when the first to end fails, and cancels the others", async () => {
    const waits = [createWait<string>("a", undefined), createWait<string>("b", undefined)] as const;
    const both = either([waits[0].wait, waits[1].wait]);
    waits[0].reject(new Error("first"));
    await assert.rejects(both, /first/);
    assert.equal(waits[1].settled, true);
  });

  it("cancelled or timed out, it cancels all", async () => {
    const waits = [createWait<string>("a", undefined), createWait<string>("b", undefined)] as const;
    await assert.rejects(either([waits[0].wait, waits[1].wait], { timeoutMs: 1 }), /\[timeout\]/);
    assert.deepEqual(
      waits.map((pending) => pending.settled),
      [true, true],
    );
  });
});

describe("any", () => {
  it("gives the first success and leaves the others alone", async () => {
    const waits = [
      createWait<string>("a", undefined),
      createWait<string>("b", undefined),
      createWait<string>("c", undefined),
    ];
    const one = any(waits.map((pending) => pending.wait));
    waits[0]?.reject(new Error("no"));
    waits[1]?.resolve("yes");
    assert.deepEqual(await one, [1, "yes"]);
    assert.equal(waits[2]?.settled, false);
  });

  it("patient, it fails when all have failed; impatient, with the first", async () => {
    const failing = (): Promise<never>[] => [Promise.reject(new Error("a")), Promise.reject(new Error("b"))];
    await assert.rejects(any(failing()), /b/);
    await assert.rejects(any(failing(), { patient: false }), /a/);
  });
});

describe("sleep", () => {
  it("waits on its clock, and a cancelled one leaves no timer", async () => {
    const clock = createManualClock();
    const long = sleep(60_000, { clock });
    const given = sleep(60_000, { clock });
    given.cancel();
    assert.equal(clock.pending, 1);
    await clock.advance(60_000);
    await long;
    await assert.rejects(given, Cancelled);
  });

  it("refuses a time that is none", () => {
    assert.throws(() => sleep(Number.NaN), /bad-argument/);
    assert.throws(() => sleep(-5), /bad-argument/);
  });
});
