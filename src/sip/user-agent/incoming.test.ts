import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { createResponse, tagOf } from "../index.ts";

test("a call that came is answered, acknowledged and ended by the caller", async () => {
  const s = scene({
    answer(session) {
      session.provisional(180);
      session.accept({ body: sdp("answer") });
    },
  });
  s.send(s.request("INVITE", { body: sdp("offer") }));
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

test("a 200 is sent after T1, 2 T1 … at most T2 until its ACK, on reliable transports too; then BYE says why", async () => {
  for (const reliable of [false, true]) {
    const s = scene({ reliable, answer: (session) => session.accept() });
    s.send(s.request("INVITE"));
    await s.next(200);
    const times: number[] = [];
    for (let ms = 0; ms < 31_900; ms += 100) {
      await s.pass(100);
      for (const message of s.inbox.splice(0)) {
        assert.equal(message.kind === "response" && message.status, 200);
        times.push(ms + 100);
      }
    }
    assert.deepEqual(
      times,
      [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].filter((ms) => ms < 31_900),
    );
    await s.pass(200);
    const bye = await s.next("BYE");
    assert.equal(bye.headers.get("reason"), 'SIP;cause=408;text="Request Timeout"');
    assert.deepEqual(s.calls[0]?.told.events, ["end timeout (no ACK)"]);
  }
});

test("BYE waits for the ACK of our 200 (RFC 3261 §15)", async () => {
  const s = scene({
    answer(session) {
      session.accept();
      session.end();
    },
  });
  s.send(s.request("INVITE"));
  const ok = await s.next(200);
  await s.pass(3000);
  assert.ok(!s.wire.trace.includes("b BYE"));
  assert.deepEqual(s.calls[0]?.told.events, ["end local"]);
  s.send(s.request("ACK", { toTag: tagOf(ok.headers, "to") }));
  const bye = await s.next("BYE");
  s.send(createResponse(bye, 200));
  await s.pass(70_000);
  assert.equal(s.clock.pending, 0);
});

test("BYE that waits for an ACK is sent when none comes in time", async () => {
  const s = scene({
    answer(session) {
      session.accept();
      session.end({ headers: [["X", "y"]] });
    },
  });
  s.send(s.request("INVITE"));
  await s.pass(32_050);
  assert.equal((await s.next("BYE")).headers.get("x"), "y");
  assert.deepEqual(s.calls[0]?.told.events, ["end local"]);
});

test("BYE from the caller while it rings gets 200, the INVITE 487", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  const toTag = tagOf((await s.next(180)).headers, "to");
  s.send(s.request("BYE", { toTag, cseq: 2 }));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 BYE");
  assert.equal((await s.next(487)).headers.get("cseq"), "1 INVITE");
  assert.deepEqual(s.calls[0]?.told.events, ["end bye"]);
});

test("an incoming call that is ended while it rings is answered 487, or what is asked for", async () => {
  for (const status of [undefined, 480]) {
    const s = scene({ answer: (session) => session.end(status === undefined ? {} : { status }) });
    s.send(s.request("INVITE"));
    await s.next(status ?? 487);
    assert.deepEqual(s.calls[0]?.told.events, ["end local"]);
  }
});

test("after the end of a call nothing more can be done with it, and nothing is told twice", async () => {
  const s = scene({ answer: (session) => session.reject(486) });
  s.send(s.request("INVITE"));
  await s.next(486);
  const session = s.calls[0]?.session;
  session?.accept();
  session?.provisional(180);
  session?.reject(404);
  session?.end();
  assert.equal((await session?.request("INFO"))?.status, 481);
  assert.equal((await session?.reinvite({}))?.status, 481);
  await s.pass(100);
  assert.deepEqual(s.calls[0]?.told.events, ["end rejected"]);
  assert.equal(s.inbox.length, 0);
});

test("an INVITE that was answered in its transaction, past its session, leaves no session", async () => {
  const s = scene({
    handlers: {
      onInvite(_session, transaction) {
        transaction.respond(createResponse(transaction.request, 401, { toTag: "x" }));
        return { onEnd: (end) => void ends.push(end.kind) };
      },
    },
  });
  const ends: string[] = [];
  s.send(s.request("INVITE"));
  await s.next(401);
  assert.deepEqual(ends, ["rejected"]);
  assert.equal(s.agent.sessions.size, 0);
});

test("a session finds itself by Call-ID and tags", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  await s.next(180);
  const session = s.calls[0]?.session;
  assert.ok(session);
  assert.equal(s.agent.find("call", session.localTag, "peer"), session);
  assert.equal(s.agent.find("call", session.localTag, "other"), undefined);
  assert.equal(s.agent.find("other", session.localTag, "peer"), undefined);
  session.end();
  assert.equal(s.agent.find("call", session.localTag, "peer"), undefined);
});

