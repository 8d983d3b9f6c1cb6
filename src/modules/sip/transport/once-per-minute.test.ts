import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, silentLogger } from "../../../base/index.ts";
import { createOncePerMinute } from "./once-per-minute.ts";

const start = (limit?: number) => {
  const clock = createManualClock();
  const lines: string[] = [];
  const log = { ...silentLogger, warn: (text: string) => void lines.push(text) };
  return { clock, lines, notes: createOncePerMinute(log, clock, limit) };
};

describe("reports of a source", () => {
  it("come at once, then once a minute with their number, then not at all", async () => {
    const { clock, lines, notes } = start();
    for (let at = 0; at < 1000; at++) notes.note("10.0.0.1", `trouble ${at}`);
    assert.deepEqual(lines.splice(0), ["sip: 10.0.0.1: trouble 0"]);
    await clock.advance(60_000);
    assert.deepEqual(lines.splice(0), ["sip: 10.0.0.1: 999 more within a minute, the last: trouble 999"]);
    notes.note("10.0.0.1", "again");
    assert.deepEqual(lines.splice(0), []);
    await clock.advance(60_000);
    assert.deepEqual(lines.splice(0), ["sip: 10.0.0.1: 1 more within a minute, the last: again"]);
    await clock.advance(600_000);
    assert.deepEqual(lines, []);
    assert.equal(clock.pending, 0);
  });

  it("of too many sources are counted together", async () => {
    const { clock, lines, notes } = start(10);
    for (let at = 0; at < 1000; at++) notes.note(`10.0.0.${at}`, "trouble");
    assert.equal(lines.splice(0).length, 11);
    await clock.advance(60_000);
    assert.deepEqual(lines.splice(0), [
      "sip: other sources: 989 more within a minute, the last: 10.0.0.999: trouble",
    ]);
  });

  it("that are left are told at the end, and no timer stays", () => {
    const { clock, lines, notes } = start();
    notes.note("10.0.0.1", "one");
    notes.note("10.0.0.1", "two");
    notes.stop();
    assert.deepEqual(lines, ["sip: 10.0.0.1: one", "sip: 10.0.0.1: 1 more, the last: two"]);
    assert.equal(clock.pending, 0);
  });
});
