import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteResult } from "../../../src/console/protocol.ts";
import { routeSentence } from "./route-sentence.ts";

const result = (more: Partial<RouteResult>): RouteResult => ({
  target: "",
  handled: false,
  refusal: "",
  messages: [],
  ...more,
});

test("a number that is taken says by whom and where it goes", () => {
  const messages = [
    {
      kind: "message",
      seq: 1,
      atMs: 0,
      name: "call.route",
      sender: "",
      handled: true,
      retvalue: "external/nochan/x",
      params: [],
      steps: [{ name: "keyecho", priority: 100, handled: true, changes: [] }],
      next: [],
    },
  ] as const;
  assert.deepEqual(routeSentence("ivr", result({ handled: true, target: "dumb/", messages })), {
    good: true,
    text: "keyecho takes a call to ivr and sends it to dumb/.",
  });
  assert.equal(
    routeSentence("ivr", result({ handled: true, target: "dumb/" })).text,
    "A call to ivr goes to dumb/.",
  );
});

test("a number that nobody takes says so, however the engine writes it", () => {
  for (const none of [result({}), result({ handled: true, target: "-" }), result({ handled: true })]) {
    const { good, text } = routeSentence("9", none);
    assert.equal(good, false);
    assert.match(text, /Nobody takes a call to 9/);
  }
});

test("a refusal says why", () => {
  const { good, text } = routeSentence("9", result({ handled: true, target: "-", refusal: "forbidden" }));
  assert.equal(good, false);
  assert.equal(text, "A call to 9 is refused: forbidden.");
});
