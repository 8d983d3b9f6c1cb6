import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { YaytsError } from "../../base/index.ts";
import type { CallRecord } from "./call-record.ts";
import { outcomeOf } from "./call-record.ts";
import { addToCallRecord } from "./call-records.ts";
import { formatRecordCsv, formatRecordLine, recordCsvHeader } from "./record-format.ts";

const record: CallRecord = {
  callId: "1795476586-1",
  id: "sip/1",
  direction: "incoming",
  from: "+48221234567",
  to: "200",
  startedAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:00:20.500Z",
  ringMs: 20_000,
  talkMs: 0,
  durationMs: 20_500,
  outcome: "busy",
  reason: "Busy Here",
  sipStatus: 486,
};

describe("what a call that was not answered came to", () => {
  for (const [reason, sipStatus, outcome] of [
    ["busy", undefined, "busy"],
    ["Busy Here", undefined, "busy"],
    ["noanswer", undefined, "noanswer"],
    ["timeout", undefined, "noanswer"],
    ["rejected", undefined, "rejected"],
    ["Decline", undefined, "rejected"],
    ["forbidden", undefined, "rejected"],
    ["", undefined, "cancelled"],
    ["Request Terminated", undefined, "cancelled"],
    ["pickup", undefined, "cancelled"],
    ["No route to call target", undefined, "failed"],
    ["offline", undefined, "failed"],
    ["Gone fishing", 486, "busy"],
    ["anything", 480, "noanswer"],
    ["anything", 487, "cancelled"],
    ["anything", 603, "rejected"],
    ["busy", 503, "failed"],
  ] as const) {
    it(`is ${outcome} for "${reason}"${sipStatus ? ` and ${sipStatus}` : ""}`, () => {
      assert.equal(outcomeOf(reason, sipStatus), outcome);
    });
  }
});

describe("the formats of records", () => {
  it("are a line of JSON that reads back as it was", () => {
    const odd = { ...record, to: 'a\n"b"\u2028', fields: { note: "\r" } };
    const line = formatRecordLine(odd);
    assert.doesNotMatch(line, /[\r\n]/);
    assert.deepEqual(JSON.parse(line), odd);
  });

  it("are a line of CSV with as many fields as its header", () => {
    assert.equal(
      recordCsvHeader(["note"]),
      "callId,id,peerId,direction,from,to,startedAt,answeredAt,endedAt,ringMs,talkMs,durationMs,outcome,reason,sipStatus,username,address,recording,note",
    );
    assert.equal(
      formatRecordCsv({ ...record, fields: { note: "x" } }, ["note"]),
      "1795476586-1,sip/1,,incoming,'+48221234567,200,2026-01-01T00:00:00.000Z,,2026-01-01T00:00:20.500Z,20000,0,20500,busy,Busy Here,486,,,,x",
    );
    assert.equal(
      formatRecordCsv(record, ["note", "toString"]).split(",").length,
      recordCsvHeader(["note", "toString"]).split(",").length,
    );
    assert.match(formatRecordCsv(record, ["toString"]), /,$/);
  });

  it("quote what has a comma, a quote or an end of line", () => {
    const line = formatRecordCsv({ ...record, to: 'a,"b"\r\nc' });
    assert.ok(line.includes(',"a,""b""\r\nc",'));
  });

  it("keep a spreadsheet from running what a caller is called", () => {
    for (const text of ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"]) {
      const line = formatRecordCsv({ ...record, from: text });
      assert.ok(line.includes(`'${text}`), line);
    }
  });
});

describe("fields of apps' own", () => {
  it("cannot have names that the engine uses, or that cannot travel", () => {
    const yate = {} as Parameters<typeof addToCallRecord>[0];
    for (const name of [
      "id",
      "operation",
      "billid",
      "caller",
      "reason",
      "cdrwrite",
      "a b",
      "a=b",
      "a,b",
      "",
      "1",
    ]) {
      assert.throws(
        () => addToCallRecord(yate, "sip/1", { [name]: "x" }),
        (error) => error instanceof YaytsError && error.code === "bad-argument",
      );
    }
  });
});
