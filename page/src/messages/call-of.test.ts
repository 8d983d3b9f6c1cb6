import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallView } from "../../../src/console/protocol.ts";
import { callOf } from "./call-of.ts";

const call = (id: string, channels: readonly string[], startedMs: number): CallView => ({
  id,
  from: "",
  to: "",
  channels,
  state: "answered",
  startedMs,
  reason: "",
  keys: "",
  messages: 0,
  errors: 0,
  hasSound: false,
});

const calls = new Map(
  [call("b1", ["sip/1"], 1), call("b2", ["sip/2", "dumb/1"], 2), call("b3", ["sip/1"], 3)].map((one) => [
    one.id,
    one,
  ]),
);

test("a message belongs to the call that it names by billing id, else by a channel", () => {
  assert.equal(
    callOf(
      [
        ["id", "sip/1"],
        ["billid", "b2"],
      ],
      calls,
    )?.id,
    "b2",
  );
  assert.equal(
    callOf(
      [
        ["id", "x/1"],
        ["peerid", "dumb/1"],
      ],
      calls,
    )?.id,
    "b2",
  );
  assert.equal(callOf([["id", "x/1"]], calls), undefined);
});

test("of calls with the same channel the latest is meant", () => {
  assert.equal(callOf([["id", "sip/1"]], calls)?.id, "b3");
});
