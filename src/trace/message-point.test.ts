import assert from "node:assert/strict";
import { test } from "node:test";
import { isQuietMessage, messagePoint, shortSound } from "./message-point.ts";
import type { MessageRecord, Pairs } from "./records.ts";

const message = (name: string, params: Pairs, more: Partial<MessageRecord> = {}): MessageRecord => ({
  kind: "message",
  seq: 1,
  atMs: 1,
  name,
  sender: "",
  handled: false,
  retvalue: "",
  params,
  steps: [],
  next: [],
  ...more,
});

const words = (record: MessageRecord): string => {
  const { name, text, masquerade } = messagePoint(record);
  return `${name} ${text}${masquerade ? " (masquerade)" : ""}`;
};

test("a masqueraded message is the one that it stands for, whether its steps say so or only its parameter", () => {
  const params: Pairs = [
    ["message", "chan.dtmf"],
    ["id", "dumb/1"],
    ["text", "4"],
  ];
  assert.equal(words(message("chan.masquerade", params)), "chan.dtmf 4 (masquerade)");
  const steps = [{ name: "dumb", priority: 10, changes: [], renamed: "chan.dtmf" }];
  assert.equal(
    words(message("chan.masquerade", params.slice(1), { before: params, steps })),
    "chan.dtmf 4 (masquerade)",
  );
});

test("a sound is told by the end of its path, though its handler took it away", () => {
  const before: Pairs = [["source", "wave/play//srv/sounds/digits/pl/4.gsm"]];
  assert.equal(words(message("chan.attach", [], { before })), "chan.attach wave/play/…/digits/pl/4");
  assert.equal(shortSound("wave/play/sounds/hello.slin"), "wave/play/sounds/hello");
  assert.equal(shortSound("tone/busy"), "tone/busy");
  assert.equal(
    words(message("chan.attach", [["consumer", "wave/record/a.au"]])),
    "chan.attach → wave/record/a",
  );
});

test("a call says from whom to whom, and a route what it led to", () => {
  const params: Pairs = [
    ["caller", "100"],
    ["called", "ivr"],
    ["callto", "dumb/"],
  ];
  assert.equal(words(message("call.execute", params)), "call.execute 100 → ivr");
  const out: Pairs = [...params.slice(0, 2), ["callto", "sip/sip:7@host"]];
  assert.equal(words(message("call.execute", out)), "call.execute 100 → sip/sip:7@host");
  assert.equal(
    words(message("call.route", params, { handled: true, retvalue: "dumb/" })),
    "call.route ivr → dumb/",
  );
  assert.equal(words(message("call.route", params)), "call.route 100 → ivr");
});

test("a request for sound on the wire says its format and where to, or that it ends", () => {
  const params: Pairs = [
    ["id", "sip/1"],
    ["remoteip", "192.0.2.2"],
    ["remoteport", "6000"],
    ["format", "mulaw"],
  ];
  assert.equal(words(message("chan.rtp", params)), "chan.rtp mulaw 192.0.2.2:6000");
  assert.equal(words(message("chan.rtp", [["terminate", "true"]])), "chan.rtp terminate");
});

test("an end says of whom and why", () => {
  assert.equal(
    words(
      message("chan.hangup", [
        ["id", "sip/1"],
        ["reason", "busy"],
      ]),
    ),
    "chan.hangup sip/1 busy",
  );
});

test("what nobody took and that says nothing new is quiet; what somebody took, or failed at, never is", () => {
  assert.ok(isQuietMessage(message("call.cdr", [])));
  assert.ok(isQuietMessage(message("engine.timer", [])));
  assert.ok(!isQuietMessage(message("call.cdr", [], { handled: true })));
  const failed = [{ name: "app", priority: 50, changes: [], failed: "TypeError" }];
  assert.ok(!isQuietMessage(message("call.cdr", [], { steps: failed })));
  assert.ok(!isQuietMessage(message("call.route", [])));
  assert.ok(!isQuietMessage(message("chan.dtmf", [["text", "1"]])));
});

test("the hangup of a leg is quiet only when another took its place before it rang", () => {
  const hangup = (status: string, reason = ""): MessageRecord =>
    message("chan.hangup", [
      ["status", status],
      ["reason", reason],
    ]);
  assert.ok(isQuietMessage(hangup("outgoing")));
  assert.ok(!isQuietMessage(hangup("outgoing", "noroute")));
  assert.ok(!isQuietMessage(hangup("answered")));
});
