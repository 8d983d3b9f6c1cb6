import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallView } from "../../../src/console/protocol.ts";
import type { OperationRecord } from "../../../src/trace/index.ts";
import { operationsByCall } from "./operations-by-call.ts";

const operation = (id: number, channel: string, atMs: number, what = "play"): OperationRecord => ({
  kind: "operation",
  phase: "begin",
  seq: id,
  id,
  atMs,
  what,
  channel,
  leg: `dumb/${channel}`,
});

const call: CallView = {
  id: "bill-1",
  from: "100",
  to: "ivr",
  channels: ["sip/1", "dumb/1", "sip/2"],
  state: "answered",
  startedMs: 0,
  reason: "",
  keys: "",
  messages: 3,
  errors: 0,
  hasSound: false,
};

test("what is done on the channels of one call is together, in the order in which it began", () => {
  const found = operationsByCall(
    [operation(3, "sip/2", 30), operation(2, "sip/9", 5), operation(1, "sip/1", 10, "call")],
    [call],
  );
  assert.deepEqual(
    found.map(({ channel, call, operations }) => [channel, call?.id, operations.map(({ id }) => id)]),
    [
      ["sip/9", undefined, [2]],
      ["sip/1", "bill-1", [1, 3]],
    ],
  );
});
