import assert from "node:assert/strict";
import { test } from "node:test";
import type { HandlerStep, MessageRecord } from "../../../src/trace/index.ts";
import { failure, mainParams, sendableParams, sentBy, takenBy } from "./message-summary.ts";

const step = (name: string, more: Partial<HandlerStep> = {}): HandlerStep => ({
  name,
  priority: 100,
  changes: [],
  ...more,
});

const message = (more: Partial<MessageRecord>): MessageRecord => ({
  kind: "message",
  seq: 1,
  atMs: 0,
  name: "call.route",
  sender: "",
  handled: false,
  retvalue: "",
  params: [],
  steps: [],
  next: [],
  ...more,
});

test("the most telling parameters come first, whatever their order on the wire", () => {
  const short = mainParams(
    [
      ["module", "sip"],
      ["zone", "a"],
      ["id", "sip/1"],
      ["empty", ""],
      ["called", "123"],
    ],
    { text: "", masquerade: false },
  );
  assert.deepEqual(short, [
    ["called", "123"],
    ["id", "sip/1"],
    ["module", "sip"],
    ["zone", "a"],
  ]);
});

test("what the point of a message says is not said again", () => {
  const short = mainParams(
    [
      ["message", "chan.attach"],
      ["id", "sip/1"],
      ["source", "wave/play//srv/sounds/digits/pl/4.gsm"],
    ],
    { text: "wave/play/…/digits/pl/4", masquerade: true },
  );
  assert.deepEqual(short, [["id", "sip/1"]]);
});

test("a long value is cut, and its line ends are no line ends", () => {
  const [[, value] = ["", ""]] = mainParams([["text", `one\r\ntwo ${"x".repeat(200)}`]], {
    text: "",
    masquerade: false,
  });
  assert.ok(value.startsWith("one two xxx"));
  assert.ok(value.endsWith("…"));
  assert.ok(value.length <= 48);
});

test("the handler that said so is the one that took it", () => {
  const steps = [step("regexroute", { handled: false }), step("keyecho", { handled: true }), step("late")];
  assert.equal(takenBy(message({ handled: true, steps })), "keyecho");
});

test("on an engine that does not tell, the last one asked took it, or somebody unknown", () => {
  assert.equal(takenBy(message({ handled: true, steps: [step("a"), step("b")] })), "b");
  assert.equal(takenBy(message({ handled: true })), "?");
  assert.equal(takenBy(message({ handled: true, steps: [step("a", { handled: false })] })), "?");
  assert.equal(takenBy(message({ handled: false, steps: [step("a")] })), "");
});

test("a message without a sender is the engine's own", () => {
  assert.equal(sentBy(message({})), "engine");
  assert.equal(sentBy(message({ sender: "keyecho" })), "keyecho");
});

test("a handler that failed is named with its reason", () => {
  assert.equal(
    failure(message({ steps: [step("a"), step("b", { failed: "no answer in time" })] })),
    "b: no answer in time",
  );
  assert.equal(failure(message({ steps: [step("a")] })), undefined);
});

test("what is offered for sending begins with what tells most, and leaves out results", () => {
  const known = ["status", "trace_id", "called", "handlers", "PARAM", "id"].map((name) => ({
    name,
    about: "",
  }));
  const result = { name: "retVal", about: "Result text" };
  assert.deepEqual(
    sendableParams([...known, result]).map(({ name }) => name),
    ["id", "called", "status", "trace_id"],
  );
});
