import assert from "node:assert/strict";
import { test } from "node:test";
import type { WaitRecord } from "../../../src/trace/index.ts";
import { arranged, WaitGroups } from "./wait-groups.ts";

let id = 0;
const wait = (line: number, atMs: number, name = "chan.dtmf"): WaitRecord => ({
  kind: "wait",
  phase: "begin",
  seq: ++id,
  id,
  atMs,
  what: "onmsg",
  name,
  place: { file: "/app.ts", line, column: 3 },
});

test("waits of one line for one name are one group, the oldest first", () => {
  const groups = new WaitGroups();
  groups.take([wait(7, 300), wait(7, 100), wait(9, 200), wait(7, 50, "chan.hangup")], 1000);
  assert.deepEqual(
    groups.groups.map(({ name, place, waits, oldestMs }) => [name, place?.line, waits.length, oldestMs]),
    [
      ["chan.dtmf", 7, 2, 100],
      ["chan.dtmf", 9, 1, 200],
      ["chan.hangup", 7, 1, 50],
    ],
  );
});

test("a leak is seen by its growth over the last minute, what stays the same is not", () => {
  const groups = new WaitGroups();
  const leaking: WaitRecord[] = [];
  const steady = [wait(1, 0), wait(1, 0)];
  for (let s = 0; s < 120; s++) {
    leaking.push(wait(2, s * 1000));
    groups.take([...leaking, ...steady], s * 1000);
  }
  const [first, second] = arranged(groups.groups, "growth", 0, 119_000);
  assert.equal(first?.place?.line, 2);
  assert.ok((first?.grownBy ?? 0) >= 50 && (first?.grownBy ?? 0) <= 60, `${first?.grownBy}`);
  assert.equal(second?.grownBy, 0);
});

test("groups can be had by age and by count, and only what is older than so long", () => {
  const groups = new WaitGroups();
  groups.take([wait(1, 0), wait(2, 500), wait(2, 60_000), wait(3, 70_000)], 70_000);
  const lines = (order: "age" | "count", olderThanMs: number) =>
    arranged(groups.groups, order, olderThanMs, 70_000).map(({ place, waits }) => [
      place?.line,
      waits.length,
    ]);
  assert.deepEqual(lines("age", 0), [
    [1, 1],
    [2, 2],
    [3, 1],
  ]);
  assert.deepEqual(lines("count", 0)[0], [2, 2]);
  assert.deepEqual(lines("count", 60_000), [
    [1, 1],
    [2, 1],
  ]);
});
