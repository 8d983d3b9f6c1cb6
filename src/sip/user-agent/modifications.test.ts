import assert from "node:assert/strict";
import { test } from "node:test";
import { incomingCall, outgoingCall } from "../../../test/sip-dialog.ts";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { createResponse, tagOf } from "../index.ts";
import type { OfferAnswer } from "../user-agent.ts";

const contact: [string, string][] = [["Contact", "<sip:peer@192.0.2.1:5060>"]];

test("a re-INVITE of the peer is answered, repeated until its ACK", async () => {
  const offers: string[] = [];
  const s = await incomingCall({
    session: {
      onOffer(request) {
        offers.push(textOf(request));
        return { status: 200, body: sdp("held") };
      },
    },
  });
  s.send(s.ask("INVITE", { body: sdp("hold") }));
  const ok = await s.next(200);
  assert.equal(textOf(ok), "held");
  assert.equal(ok.headers.get("contact"), "<sip:agent@192.0.2.2:5060>");
  await s.next(200, 600);
  s.ack(2);
  await s.pass(5000);
  assert.equal(s.inbox.length, 0);
  assert.deepEqual(offers, ["hold"]);
  assert.deepEqual(s.told.events, ["ack"]);
});

test("a re-INVITE without offer gets ours, and its ACK brings the answer", async () => {
  const answers: string[] = [];
  const s = await incomingCall({
    session: {
      onOffer: () => ({ status: 200, body: sdp("our offer") }),
      onAnswer: (ack) => void answers.push(textOf(ack)),
    },
  });
  s.send(s.ask("INVITE"));
  assert.equal(textOf(await s.next(200)), "our offer");
  s.ack(2, { body: sdp("their answer") });
  await s.pass(10);
  assert.deepEqual(answers, ["their answer"]);
});

test("a re-INVITE that is refused leaves the call as it was", async () => {
  const s = await incomingCall({ session: { onOffer: async () => ({ status: 488 }) } });
  s.send(s.ask("INVITE", { body: sdp("video") }));
  await s.next(488);
  assert.equal(s.session.state, "confirmed");
  s.send(s.ask("BYE"));
  await s.next(200);
});

test("without a handler for offers a re-INVITE gets 488, an UPDATE without body 200", async () => {
  const s = await incomingCall();
  s.send(s.ask("INVITE", { body: sdp("x") }));
  await s.next(488);
  s.send(s.ask("UPDATE"));
  await s.next(200);
});

test("a re-INVITE whose 200 nobody acknowledges ends the call", async () => {
  const s = await incomingCall({ session: { onOffer: () => ({ status: 200, body: sdp("x") }) } });
  s.send(s.ask("INVITE", { body: sdp("x") }));
  await s.next(200);
  await s.pass(31_900);
  await s.next("BYE", 200);
  assert.deepEqual(s.told.events, ["ack", "end timeout (no ACK)"]);
});

test("while a re-INVITE is being answered another gets 500 and Retry-After of 0 to 10 s (RFC 3261 §14.2)", async () => {
  let settle: (answer: OfferAnswer) => void = () => {};
  const s = await incomingCall({
    session: { onOffer: () => new Promise<OfferAnswer>((resolve) => (settle = resolve)) },
  });
  s.send(s.ask("INVITE", { body: sdp("one") }));
  await s.pass(20);
  for (const method of ["INVITE", "UPDATE"]) {
    s.send(s.ask(method, { body: sdp("two") }));
    const after = Number((await s.next(500)).headers.get("retry-after"));
    assert.ok(after >= 0 && after <= 10);
  }
  settle({ status: 200, body: sdp("answer") });
  assert.equal((await s.next(200)).headers.get("cseq"), "2 INVITE");
});

test("a re-INVITE that is cancelled gets 487 and the call goes on", async () => {
  const s = await incomingCall({ session: { onOffer: () => new Promise<OfferAnswer>(() => {}) } });
  s.send(s.ask("INVITE", { body: sdp("x"), branch: "z9hG4bKre" }));
  await s.pass(20);
  s.send(s.ask("CANCEL", { cseq: 2, branch: "z9hG4bKre" }));
  await s.next(487);
  assert.equal(s.session.state, "confirmed");
  void s.session.reinvite({ body: sdp("y") });
  await s.next("INVITE");
});

test("a BYE that comes while a re-INVITE is being answered gets 200, the re-INVITE 487", async () => {
  let settle: (answer: OfferAnswer) => void = () => {};
  const s = await incomingCall({
    session: { onOffer: () => new Promise<OfferAnswer>((resolve) => (settle = resolve)) },
  });
  s.send(s.ask("INVITE", { body: sdp("x") }));
  await s.pass(20);
  s.send(s.ask("BYE"));
  await s.next(200);
  await s.next(487);
  settle({ status: 200 });
  await s.pass(100);
  assert.deepEqual(s.told.events, ["ack", "end bye"]);
});

