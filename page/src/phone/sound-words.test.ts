import assert from "node:assert/strict";
import { test } from "node:test";
import { delayWords } from "./sound-words.ts";

test("a delay is told with what it consists of", () => {
  const hearing = [
    { what: "engine to console", ms: 21.6 },
    { what: "waiting to be played", ms: 40 },
  ];
  assert.equal(
    delayWords({ hearMs: 61.6, hearing }),
    "Heard 62 ms late:\nengine to console 22 ms\nwaiting to be played 40 ms",
  );
});
