import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agoWords,
  bytesWords,
  clockWords,
  countWords,
  lengthWords,
  millisecondsInColumn,
  secondsWords,
} from "./time-words.ts";

describe("figures in words", () => {
  it("tell the length of a call as a clock does", () => {
    assert.deepEqual([0, 7200, 754_000, 3_723_900, -5].map(lengthWords), [
      "0:00",
      "0:07",
      "12:34",
      "1:02:03",
      "0:00",
    ]);
  });

  it("tell milliseconds of a column under one another", () => {
    assert.deepEqual([0.02, 3, 3.26, 9.97, 12.4, 1250].map(millisecondsInColumn), [
      "<0.1",
      "3.0",
      "3.3",
      "10\u2008\u2007",
      "12\u2008\u2007",
      "1250\u2008\u2007",
    ]);
  });

  it("tell the length of a sound in seconds", () => {
    assert.deepEqual([1000, 2460].map(secondsWords), ["1 s", "2.5 s"]);
  });

  it("tell the time of day with milliseconds when asked", () => {
    const at = new Date(2026, 0, 2, 14, 3, 7, 20).getTime();
    assert.equal(clockWords(at), "14:03:07");
    assert.equal(clockWords(at, true), "14:03:07.020");
  });

  it("tell how long ago roughly", () => {
    assert.deepEqual(
      [0, 12, 200, 7300, 500_000].map((seconds) => agoWords(0, seconds * 1000)),
      ["now", "12 s", "3 min", "2 h", "5 d"],
    );
  });

  it("tell counts and bytes in little room", () => {
    assert.deepEqual([950, 1234, 9960, 34_100, 1_500_000].map(countWords), [
      "950",
      "1.2k",
      "10k",
      "34k",
      "1.5M",
    ]);
    assert.deepEqual([512, 14_336, 3_355_443].map(bytesWords), ["512 B", "14 KiB", "3.2 MiB"]);
  });
});
