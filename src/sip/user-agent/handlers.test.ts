import assert from "node:assert/strict";
import { test } from "node:test";
import { incomingCall, outgoingCall } from "../../../test/sip-dialog.ts";
import { scene, sdp } from "../../../test/sip-wire.ts";
import { createResponse, tagOf } from "../index.ts";

const boom = (): never => {
  throw new Error("boom");
};

test("BYE, re-INVITE, UPDATE, INFO and REFER are served when `authorize` allows, sooner or later", async () => {
  const asked: string[] = [];
  const served: string[] = [];
  const s = await incomingCall({
    session: {
      authorize(request) {
        asked.push(request.method);
        if (request.headers.has("authorization")) return Promise.resolve(undefined);
        return { status: 401, headers: [["WWW-Authenticate", 'Digest realm="r", nonce="n"']] };
      },
      onOffer(request) {
        served.push(request.method);
        return { status: 200, body: sdp("x") };
      },
      onRequest(transaction) {
        served.push(transaction.request.method);
        transaction.respond(createResponse(transaction.request, 202));
      },
    },
  });
  const methods = ["INFO", "REFER", "UPDATE", "INVITE", "BYE"];
  for (const method of methods) {
    s.send(s.ask(method, { body: sdp("x") }));
    assert.match((await s.next(401)).headers.get("www-authenticate") ?? "", /nonce/);
    assert.equal(s.session.state, "confirmed");
  }
  assert.deepEqual(served, []);
  for (const [at, method] of methods.entries()) {
    s.send(s.ask(method, { body: sdp("x"), headers: [["Authorization", "Digest"]] }));
    await s.next(at < 2 ? 202 : 200);
    if (method === "INVITE") s.ack(10);
  }
  assert.deepEqual(served, ["INFO", "REFER", "UPDATE", "INVITE"]);
  assert.deepEqual(asked, [...methods, ...methods]);
  assert.deepEqual(s.told.events, ["ack", "end bye"]);
});

test("other requests are served while `authorize` is being awaited; a BYE that waits ends the call only then", async () => {
  let allow: (verdict: undefined) => void = () => {};
  const s = await incomingCall({
    session: {
      authorize: (request) =>
        request.method === "BYE" ? new Promise((resolve) => (allow = resolve)) : undefined,
      onRequest: (transaction) => transaction.respond(createResponse(transaction.request, 200)),
    },
  });
  s.send(s.ask("BYE"));
  await s.pass(20);
  s.send(s.ask("INFO"));
  assert.equal((await s.next(200)).headers.get("cseq"), "3 INFO");
  assert.equal(s.session.state, "confirmed");
  allow(undefined);
  assert.equal((await s.next(200)).headers.get("cseq"), "2 BYE");
  assert.equal(s.session.state, "ended");
});

test("a call that ends while `authorize` is being awaited answers what waits", async () => {
  let allow: (verdict: undefined) => void = () => {};
  const s = await incomingCall({ session: { authorize: () => new Promise((resolve) => (allow = resolve)) } });
  s.send(s.ask("INFO"));
  await s.pass(20);
  s.session.end();
  await s.next("BYE");
  allow(undefined);
  await s.next(481);
});

test("an `authorize` that throws or rejects is reported and the request gets 500", async () => {
  for (const authorize of [boom, () => Promise.reject(new Error("boom"))]) {
    const s = await incomingCall({ session: { authorize } });
    s.send(s.ask("BYE"));
    await s.next(500);
    assert.equal(s.logged.length, 1);
    assert.equal(s.session.state, "confirmed");
  }
});

test("an `onOffer` that throws or rejects is reported and the request gets 500; the next one is served", async () => {
  let failing = true;
  for (const fail of [boom, () => Promise.reject(new Error("boom"))]) {
    const s = await incomingCall({ session: { onOffer: () => (failing ? fail() : { status: 488 }) } });
    failing = true;
    for (const method of ["INVITE", "UPDATE"]) {
      s.send(s.ask(method, { body: sdp("x") }));
      await s.next(500);
    }
    failing = false;
    s.send(s.ask("INVITE", { body: sdp("x") }));
    await s.next(488);
    assert.equal(s.logged.length, 2);
  }
});

test("an `onRequest` that throws is reported and the request gets 500", async () => {
  const s = await incomingCall({ session: { onRequest: boom } });
  s.send(s.ask("INFO"));
  await s.next(500);
  assert.equal(s.logged.length, 1);
});

test("an `onAck` that throws is reported and ends the call", async () => {
  const s = scene({ answer: (session) => session.accept(), session: { onAck: boom } });
  s.send(s.request("INVITE"));
  const toTag = tagOf((await s.next(200)).headers, "to");
  s.send(s.request("ACK", { toTag }));
  await s.next("BYE");
  assert.deepEqual(s.calls[0]?.told.events, ["ack", "end local"]);
});

test("an `onProvisional` that throws is reported, and the call goes on", async () => {
  const s = scene();
  const { session } = s.call({ handlers: { onProvisional: boom, onEnd() {} } });
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 180, { toTag: "far" }));
  s.send(createResponse(invite, 200, { toTag: "far", headers: [["Contact", "<sip:x@192.0.2.1>"]] }));
  await s.next("ACK");
  assert.equal(session.state, "confirmed");
  assert.equal(s.logged.length, 1);
});

test("an `onEnd` that throws is reported, and nothing is left", async () => {
  const s = await outgoingCall({ session: { onEnd: boom } });
  s.session.end();
  s.send(createResponse(await s.next("BYE"), 200));
  await s.pass(70_000);
  assert.equal(s.logged.length, 1);
  assert.equal(s.agent.sessions.size, 0);
  assert.equal(s.clock.pending, 0);
});

test("a re-INVITE that is cancelled while `authorize` is being awaited is not offered to anybody", async () => {
  let allow: (verdict: undefined) => void = () => {};
  let offers = 0;
  const s = await incomingCall({
    session: {
      authorize: () => new Promise((resolve) => (allow = resolve)),
      onOffer() {
        offers++;
        return { status: 200 };
      },
    },
  });
  s.send(s.ask("INVITE", { body: sdp("x"), branch: "z9hG4bKre" }));
  await s.pass(20);
  s.send(s.ask("CANCEL", { cseq: 2, branch: "z9hG4bKre" }));
  await s.next(487);
  allow(undefined);
  await s.pass(20);
  assert.equal(offers, 0);
});

test("a request on another flow moves the dialog there when `authorize` has let it pass, and not before", async () => {
  const s = await incomingCall({
    session: {
      authorize: (request) =>
        request.headers.has("authorization")
          ? undefined
          : { status: 401, headers: [["WWW-Authenticate", "x"]] },
      onRequest: (transaction) => transaction.respond(createResponse(transaction.request, 200)),
      onOffer: () => ({ status: 488 }),
    },
  });
  const { flow } = s.session;
  const elsewhere = { ...flow, send() {}, remote: { host: "203.0.113.66", port: 6666 } };
  const from = (method: string, headers: [string, string][] = []): void => {
    const request = s.ask(method, { headers });
    assert.ok(request.kind === "request");
    s.agent.receive(request, elsewhere);
  };
  for (const method of ["INFO", "OPTIONS", "REFER", "INVITE", "UPDATE", "MESSAGE", "BYE"]) from(method);
  await s.pass(100);
  assert.equal(s.session.flow, flow);
  assert.equal(s.session.state, "confirmed");
  from("INFO", [["Authorization", "Digest"]]);
  await s.pass(100);
  assert.equal(s.session.flow, elsewhere);
});
