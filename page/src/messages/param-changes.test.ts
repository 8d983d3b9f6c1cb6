import assert from "node:assert/strict";
import { test } from "node:test";
import { paramChanges } from "./param-changes.ts";

test("tells what is new, what is other and what is gone, and nothing else", () => {
  const before = [
    ["id", "sip/1"],
    ["called", "123"],
    ["copy", "x"],
  ] as const;
  const after = [
    ["id", "sip/1"],
    ["called", "99"],
    ["handlers", "a:1"],
  ] as const;
  assert.deepEqual(paramChanges(before, after), [
    { name: "called", from: "123", to: "99" },
    { name: "copy", from: "x", to: undefined },
    { name: "handlers", from: undefined, to: "a:1" },
  ]);
  assert.deepEqual(paramChanges(before, before), []);
});

test("repeated names are compared one by one", () => {
  assert.deepEqual(
    paramChanges(
      [
        ["a", "1"],
        ["a", "2"],
      ],
      [
        ["a", "1"],
        ["a", "3"],
        ["a", "4"],
      ],
    ),
    [
      { name: "a", from: "2", to: "3" },
      { name: "a", from: undefined, to: "4" },
    ],
  );
});
