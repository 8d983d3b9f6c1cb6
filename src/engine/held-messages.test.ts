import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../base/index.ts";
import { createHeldMessages, type HeldMessages } from "./held-messages.ts";
import { EngineMessage } from "./message.ts";

interface Holding {
  readonly clock: ManualClock;
  readonly held: HeldMessages;
  /** What was given back, and when, in milliseconds from the start. */
  readonly givenBack: [name: string, atMs: number][];
  hold(name: string, timeoutMs: number): { id: string; result: boolean | Promise<boolean> };
}

function holding(): Holding {
  const clock = createManualClock();
  const givenBack: [string, number][] = [];
  const held = createHeldMessages({
    clock,
    prefix: "app",
    onTimeout: ({ name }) => givenBack.push([name, clock.monotonicMs()]),
    onEmpty() {},
  });
  return {
    clock,
    held,
    givenBack,
    hold(name, timeoutMs) {
      let id = "";
      const result = held.hold(new EngineMessage(name, { timeMs: clock.now() }), timeoutMs, (given) => {
        id = given;
      });
      return { id, result };
    },
  };
}

describe("messages held for an app", () => {
  it("are given back each after its own time, with the flag that was remembered", async () => {
    const { clock, held, givenBack, hold } = holding();
    const slow = hold("slow", 5000);
    await clock.advance(1000);
    const quick = hold("quick", 2000);
    const never = hold("never", 0);
    held.remember(slow.id, true);
    await clock.advance(60_000);
    assert.deepEqual(givenBack, [
      ["quick", 3000],
      ["slow", 5000],
    ]);
    assert.deepEqual([await quick.result, await slow.result], [false, true]);
    assert.equal(held.size, 1);
    held.settle(never.id, true);
    assert.equal(await never.result, true);
  });

  it("leave no timer behind when all are answered", async () => {
    const { clock, held, givenBack, hold } = holding();
    const messages = [hold("a", 1000), hold("b", 2000)];
    for (const { id } of messages) held.settle(id, true);
    assert.equal(clock.pending, 0);
    await clock.advance(3000);
    assert.deepEqual(givenBack, []);
  });
});
