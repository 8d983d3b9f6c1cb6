import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Journal, journalName, readJournal, writeJournal } from "./journal.ts";

const journal: Journal = {
  call: {
    id: "b-1",
    from: "+48 123/456",
    to: "../etc/Łódź",
    channels: ["sip/1"],
    state: "ended",
    startedMs: Date.UTC(2026, 4, 6, 7, 8, 9),
    answeredMs: undefined,
    endedMs: 9,
    reason: "busy",
    keys: "1#",
    messages: 1,
    errors: 0,
  },
  cut: true,
  savedMs: 77,
  records: [
    {
      source: { kind: "engine", name: "engine" },
      record: {
        kind: "rtp",
        seq: 1,
        atMs: 1,
        phase: "key",
        id: "r/1",
        channel: "sip/1",
        local: "a",
        remote: "b",
        format: "alaw",
        key: "1",
      },
    },
    {
      source: { kind: "app", name: "ivr.ts" },
      record: { kind: "log", seq: 9, atMs: 2, level: "info", text: "x" },
    },
    {
      source: { kind: "engine", name: "engine" },
      record: { kind: "log", seq: 3, atMs: 3, level: "info", text: "y" },
    },
  ],
  sound: [{ channel: "sip/1", startMs: 2, rateHz: 8000, said: "1VU=", heard: "" }],
};

describe("a journal", () => {
  it("is read as it was written", () => {
    const read = readJournal(writeJournal(journal));
    assert.ok(read.ok);
    assert.equal(read.problem, undefined);
    assert.deepEqual(read.journal, journal);
  });

  it("has a name that every disk takes", () =>
    assert.equal(journalName(journal.call), "yayts-call-+48_123_456-etc_o_dz-2026-05-06-070809.json"));

  const wrong: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ["a picture", "\u0089PNG", /no JSON/],
    ["some other JSON", '{"format":"har"}', /no journal/],
    ["one of a newer program", '{"format":"yayts-call","version":99}', /version 99.*take a newer one/],
    ["one without a version", '{"format":"yayts-call"}', /no version/],
    ["one without a call", '{"format":"yayts-call","version":1}', /call cannot be read/],
  ];
  for (const [what, text, problem] of wrong)
    it(`is not taken for ${what}`, () => {
      const read = readJournal(text);
      assert.ok(!read.ok);
      assert.match(read.problem, problem);
    });

  it("with some bad records is read without them, and says so", () => {
    const file = JSON.parse(writeJournal(journal));
    file.records[0].record.seq = "one";
    file.records[1].source = 7;
    const read = readJournal(JSON.stringify(file));
    assert.ok(read.ok);
    assert.equal(read.journal.records.length, 1);
    assert.match(read.problem ?? "", /^2 records were passed over; the first: rtp: seq/);
  });
});
