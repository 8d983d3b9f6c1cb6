import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engineOf, parseConnections, parseStatus } from "./engine-status.ts";

/** As a real YATE 6.4.1 told it. */
const status = [
  "name=engine,type=system,version=6.4.1,revision=,githash=,nodename=vm;plugins=16,inuse=2,handlers=154,hooks=1,messages=3,maxqueue=4,enqueued=9,dequeued=9,dispatched=14,acceptcalls=accept,congestion=0;sharedpath=/a,configpath=/b",
  "name=rex_debug,type=misc;",
  "name=cdrbuild,type=cdr,format=Status|Caller|Called|BillId|Duration;cdrs=1,hungup=0;dumb/1=incoming|77|99991001|1795488956-1|4",
  "name=regfile,type=misc;create=false,defined=1,users=1;alice=sip/sip:alice@127.0.0.1:5070",
  "name=accfile,type=misc;users=1;acc1=u",
  "name=dumb,type=misc,format=Status|Address|Peer;routed=0,routing=0,total=1,chans=1;dumb/1=answered|phone|tone/1",
  "name=tone,type=misc;tones=1,chans=1;tone/1=incoming|dial,loud|dumb/1",
  "name=yrtp,type=misc;chans=1,mirrors=0;yrtp/1933121315=dumb/1",
  "",
].join("\r\n");

describe("the status of an engine", () => {
  const engine = engineOf(parseStatus(status), { nowMs: 100_000, sinceMs: () => 7 });

  it("tells its figures and modules", () => {
    assert.deepEqual(
      [engine.version, engine.nodeName, engine.queued, engine.maxQueued, engine.dispatched, engine.handlers],
      ["6.4.1", "vm", 3, 4, 14, 154],
    );
    assert.deepEqual(engine.modules, ["rex_debug", "cdrbuild", "regfile", "accfile", "dumb", "tone", "yrtp"]);
  });

  it("tells its channels, but no RTP sessions, with the bill and the age that the call records know", () =>
    assert.deepEqual(engine.channels, [
      {
        id: "dumb/1",
        status: "answered",
        direction: "",
        peer: "tone/1",
        address: "phone",
        billId: "1795488956-1",
        sinceMs: 96_000,
      },
      {
        id: "tone/1",
        status: "incoming",
        direction: "",
        peer: "dumb/1",
        address: "dial,loud",
        billId: "",
        sinceMs: 7,
      },
    ]));

  it("tells phones and lines", () =>
    assert.deepEqual(
      engine.registrations.map(({ kind, name, where }) => [kind, name, where]),
      [
        ["phone", "alice", "sip/sip:alice@127.0.0.1:5070"],
        ["line", "acc1", "u"],
      ],
    ));

  it("is empty for an engine that says nothing", () =>
    assert.deepEqual(
      engineOf(parseStatus("nonsense\r\n;;=,\n"), { nowMs: 1, sinceMs: () => 1 }).channels,
      [],
    ));

  it("names who is connected", () =>
    assert.deepEqual(
      parseConnections("1. tcp 127.0.0.1:48984\n\tGlobal, pid=1\r\n2. ivr.js some arg\tGlobal, pid=77\r\n"),
      [
        { name: "tcp#1", remote: "127.0.0.1:48984" },
        { name: "ivr.js#2", remote: "some arg" },
      ],
    ));
});