test("a re-INVITE of ours resolves to its final response, and moves the target", async () => {
  const s = await outgoingCall();
  const done = s.session.reinvite({ body: sdp("hold"), headers: [["Subject", "hold"]] });
  const invite = await s.next("INVITE");
  assert.equal(invite.headers.get("cseq"), "2 INVITE");
  assert.equal(invite.headers.get("subject"), "hold");
  assert.equal(textOf(invite), "hold");
  const ok = createResponse(invite, 200, {
    headers: [["Contact", "<sip:peer@192.0.2.8>"]],
    body: sdp("held"),
  });
  s.send(ok);
  const ack = await s.next("ACK");
  assert.equal(ack.uri, "sip:peer@192.0.2.8");
  assert.equal(ack.headers.get("cseq"), "2 ACK");
  assert.equal((await done).status, 200);
  assert.equal(s.session.remoteTarget, "sip:peer@192.0.2.8");
  s.send(ok);
  assert.deepEqual([...(await s.next("ACK")).headers], [...ack.headers]);
});

test("a re-INVITE of ours without body puts the answer to what comes into its ACK", async () => {
  const s = await outgoingCall();
  void s.session.reinvite({ answer: (response) => sdp(`answer to ${textOf(response)}`) });
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 200, { headers: contact, body: sdp("their offer") }));
  assert.equal(textOf(await s.next("ACK")), "answer to their offer");
});

test("re-INVITEs of ours go one after the other", async () => {
  const s = await outgoingCall();
  const done = [s.session.reinvite({ body: sdp("1") }), s.session.reinvite({ body: sdp("2") })];
  const first = await s.next("INVITE");
  await s.pass(300);
  assert.equal(s.inbox.length, 0);
  s.send(createResponse(first, 488));
  await s.next("ACK");
  const second = await s.next("INVITE");
  assert.equal(textOf(second), "2");
  s.send(createResponse(second, 200, { headers: contact, body: sdp("ok") }));
  await s.next("ACK");
  assert.deepEqual(
    (await Promise.all(done)).map(({ status }) => status),
    [488, 200],
  );
});

test("491 is tried again: after 2.1 to 4 s by who made the Call-ID, else after 0 to 2 s, in units of 10 ms (§14.1)", async () => {
  for (const [make, from, to] of [
    [outgoingCall, 2100, 4000],
    [incomingCall, 0, 2000],
  ] as const) {
    const s = await make();
    const done = s.session.reinvite({ body: sdp("again") });
    for (let glares = 0; glares < 3; glares++) {
      const invite = await s.next("INVITE", 5000);
      s.send(createResponse(invite, 491));
      await s.next("ACK");
      const start = s.clock.monotonicMs();
      const again = await s.next("INVITE", 5000);
      const waitedMs = s.clock.monotonicMs() - start + 10;
      assert.ok(waitedMs >= from - 5 && waitedMs <= to + 20, `${waitedMs}`);
      if (glares < 2) s.inbox.unshift(again);
      else s.send(createResponse(again, 200, { headers: contact, body: sdp("ok") }));
    }
    await s.next("ACK");
    assert.equal((await done).status, 200);
  }
});

test("a re-INVITE of the peer that crosses ours gets 491; while ours waits to be tried again the peer's is served", async () => {
  const s = await outgoingCall({ session: { onOffer: () => ({ status: 200, body: sdp("ok") }) } });
  const done = s.session.reinvite({ body: sdp("mine") });
  const mine = await s.next("INVITE");
  s.send(s.ask("INVITE", { body: sdp("theirs") }));
  await s.next(491);
  s.send(createResponse(mine, 491));
  await s.next("ACK");
  const theirs = s.ask("INVITE", { body: sdp("theirs") });
  s.send(theirs);
  await s.next(200);
  s.ack(102);
  const again = await s.next("INVITE", 4500);
  s.send(createResponse(again, 200, { headers: contact, body: sdp("ok") }));
  await s.next("ACK");
  assert.equal((await done).status, 200);
});

test("a re-INVITE of ours that gets 481, or nothing, ends the call", async () => {
  const gone = await outgoingCall();
  const refused = gone.session.reinvite({ body: sdp("x") });
  gone.send(createResponse(await gone.next("INVITE"), 481));
  await gone.next("BYE");
  assert.equal((await refused).status, 481);
  assert.deepEqual(gone.told.events, ["200", "end rejected"]);

  const silent = await outgoingCall();
  const unanswered = silent.session.reinvite({ body: sdp("x") });
  await silent.pass(32_100);
  assert.equal((await unanswered).status, 408);
  assert.deepEqual(silent.told.events, ["200", "end timeout (no answer to INVITE)"]);
});

