import assert from "node:assert/strict";
import { it } from "node:test";
import { reasonOfStatus } from "./channel-status.ts";

it("a reason is in the status of a channel that was dropped with one, and only there", () => {
  assert.deepEqual(
    ["busy", "rejected", "dropped", "answered", "ringing", "unknown", ""].map(reasonOfStatus),
    ["busy", "rejected", "", "", "", "", ""],
  );
});
