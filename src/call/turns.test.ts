import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTurns } from "./turns.ts";

describe("createTurns", () => {
  it("begins each thing when the one before it has ended, and gives each its own result", async () => {
    const inTurn = createTurns();
    const events: string[] = [];
    const first = Promise.withResolvers<string>();
    const one = inTurn(() => {
      events.push("one begins");
      return first.promise;
    });
    const two = inTurn(async () => {
      events.push("two begins");
      return 2;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(events, ["one begins"]);
    first.resolve("one");
    assert.deepEqual([await one, await two], ["one", 2]);
    assert.deepEqual(events, ["one begins", "two begins"]);
  });

  it("goes on after one that failed, whose failure is its own", async () => {
    const inTurn = createTurns();
    const failing = inTurn(() => Promise.reject(new Error("no")));
    const next = inTurn(async () => "yes");
    await assert.rejects(failing, /no/);
    assert.equal(await next, "yes");
  });
});
