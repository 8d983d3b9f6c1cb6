import assert from "node:assert/strict";
import { test } from "node:test";
import { shortFile } from "./short-file.ts";

test("a file is known by the end of its path", () => {
  assert.deepEqual(["/home/me/ivr.ts", "file:///a/ivr.ts?v=2", "ivr.ts", "/"].map(shortFile), [
    "ivr.ts",
    "ivr.ts",
    "ivr.ts",
    "/",
  ]);
});
