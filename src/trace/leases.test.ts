import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../base/index.ts";
import { createLeases } from "./leases.ts";

function ask(operation: string, id: string, of = ""): ReadonlyMap<string, string> {
  return new Map(Object.entries({ operation, id, of }));
}

describe("the leases of those who look", () => {
  it("last fifteen seconds from the last word of the one who asked", async () => {
    const clock = createManualClock();
    let looks = 0;
    const leases = createLeases(clock, () => looks++);
    assert.equal(leases.take(ask("start", "a", "waits,app")), true);
    await clock.advance(10_000);
    assert.equal(leases.take(ask("keep", "a")), false);
    await clock.advance(14_999);
    assert.deepEqual([leases.has("waits"), leases.has("app"), leases.has("operations")], [true, true, false]);
    await clock.advance(1);
    assert.equal(leases.any, false);
    assert.ok(looks > 0);
  });

  it("are one for each who asks: the end of one leaves the others", () => {
    const leases = createLeases(createManualClock(), () => {});
    leases.take(ask("start", "a", "waits"));
    leases.take(ask("start", "b", "operations"));
    assert.equal(leases.take(ask("stop", "a")), false);
    assert.deepEqual([leases.has("waits"), leases.has("operations")], [false, true]);
  });

  it("begin with a keep whose start was not heard; other words say nothing to an app", () => {
    const leases = createLeases(createManualClock(), () => {});
    assert.equal(leases.take(ask("cut", "a")), false);
    assert.equal(leases.any, false);
    assert.equal(leases.take(ask("keep", "a")), true);
    assert.equal(leases.has("operations"), true);
  });
});
