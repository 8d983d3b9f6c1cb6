import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourcedRecord } from "../records.ts";
import { ladderModel, ladderSvg } from "./index.ts";

const records = (count: number, name = "call.route"): SourcedRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    source: { kind: "engine", name: "engine" },
    record: {
      kind: "message",
      seq: i,
      atMs: i * 3,
      name: `${name}${i % 3}`,
      sender: "",
      handled: true,
      retvalue: "",
      params: [],
      steps: [],
      next: [],
      tookMs: 1,
    },
  }));

/** Every element closes, and nothing that is markup is in texts. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, end, name = "", , own] of svg.matchAll(
    /<(\/?)([a-z]+)((?:\s+[a-z:A-Z0-9-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (end) assert.equal(open.pop(), name);
    else if (!own) open.push(name);
  }
  assert.deepEqual(open, []);
  const rest = svg.replace(/<\/?[a-z]+(?:\s+[a-zA-Z0-9:-]+="[^"<]*")*\s*\/?>/g, "");
  assert.doesNotMatch(rest, /[<>]|&(?!amp;|lt;|gt;|quot;)/);
}

test("a ladder becomes a picture of its own, with who, when and what the colours mean", () => {
  const svg = ladderSvg(ladderModel(records(5)), {
    title: "100 → ivr",
    subtitle: "2026-05-12 09:41:07, ended",
  });
  assertWellFormed(svg);
  for (const words of ["100 → ivr", "2026-05-12 09:41:07, ended", "call.route0", "not handled", "Engine"])
    assert.ok(svg.includes(words), words);
  assert.doesNotMatch(svg, /href|url\(|@import|<script|<style/);
});

test("what people named themselves and their messages cannot break out of the picture", () => {
  const model = ladderModel(records(2, '<script>alert("1")</script>&\u0001'));
  const svg = ladderSvg(model, { title: '"><b>', subtitle: "a & b", width: 2400 });
  assertWellFormed(svg);
  assert.doesNotMatch(svg, /<script|<b>/);
  assert.ok(!svg.includes("\u0001"));
});

test("a call that is too high for any viewer is put together until it is not", () => {
  const svg = ladderSvg(ladderModel(records(5000)), { title: "a", subtitle: "b" });
  const height = Number(/height="(\d+)"/.exec(svg)?.[1]);
  assert.ok(height <= 30_200, `${height}`);
});

test("an empty lane says why it is empty", () => {
  const svg = ladderSvg(ladderModel(records(3)), {
    title: "a",
    subtitle: "b",
    notices: { wire: "not told here" },
  });
  assert.ok(svg.includes("not told here"));
});
