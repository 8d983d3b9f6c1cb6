import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../../src/trace/filter.ts";
import { filterCompletion, quoted, seenIn, toggleWord, wordsOf } from "./filter-words.ts";
import type { MessageRow } from "./message-book.ts";

const row = (n: number, name: string, params: readonly (readonly [string, string])[]): MessageRow => ({
  n,
  source: "engine",
  record: {
    kind: "message",
    seq: n,
    atMs: n,
    name,
    sender: "keyecho",
    handled: true,
    retvalue: "",
    params,
    steps: [{ name: "sip", priority: 90, changes: [] }],
    next: [],
  },
});

const rows = [
  row(1, "chan.dtmf", [
    ["id", "sip/1"],
    ["reason", "no answer"],
  ]),
  row(2, "engine.timer", [["time", "1"]]),
  row(3, "chan.dtmf", [["id", "sip/2"]]),
];
const seen = seenIn(rows);
const names = ["chan.dtmf", "chan.hangup", "call.route"].map((value) => ({ value, about: `about ${value}` }));

/** Choices for a filter with the cursor at its end, and the filters that come of them. */
function complete(filter: string): { values: string[]; made: string[] } {
  const { from, to, choices } = filterCompletion(filter, filter.length, seen, names);
  const values = choices.map(({ value }) => value);
  return { values, made: values.map((value) => filter.slice(0, from) + value + filter.slice(to)) };
}

test("a word is added once and taken out again, and words in quotes stay whole", () => {
  assert.equal(toggleWord("", "-engine.timer"), "-engine.timer");
  assert.equal(
    toggleWord('reason="no answer"  id=x', "-engine.timer"),
    'reason="no answer" id=x -engine.timer',
  );
  assert.equal(toggleWord('a -engine.timer reason="no answer"', "-engine.timer"), 'a reason="no answer"');
  assert.deepEqual(wordsOf('a "b c" d="e f"g h'), ["a", '"b c"', 'd="e f"g', "h"]);
});

test("names that were seen come first, the most frequent at the front, then those of the catalogue", () => {
  assert.deepEqual(complete("chan").values.slice(0, 2), ["chan.dtmf", "chan.hangup"]);
  assert.deepEqual(complete("-eng").made, ["-engine.timer"]);
  assert.equal(complete("x|chan.h").made[0], "x|chan.hangup");
});

test("an empty filter offers what there is to filter by", () => {
  assert.ok(complete("").values.includes("failed:true"));
  assert.ok(complete("-engine.timer ").values.includes("call:"));
});

test("after an operator the values that were seen are offered, with quotes where they need them", () => {
  assert.deepEqual(complete("id=").made, ["id=sip/2", "id=sip/1"]);
  assert.deepEqual(complete("chan.dtmf -id=sip/1").made, ["chan.dtmf -id=sip/1"]);
  assert.deepEqual(complete("reason=no").made, ['reason="no answer"']);
  assert.deepEqual(complete("from:").values, ["keyecho"]);
  assert.deepEqual(complete("by:").values, ["sip"]);
  assert.deepEqual(complete("handled:f").values, ["false"]);
  assert.deepEqual(complete("zone=").values, []);
});

test("whatever is offered makes a filter that the filter's language takes, but for a value still to come", () => {
  for (const start of ["", "c", "id=", "reason=", "-", "has:", "name:"])
    for (const made of complete(start).made) if (!/[:=]$/.test(made)) assert.ok(parseFilter(made).ok, made);
});

test("a quoted value means itself", () => {
  for (const value of ['a "b" c', "x|y", "a\\b", "1*2", ""]) {
    const parsed = parseFilter(`reason=${quoted(value)}`);
    assert.ok(parsed.ok);
    const [first] = rows;
    assert.ok(first);
    if (value !== "") assert.ok(parsed.fits({ ...first.record, params: [["reason", value]] }), value);
  }
});
