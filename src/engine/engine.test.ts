import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../base/index.ts";
import { startEngine } from "./engine.ts";

describe("what an engine owns", () => {
  it("ends with it, the last first, but for what was taken back", async () => {
    const engine = await startEngine({ clock: createManualClock() });
    const ended: string[] = [];
    engine.own(() => void ended.push("first"));
    const disown = engine.own(() => void ended.push("taken back"));
    engine.own(async () => {
      await Promise.resolve();
      ended.push("last");
    });
    disown();
    await engine.stop();
    await engine.stop();
    assert.deepEqual(ended, ["last", "first"]);
  });

  it("one that fails does not keep the others from their end", async () => {
    const engine = await startEngine({ clock: createManualClock() });
    let ended = 0;
    engine.own(() => void ended++);
    engine.own(() => {
      throw new Error("on purpose");
    });
    await engine.stop();
    assert.equal(ended, 1);
  });
});