test("a re-INVITE of ours answers challenges", async () => {
  const s = await outgoingCall({
    call: { credentials: () => ["Authorization", 'Digest realm="r"'], handlers: { onEnd() {} } },
  });
  const done = s.session.reinvite({ body: sdp("x") });
  const first = await s.next("INVITE");
  s.send(createResponse(first, 401, { headers: [["WWW-Authenticate", 'Digest realm="r", nonce="n"']] }));
  const second = await s.next("INVITE");
  assert.equal(second.headers.get("authorization"), 'Digest realm="r"');
  assert.equal(second.headers.get("cseq"), "3 INVITE");
  s.send(createResponse(second, 200, { headers: contact }));
  assert.equal((await s.next("ACK")).headers.get("authorization"), 'Digest realm="r"');
  assert.equal((await done).status, 200);
});

test("a re-INVITE that is under way when the call ends resolves at once, and leaves nothing", async () => {
  const s = await outgoingCall();
  const done = s.session.reinvite({ body: sdp("x") });
  const queued = s.session.reinvite({ body: sdp("y") });
  s.send(createResponse(await s.next("INVITE"), 100));
  await s.pass(20);
  s.session.end();
  assert.deepEqual(
    (await Promise.all([done, queued])).map(({ status }) => status),
    [481, 481],
  );
  s.send(createResponse(await s.next("BYE"), 200));
  await s.pass(140_000);
  assert.equal(s.clock.pending, 0);
  assert.equal(s.agent.transactions, 0);
});

test("a re-INVITE of ours waits for the ACK of the call", async () => {
  const s = await incomingCall({ acknowledged: false });
  void s.session.reinvite({ body: sdp("x") });
  await s.pass(300);
  assert.ok(!s.wire.trace.includes("b INVITE"));
  s.ack(1);
  await s.next("INVITE");
});

test("an UPDATE of the peer is answered with the handler's answer, early and confirmed", async () => {
  const s = scene({
    answer: (session) => session.provisional(183, { body: sdp("answer") }),
    session: { onOffer: (request) => ({ status: 200, body: sdp(`answer to ${textOf(request)}`) }) },
  });
  s.send(s.request("INVITE", { body: sdp("offer"), headers: [["Require", "100rel"]] }));
  const early = await s.next(183);
  const toTag = tagOf(early.headers, "to");
  const rack: [string, string] = ["RAck", `${early.headers.get("rseq")} 1 INVITE`];
  s.send(s.request("PRACK", { toTag, cseq: 2, headers: [rack] }));
  await s.next(200);
  s.send(s.request("UPDATE", { toTag, cseq: 3, body: sdp("early update") }));
  assert.equal(textOf(await s.next(200)), "answer to early update");
});

test("an early UPDATE with an offer before the INVITE's offer has its answer gets 500 (RFC 3311 §5.2)", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { body: sdp("offer") }));
  const toTag = tagOf((await s.next(180)).headers, "to");
  s.send(s.request("UPDATE", { toTag, cseq: 2, body: sdp("x") }));
  assert.ok((await s.next(500)).headers.has("retry-after"));
});

test("an UPDATE of ours with an offer is sent with request, one at a time with re-INVITEs, and 491 is tried again", async () => {
  const s = await outgoingCall();
  const done = s.session.request("UPDATE", { body: sdp("u") });
  const after = s.session.reinvite({ body: sdp("r") });
  const first = await s.next("UPDATE");
  s.send(createResponse(first, 491));
  await s.pass(1000);
  assert.ok(!s.wire.trace.slice(-1).includes("b INVITE"));
  s.send(createResponse(await s.next("UPDATE", 4000), 200, { headers: contact, body: sdp("ok") }));
  assert.equal(textOf(await s.next("INVITE")), "r");
  assert.equal((await done).status, 200);
  s.session.end();
  assert.equal((await after).status, 481);
});

test("BYE, INVITE, ACK, CANCEL and PRACK are not sent with request", async () => {
  const s = await outgoingCall();
  for (const method of ["BYE", "INVITE", "ACK", "CANCEL", "PRACK"])
    await assert.rejects(s.session.request(method), /bad-argument/);
});

test("a peer that never acknowledges gets eight 2xx to its re-INVITEs, and 500 to those beyond", async () => {
  const s = await incomingCall({ session: { onOffer: () => ({ status: 200, body: sdp("x") }) } });
  const statuses: string[] = [];
  for (let at = 0; at < 20; at++) {
    s.send(s.ask("INVITE", { body: sdp("x"), cseq: 10 + at }));
    await s.pass(1);
  }
  await s.pass(50);
  for (const message of s.inbox) if (message.kind === "response") statuses.push(`${message.status}`);
  assert.equal(statuses.filter((status) => status === "500").length, 12);
});