test("a connection that breaks before the ACK ends the call at once", async () => {
  const s = scene({ reliable: true, answer: (session) => session.accept() });
  s.send(s.request("INVITE"));
  await s.next(200);
  s.wire.cut();
  await s.pass(1000);
  assert.deepEqual(
    s.calls[0]?.told.ends.map(({ kind }) => kind),
    ["transport"],
  );
  await s.pass(70_000);
  assert.equal(s.agent.sessions.size, 0);
  assert.equal(s.clock.pending, 0);
});

test("a call that rings tells so every minute, until it is answered (RFC 3261 §13.3.1.1)", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  await s.next(180);
  await s.pass(59_900);
  assert.equal(s.inbox.length, 0);
  await s.next(180, 200);
  s.calls[0]?.session.provisional(183);
  await s.next(183);
  await s.next(183, 60_100);
  s.calls[0]?.session.reject(486);
  const busy = await s.next(486);
  s.send(s.request("ACK", { toTag: tagOf(busy.headers, "to"), branch: "z9hG4bKpeer1" }));
  await s.pass(130_000);
  assert.equal(s.inbox.length, 0);
  assert.equal(s.clock.pending, 0);
});

test("what is answered through the user agent has Allow, Server and a To tag, and is answered once", async () => {
  const s = scene({
    handlers: {
      onRequest(transaction) {
        s.agent.respond(transaction, 405, { headers: [["X", "y"]] });
        s.agent.respond(transaction, 200);
      },
    },
  });
  s.send(s.request("MESSAGE"));
  const refused = await s.next(405);
  assert.equal(refused.headers.get("server"), "yayts");
  assert.ok(refused.headers.has("allow"));
  assert.equal(refused.headers.get("x"), "y");
  assert.ok(tagOf(refused.headers, "to"));
  await s.pass(20);
  assert.equal(s.inbox.length, 0);
});

test("without PRACK in `allow` 100rel is neither offered nor accepted", async () => {
  const s = scene({ agent: { allow: ["INVITE", "ACK", "BYE", "CANCEL"] } });
  s.send(s.request("INVITE", { headers: [["Require", "100rel"]] }));
  assert.equal((await s.next(420)).headers.get("unsupported"), "100rel");
  s.call();
  assert.doesNotMatch((await s.next("INVITE")).headers.get("supported") ?? "", /100rel/);
});

test("an INVITE with Expires is answered 487 when that time is over without an answer (RFC 3261 §13.3.1)", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { headers: [["Expires", "30"]] }));
  await s.pass(29_900);
  s.inbox.length = 0;
  await s.next(487, 200);
  assert.deepEqual(s.calls[0]?.told.events, ["end timeout (invitation expired)"]);
  const answered = scene({ answer: (session) => session.accept() });
  answered.send(answered.request("INVITE", { headers: [["Expires", "30"]] }));
  const ok = await answered.next(200);
  answered.send(answered.request("ACK", { toTag: tagOf(ok.headers, "to") }));
  await answered.pass(60_000);
  assert.deepEqual(answered.calls[0]?.told.events, ["ack"]);
});
