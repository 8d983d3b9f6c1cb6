import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallView } from "../../../src/console/protocol.ts";
import { fitsCall, orderCalls } from "./call-order.ts";
import { callLength, callLook, callSentence } from "./call-words.ts";

const call = (more: Partial<CallView> = {}): CallView => ({
  id: "1",
  from: "100",
  to: "ivr",
  channels: ["sip/1"],
  state: "ended",
  startedMs: 1000,
  answeredMs: 3000,
  endedMs: 10_000,
  reason: "",
  keys: "",
  messages: 3,
  errors: 0,
  hasSound: false,
  ...more,
});

test("each state has a word and an icon of its own", () => {
  const looks = (["new", "routing", "ringing", "answered"] as const).map((state) =>
    callLook(call({ state })),
  );
  assert.equal(new Set(looks.map(({ word }) => word)).size, 4);
});

test("an ordinary end is quiet, a refusal says its reason, an error is bad whatever the reason", () => {
  assert.deepEqual([callLook(call()).word, callLook(call()).tone], ["ended", ""]);
  assert.equal(callLook(call({ answeredMs: undefined })).word, "not answered");
  assert.deepEqual(callLook(call({ answeredMs: undefined, reason: "busy" })).word, "busy");
  assert.equal(callLook(call({ errors: 2 })).tone, "bad");
});

test("the length is that of the talk, which goes on while the call does", () => {
  assert.equal(callLength(call(), 99_000), "0:07");
  assert.equal(callLength(call({ state: "answered", endedMs: undefined }), 65_000), "1:02");
  assert.equal(
    callLength(call({ state: "ringing", answeredMs: undefined, endedMs: undefined }), 500),
    "0:00",
  );
});

test("a sentence tells when, how long, how it ended and the keys", () => {
  const words = callSentence(call({ keys: "12", reason: "timeout" }));
  assert.match(
    words,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, answered after 2\.0 s, 0:09 in all, ended: timeout, keys 12$/,
  );
});

test("live calls come first, then the latest; what was told wins over what was asked for", () => {
  const told = new Map([
    ["a", call({ id: "a", startedMs: 1, state: "answered" })],
    ["b", call({ id: "b", startedMs: 5, reason: "told" })],
  ]);
  const asked = [call({ id: "b", startedMs: 5, reason: "asked" }), call({ id: "c", startedMs: 9 })];
  assert.deepEqual(
    orderCalls(told, asked, "").map(({ id, reason }) => [id, reason]),
    [
      ["a", ""],
      ["c", ""],
      ["b", "told"],
    ],
  );
});

test("a search fits when each of its words is somewhere", () => {
  assert.ok(fitsCall(call({ reason: "busy" }), "BUSY 100"));
  assert.ok(!fitsCall(call(), "100 nobody"));
  assert.deepEqual(orderCalls(new Map([["a", call({ id: "a" })]]), [], "nobody"), []);
});
