import assert from "node:assert/strict";
import { test } from "node:test";
import { percentWords } from "./percent-words.ts";

test("a share of a core is told with as many digits as matter", () => {
  assert.deepEqual([0, 0.0349, 0.1, 0.996, 1.204].map(percentWords), [
    "0 %",
    "3.5 %",
    "10 %",
    "100 %",
    "120 %",
  ]);
});
