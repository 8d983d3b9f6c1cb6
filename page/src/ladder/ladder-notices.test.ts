import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRecord } from "../../../src/trace/index.ts";
import { ladderModel } from "../../../src/trace/ladder/index.ts";
import { laneNotices, untold } from "./ladder-notices.ts";

const model = (more: Partial<MessageRecord>) =>
  ladderModel([
    {
      source: { kind: "engine", name: "engine" },
      record: {
        kind: "message",
        seq: 1,
        atMs: 1,
        name: "a",
        sender: "",
        handled: true,
        retvalue: "",
        params: [],
        steps: [],
        next: [],
        ...more,
      },
    },
  ]);

test("an empty wire says whether nothing was there or nobody tells", () => {
  assert.match(laneNotices(model({ tookMs: 1 }), "embedded").wire ?? "", /neither by SIP nor RTP/);
  assert.match(laneNotices(model({}), "yate").wire ?? "", /does not show/);
  assert.match(laneNotices(model({}), "file").wire ?? "", /does not show/);
});

test("while an app may still tell, its empty lane says nothing", () => {
  assert.equal(laneNotices(model({}), "embedded", true).app, undefined);
  assert.match(laneNotices(model({}), "embedded").app ?? "", /No traced app/);
});

test("a lane in which something is says nothing", () => {
  assert.equal(laneNotices(model({}), "yate").engine, undefined);
});

test("what an engine leaves out of its messages is said once, and only when it leaves it out", () => {
  assert.match(untold(model({})) ?? "", /neither who handled/);
  assert.match(
    untold(model({ steps: [{ name: "sip", priority: 100, handled: true, changes: [] }] })) ?? "",
    /only for some/,
  );
  assert.equal(untold(model({ tookMs: 0.1 })), undefined);
  assert.equal(untold(ladderModel([])), undefined);
});
