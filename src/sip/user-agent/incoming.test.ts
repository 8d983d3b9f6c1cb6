import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { tagOf } from "../index.ts";

test("a call that came is answered, acknowledged and ended by the caller", async () => {
  const s = scene({
    answer(session) {
      session.provisional(180);
      session.accept({ body: sdp("answer") });
    },
  });
  s.send(s.request("INVITE", { body: sdp("offer") }));
  await s.next(100);
  const ringing = await s.next(180);
  const ok = await s.next(200);
  assert.equal(textOf(ok), "answer");
  assert.equal(ok.headers.get("contact"), "<sip:agent@192.0.2.2:5060>");
  assert.equal(ok.headers.get("server"), "yayts");
  assert.match(ok.headers.get("allow") ?? "", /INVITE, ACK, BYE/);
  const toTag = tagOf(ok.headers, "to");
  assert.equal(tagOf(ringing.headers, "to"), toTag);
  s.send(s.request("ACK", { toTag }));
  await s.pass(20);
  assert.deepEqual(s.calls[0]?.told.events, ["ack"]);
  assert.equal(s.calls[0]?.session.state, "confirmed");
  s.send(s.request("BYE", { toTag, cseq: 2 }));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 BYE");
  assert.deepEqual(s.calls[0]?.told.events, ["ack", "end bye"]);
  assert.equal(s.calls[0]?.told.ends[0]?.request?.method, "BYE");
  assert.equal(s.agent.sessions.size, 0);
  await s.pass(70_000);
  assert.equal(s.clock.pending, 0);
  assert.equal(s.agent.transactions, 0);
});

test("a call that came is refused", async () => {
  const s = scene({ answer: (session) => session.reject(486, { headers: [["Warning", "1"]] }) });
  s.send(s.request("INVITE"));
  const busy = await s.next(486);
  assert.equal(busy.headers.get("warning"), "1");
  assert.deepEqual(s.calls[0]?.told.events, ["end rejected"]);
});

test("a call that came is cancelled while it rings", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { branch: "z9hG4bKone" }));
  await s.next(180);
  s.send(s.request("CANCEL", { branch: "z9hG4bKone", headers: [["Reason", "SIP;cause=200"]] }));
  assert.equal((await s.next(200)).headers.get("cseq"), "1 CANCEL");
  await s.next(487);
  assert.deepEqual(s.calls[0]?.told.events, ["end cancelled"]);
  assert.equal(s.calls[0]?.told.ends[0]?.request?.headers.get("reason"), "SIP;cause=200");
});

test("an answered call is ended with BYE by us", async () => {
  const s = scene({ answer: (session) => session.accept() });
  s.send(s.request("INVITE"));
  const ok = await s.next(200);
  s.send(s.request("ACK", { toTag: tagOf(ok.headers, "to") }));
  await s.pass(20);
  s.calls[0]?.session.end({ headers: [["Reason", "Q.850;cause=16"]] });
  const bye = await s.next("BYE");
  assert.equal(bye.uri, "sip:peer@192.0.2.1:5060");
  assert.equal(bye.headers.get("reason"), "Q.850;cause=16");
  assert.equal(bye.headers.get("to"), "<sip:peer@192.0.2.1>;tag=peer");
  assert.deepEqual(s.calls[0]?.told.events, ["ack", "end local"]);
});
