import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTraceData } from "./parse-batch.ts";

const message = {
  kind: "message",
  seq: 1,
  atMs: 1,
  name: "x",
  sender: "",
  handled: false,
  retvalue: "",
  params: [["a", "b"]],
  steps: [],
  next: [],
};

describe("a batch of records", () => {
  it("is read when all is as it should be", () => {
    const log = { kind: "log", seq: 2, atMs: 2, level: "warn", text: "oh" };
    assert.deepEqual(parseTraceData(JSON.stringify([message, log])), { records: [message, log] });
  });

  it("passes over kinds of a newer program in silence", () =>
    assert.deepEqual(parseTraceData(JSON.stringify([{ kind: "video", seq: 1, atMs: 1 }, message])), {
      records: [message],
    }));

  const bad: readonly (readonly [data: string, problem: RegExp])[] = [
    ["", /no JSON/],
    ["{", /no JSON/],
    ["{}", /no list/],
    ["[1]", /no object/],
    ['[{"seq":1}]', /no kind/],
    ['[{"kind":"message"}]', /message: seq is no number/],
    [JSON.stringify([{ ...message, params: [["a"]] }]), /message: params is not as it should be/],
    [JSON.stringify([{ ...message, name: undefined }]), /message: name is missing/],
    [JSON.stringify([{ ...message, steps: [{ name: "a", priority: "1", changes: [] }] }]), /message: steps/],
    [JSON.stringify([{ ...message, atMs: null }]), /atMs/],
    ['[{"kind":"__proto__","seq":1,"atMs":1}, 5]', /no object/],
  ];
  for (const [data, problem] of bad)
    it(`tells what is wrong with ${data.slice(0, 60) || "nothing"}`, () => {
      const parsed = parseTraceData(data);
      assert.deepEqual(parsed.records, []);
      assert.match(parsed.problem ?? "", problem);
    });

  it("keeps the good ones beside a bad one", () => {
    const { records, problem } = parseTraceData(JSON.stringify([message, { kind: "log" }, message]));
    assert.equal(records.length, 2);
    assert.match(problem ?? "", /log/);
  });
});
