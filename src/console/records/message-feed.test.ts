import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MessageRecord } from "../../trace/index.ts";
import { MessageFeed } from "./message-feed.ts";
import { type LoggedMessage, MessageLog } from "./message-log.ts";

const message = (seq: number, text = ""): LoggedMessage => ({
  source: { kind: "engine", name: "engine" },
  record: {
    kind: "message",
    seq,
    atMs: seq,
    name: seq % 2 === 0 ? "even" : "odd",
    sender: "",
    handled: false,
    retvalue: "",
    params: [["text", text]],
    steps: [],
    next: [],
  },
});
const all = (): boolean => true;
const even = (record: MessageRecord): boolean => record.name === "even";
const seqs = (records: readonly LoggedMessage[]): number[] => records.map(({ record }) => record.seq);

describe("the log of messages", () => {
  it("keeps the latest, by number and by size", () => {
    const log = new MessageLog({ messages: 10_000, bytes: 1_000_000 });
    for (let i = 0; i < 25_000; i++) log.add(message(i));
    assert.ok(log.size < 10_000, "the size counts too");
    assert.deepEqual(seqs(log.latest(even, 3)), [24_994, 24_996, 24_998]);
    for (let i = 0; i < 50; i++) log.add(message(i, "x".repeat(100_000)));
    assert.ok(log.size <= 10, `${log.size}`);
    log.clear();
    assert.deepEqual(log.latest(all, 5), []);
  });
});

describe("the live messages of a page", () => {
  it("come after those of before, in order, and no more at a time than a page can show", () => {
    const feed = new MessageFeed("", all, [message(1), message(2)]);
    for (let i = 3; i <= 152; i++) feed.add(message(i));
    assert.deepEqual(
      feed.take(0)?.records.map(({ record }) => record.seq),
      [1, 2],
    );
    assert.equal(feed.take(0)?.records.length, 100);
    assert.equal(feed.take(0)?.records.length, 50);
    assert.equal(feed.take(0), undefined);
  });

  it("are told with what was lost and skipped, each time once", () => {
    const feed = new MessageFeed("", even, []);
    for (let i = 0; i < 6000; i++) feed.add(message(i));
    feed.lost(7);
    let [records, skipped, lost] = [0, 0, 0];
    for (let told = feed.take(5); told; told = feed.take(5)) {
      records += told.records.length;
      skipped += told.skipped;
      lost += told.lost;
    }
    assert.deepEqual([records + skipped, lost], [3000, 7]);
    assert.ok(skipped >= 1000);
  });
});
