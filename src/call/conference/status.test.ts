import assert from "node:assert/strict";
import { test } from "node:test";
import { legsIn, roomFigures } from "./status.ts";

test("the figures of a room are read from its status line", () => {
  const line =
    "name=conf/r,type=conference;module=conf,room=r,maxusers=10,lonely=true,expire=0,rate=8000,users=2,chans=3,owners=0";
  assert.deepEqual(roomFigures(`${line}\r\n`), { maxUsers: 10, users: 2, notifies: false });
  assert.deepEqual(roomFigures(`${line},notify=yayts/conf/r\r\n`), {
    maxUsers: 10,
    users: 2,
    notifies: true,
  });
  assert.deepEqual(roomFigures(""), { maxUsers: 0, users: 0, notifies: false });
});

test("the legs of a room are those that were called into it, not its recorder, nor those of other rooms", () => {
  const line =
    "name=conf,type=misc,format=Status|Address|Peer;routed=0,routing=0,total=5,chans=4,rooms=2;" +
    "conf/1=outgoing|r|sip/1,conf/5=incoming|r|wave/1,conf/6=outgoing|other|sip/2,conf/7=outgoing|r|\r\n";
  assert.deepEqual(legsIn("r", line), [{ leg: "conf/1", peer: "sip/1" }]);
  assert.deepEqual(legsIn("r", "name=conf,type=misc;routed=0;"), []);
  assert.deepEqual(legsIn("r", ""), []);
});
