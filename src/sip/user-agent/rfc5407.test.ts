import assert from "node:assert/strict";
import { test } from "node:test";
import { incomingCall, outgoingCall } from "../../../test/sip-dialog.ts";
import { scene, sdp } from "../../../test/sip-wire.ts";
import { createResponse, tagOf } from "../index.ts";

const contact: [string, string][] = [["Contact", "<sip:peer@192.0.2.1:5060>"]];
const onOffer = () => ({ status: 200, body: sdp("ok") });

test("RFC 5407 §3.1.1: an INVITE that comes again after its 200 makes no second call", async () => {
  const s = scene({ answer: (session) => session.accept() });
  const invite = s.request("INVITE");
  s.send(invite);
  const ok = await s.next(200);
  s.send(invite);
  s.send(s.request("ACK", { toTag: tagOf(ok.headers, "to") }));
  await s.pass(100);
  assert.equal(s.calls.length, 1);
  assert.deepEqual(s.calls[0]?.told.events, ["ack"]);
});

test("RFC 5407 §3.1.2: a CANCEL that crosses the 200 gets 200 and changes nothing; BYE ends the call", async () => {
  const s = scene({ answer: (session) => session.accept() });
  s.send(s.request("INVITE", { branch: "z9hG4bKone" }));
  const ok = await s.next(200);
  s.send(s.request("CANCEL", { branch: "z9hG4bKone" }));
  assert.equal((await s.next(200)).headers.get("cseq"), "1 CANCEL");
  const toTag = tagOf(ok.headers, "to");
  s.send(s.request("ACK", { toTag }));
  s.send(s.request("BYE", { toTag, cseq: 2 }));
  await s.next(200);
  assert.deepEqual(s.calls[0]?.told.events, ["ack", "end bye"]);
});

test("RFC 5407 §3.1.3: a BYE of the early dialog that crosses the 200 ends the call; the 200 is not repeated", async () => {
  const s = await incomingCall({ acknowledged: false });
  s.send(s.ask("BYE"));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 BYE");
  s.ack(1);
  await s.pass(40_000);
  assert.equal(s.inbox.length, 0);
  assert.deepEqual(s.told.events, ["end bye"]);
});

test("RFC 5407 §3.1.4: a re-INVITE that overtakes the ACK is served when the first offer has its answer", async () => {
  const s = await incomingCall({ acknowledged: false, session: { onOffer } });
  s.send(s.ask("INVITE", { body: sdp("again") }));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 INVITE");
  s.ack(2);
  s.ack(1);
  await s.pass(5000);
  assert.deepEqual(s.told.events, ["ack"]);
  assert.equal(s.inbox.length, 0);
});

test("RFC 5407 §3.1.5: a re-INVITE that overtakes the ACK with the answer to our offer gets 491", async () => {
  const s = await incomingCall({
    acknowledged: false,
    session: { onOffer },
    invite: { body: undefined },
    answer: (session) => session.accept({ body: sdp("our offer") }),
  });
  s.send(s.ask("INVITE", { body: sdp("again") }));
  await s.next(491);
  s.ack(1, { body: sdp("answer") });
  await s.pass(20);
  s.send(s.ask("INVITE", { body: sdp("again") }));
  await s.next(200);
});

test("RFC 5407 §3.1.6: a BYE that overtakes the ACK ends the call", async () => {
  const s = await incomingCall({ acknowledged: false });
  s.send(s.ask("BYE"));
  await s.next(200);
  s.ack(1);
  await s.pass(100);
  assert.deepEqual(s.told.events, ["end bye"]);
});

test("RFC 5407 §3.2.1: a BYE that crosses ours gets 200", async () => {
  const s = await outgoingCall();
  s.session.end();
  const bye = await s.next("BYE");
  s.send(s.ask("BYE"));
  assert.equal((await s.next(200)).headers.get("cseq"), "101 BYE");
  s.send(createResponse(bye, 200));
  assert.deepEqual(s.told.events, ["200", "end local"]);
});

test("RFC 5407 §3.2.1: a BYE that comes while ours waits for the ACK of the 200 makes ours needless", async () => {
  const s = await incomingCall({ acknowledged: false });
  s.session.end();
  s.send(s.ask("BYE"));
  await s.next(200);
  await s.pass(70_000);
  assert.equal(s.inbox.length, 0);
  assert.equal(s.clock.pending, 0);
});

test("RFC 5407 §3.2.2: a re-INVITE that crosses our BYE gets 481", async () => {
  const s = await outgoingCall({ session: { onOffer } });
  s.session.end();
  await s.next("BYE");
  s.send(s.ask("INVITE", { body: sdp("x") }));
  await s.next(481);
});

test("RFC 5407 §3.2.3: a 200 to our re-INVITE that crosses our BYE gets its ACK", async () => {
  const s = await outgoingCall();
  const done = s.session.reinvite({ body: sdp("x") });
  const invite = await s.next("INVITE");
  s.session.end();
  await s.next("BYE");
  s.send(createResponse(invite, 200, { headers: contact }));
  assert.equal((await s.next("ACK")).headers.get("cseq"), "2 ACK");
  assert.equal((await done).status, 481);
});

test("RFC 5407 §3.2.4: an ACK that comes when the BYE is through is nothing", async () => {
  const s = await incomingCall({ acknowledged: false });
  s.session.end();
  await s.pass(32_100);
  s.send(createResponse(await s.next("BYE"), 200));
  s.ack(1);
  await s.pass(100);
  assert.equal(s.inbox.length, 0);
  assert.deepEqual(s.told.events, ["end local"]);
});

test("RFC 5407 §3.3.1: of two re-INVITEs that cross each gets 491", async () => {
  const s = await outgoingCall({ session: { onOffer } });
  void s.session.reinvite({ body: sdp("x") });
  await s.next("INVITE");
  s.send(s.ask("INVITE", { body: sdp("y") }));
  await s.next(491);
});

test("RFC 5407 §3.3.2: an UPDATE with an offer that crosses our re-INVITE gets 491, and the reverse", async () => {
  const s = await outgoingCall({ session: { onOffer } });
  void s.session.reinvite({ body: sdp("x") });
  const invite = await s.next("INVITE");
  s.send(s.ask("UPDATE", { body: sdp("y") }));
  await s.next(491);
  s.send(createResponse(invite, 488));
  await s.next("ACK");
  void s.session.request("UPDATE", { body: sdp("x") });
  await s.next("UPDATE");
  s.send(s.ask("INVITE", { body: sdp("y") }));
  await s.next(491);
});

test("RFC 5407 §3.3.3: a REFER that crosses our BYE gets 481", async () => {
  const s = await outgoingCall();
  s.session.end();
  await s.next("BYE");
  s.send(s.ask("REFER", { headers: [["Refer-To", "<sip:c@d>"]] }));
  await s.next(481);
});

test("RFC 5407 appendix A: a BYE in the early dialog ends the call, the INVITE gets 487", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  const toTag = tagOf((await s.next(180)).headers, "to");
  s.send(s.request("BYE", { toTag, cseq: 2 }));
  await s.next(200);
  await s.next(487);
});

test("RFC 5407 appendix B: a BYE of the peer that crosses our re-INVITE ends both", async () => {
  const s = await outgoingCall();
  const done = s.session.reinvite({ body: sdp("x") });
  const invite = await s.next("INVITE");
  s.send(s.ask("BYE"));
  await s.next(200);
  s.send(createResponse(invite, 487));
  await s.next("ACK");
  assert.equal((await done).status, 481);
  await s.pass(140_000);
  assert.equal(s.clock.pending, 0);
});
