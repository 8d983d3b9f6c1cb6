import assert from "node:assert/strict";
import { test } from "node:test";
import { createLineSplitter } from "./index.ts";

test("a limit raised by one line holds for the next line of the same chunk", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => {
    lines.push(line);
    if (line === "more") splitter.limitBytes = 20;
  }, 5);
  assert.ok(splitter.push(Buffer.from("more\n0123456789\n")));
  assert.ok(splitter.push(Buffer.from("0123456789")));
  assert.equal(splitter.pendingBytes, 10);
  assert.deepEqual(lines, ["more", "0123456789"]);
});

test("stopping at a line drops the rest of its chunk and all that follows", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => {
    lines.push(line);
    if (line === "quit") splitter.stop();
  });
  splitter.push(Buffer.from("a\nquit\nb\nc"));
  splitter.push(Buffer.from("d\n"));
  assert.deepEqual(lines, ["a", "quit"]);
  assert.equal(splitter.pendingBytes, 0);
});

test("after a line that was too long nothing is taken any more", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  assert.equal(splitter.push(Buffer.alloc(8190, "x")), true);
  assert.equal(splitter.push(Buffer.from("x")), false);
  assert.equal(splitter.push(Buffer.from("\na\n")), false);
  assert.deepEqual(lines, []);
});

test("the caller may reuse the memory of a chunk", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  const chunk = Buffer.from("whole\nhal");
  splitter.push(chunk);
  chunk.fill("z");
  splitter.push(Buffer.from("f\n"));
  assert.deepEqual(lines, ["whole", "half"]);
});
