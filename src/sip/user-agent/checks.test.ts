import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp } from "../../../test/sip-wire.ts";
import { createRequest } from "../index.ts";

test("a method that is not served gets 501 with Allow", async () => {
  const s = scene();
  s.send(s.request("PUBLISH"));
  const refused = await s.next(501);
  assert.match(refused.headers.get("allow") ?? "", /INVITE/);
  assert.equal(refused.headers.get("server"), "yayts");
});

test("an option tag in Require that we do not do gets 420 and Unsupported (RFC 3261 §8.2.2.3)", async () => {
  const s = scene();
  s.send(
    s.request("INVITE", {
      headers: [
        ["Require", "timer, foo"],
        ["Require", "bar"],
      ],
    }),
  );
  assert.equal((await s.next(420)).headers.get("unsupported"), "foo, bar");
  assert.equal(s.calls.length, 0);
});

test("a Content-Encoding other than identity gets 415 and Accept-Encoding", async () => {
  const s = scene({ answer: (session) => session.reject(486) });
  s.send(s.request("INVITE", { body: sdp(), headers: [["Content-Encoding", "gzip"]] }));
  assert.equal((await s.next(415)).headers.get("accept-encoding"), "identity");
  s.send(s.request("INVITE", { cseq: 2, body: sdp(), headers: [["Content-Encoding", "identity"]] }));
  await s.next(486);
});

test("a request of a dialog that is not known gets 481 and is told of (RFC 3261 §12.2.2)", async () => {
  const strangers: string[] = [];
  const s = scene({ handlers: { onStranger: (request) => void strangers.push(request.method) } });
  for (const [at, method] of ["BYE", "INVITE", "INFO", "REFER", "UPDATE"].entries()) {
    s.send(s.request(method, { toTag: "nobody", cseq: at + 1 }));
    await s.next(481);
  }
  s.send(s.request("BYE", { cseq: 9 }));
  await s.next(481);
  s.send(s.request("ACK", { toTag: "nobody", cseq: 9 }));
  await s.pass(100);
  assert.equal(s.inbox.length, 0);
  assert.deepEqual(strangers, ["BYE", "INVITE", "INFO", "REFER", "UPDATE", "BYE"]);
});

test("the dialog is found by Call-ID and both tags, not by Call-ID alone", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  await s.next(180);
  const toTag = s.calls[0]?.session.localTag ?? "";
  for (const wrong of [{ toTag: "x" }, { toTag, fromTag: "x" }, { toTag, callId: "x" }]) {
    s.send(s.request("BYE", { cseq: 2, ...wrong }));
    await s.next(481);
  }
  assert.deepEqual(s.calls[0]?.told.events, []);
});

test("the same INVITE on two ways is served once, the other gets 482 (RFC 3261 §8.2.2.2)", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { branch: "z9hG4bKone" }));
  await s.next(180);
  s.send(s.request("INVITE", { branch: "z9hG4bKtwo" }));
  await s.next(482);
  await s.pass(200_000);
  s.send(s.request("INVITE", { branch: "z9hG4bKthree" }));
  await s.next(482);
  s.calls[0]?.session.reject(486);
  await s.next(486);
  s.send(s.request("INVITE", { branch: "z9hG4bKfour" }));
  await s.next(482);
  await s.pass(130_000);
  assert.equal(s.calls.length, 1);
  assert.equal(s.clock.pending, 0);
});

test("an INVITE that comes again after a challenge is a new call, even with the same CSeq", async () => {
  const s = scene({ answer: (session) => session.reject(401) });
  s.send(s.request("INVITE"));
  await s.next(401);
  s.send(s.request("INVITE"));
  await s.next(401);
  assert.equal(s.calls.length, 2);
});

test("malformed requests are answered without a transaction, ACK never", async () => {
  const s = scene();
  const bad = (method: string) =>
    createRequest({
      method,
      uri: "sip:agent@192.0.2.2",
      headers: [
        ["Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKbad"],
        ["From", "<sip:a@192.0.2.1>;tag=1"],
        ["To", "<sip:b@192.0.2.2>"],
        ["Call-ID", "c"],
        ["CSeq", `x ${method}`],
      ],
    });
  s.send(bad("OPTIONS"));
  const first = await s.next(400);
  s.send(bad("OPTIONS"));
  assert.equal((await s.next(400)).headers.get("to"), first.headers.get("to"));
  s.send(bad("ACK"));
  await s.pass(100);
  assert.equal(s.inbox.length, 0);
  assert.equal(s.agent.transactions, 0);
});

test("a scheme that is not known gets 416", async () => {
  const s = scene();
  s.send(s.request("INVITE", { uri: "mailto:agent@192.0.2.2" }));
  await s.next(416);
});

test("a call above the greatest number of sessions gets 503 and Retry-After", async () => {
  const s = scene({ answer: (session) => session.provisional(180), agent: { maxSessions: 1 } });
  s.send(s.request("INVITE"));
  await s.next(180);
  s.send(s.request("INVITE", { callId: "another" }));
  assert.equal((await s.next(503)).headers.get("retry-after"), "5");
});

test("100 has neither Allow nor Server, and no To tag", async () => {
  const s = scene({ answer() {} });
  s.send(s.request("INVITE"));
  const trying = await s.next(100);
  assert.equal(trying.headers.get("allow"), undefined);
  assert.equal(trying.headers.get("server"), undefined);
  assert.equal(trying.headers.get("to"), "<sip:agent@192.0.2.2>");
});

test("a handler that throws is reported and the request is answered 500", async () => {
  const boom = () => {
    throw new Error("boom");
  };
  const s = scene({ handlers: { onInvite: boom, onRequest: boom, onStranger: boom } });
  s.send(s.request("INVITE"));
  await s.next(500);
  s.send(s.request("OPTIONS", { callId: "2" }));
  await s.next(500);
  s.send(s.request("BYE", { callId: "3", toTag: "x" }));
  await s.next(481);
  assert.equal(s.logged.length, 3);
  assert.equal(s.agent.sessions.size, 0);
});
