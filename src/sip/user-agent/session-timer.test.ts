import assert from "node:assert/strict";
import { test } from "node:test";
import { incomingCall, outgoingCall } from "../../../test/sip-dialog.ts";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { createResponse } from "../index.ts";
import { parseSessionExpires } from "./session-timer.ts";

const headers = (...pairs: [string, string][]): { headers: [string, string][] } => ({ headers: pairs });
const supported: [string, string] = ["Supported", "timer"];
const allowUpdate: [string, string] = ["Allow", "INVITE, ACK, BYE, CANCEL, UPDATE"];
const contact: [string, string] = ["Contact", "<sip:peer@192.0.2.1:5060>"];
const invite = (...pairs: [string, string][]) => ({ invite: { body: sdp("offer"), ...headers(...pairs) } });

test("Session-Expires is read with its refresher, and refused when it is none", () => {
  assert.deepEqual(parseSessionExpires("1800"), { seconds: 1800, refresher: undefined });
  assert.deepEqual(parseSessionExpires("90 ; refresher=UAS;x"), { seconds: 90, refresher: "uas" });
  assert.deepEqual(parseSessionExpires("9999999999"), { seconds: 2_000_000, refresher: undefined });
  for (const bad of [undefined, "", "x", "-1", "1800 refresher=uas"])
    assert.equal(parseSessionExpires(bad), undefined);
});

test("a caller that supports timers is given ours, which we refresh with UPDATE at half time", async () => {
  const s = await incomingCall({ ...invite(supported, allowUpdate), agent: { sessionExpires: 600 } });
  await s.pass(299_500);
  assert.equal(s.inbox.length, 0);
  const update = await s.next("UPDATE", 1000);
  assert.equal(update.headers.get("session-expires"), "600;refresher=uac");
  assert.equal(update.body.length, 0);
  s.send(createResponse(update, 200, headers(contact, ["Session-Expires", "600;refresher=uac"])));
  await s.pass(299_000);
  assert.equal(s.inbox.length, 0);
  await s.next("UPDATE", 2000);
});

test("a caller without UPDATE is refreshed with a re-INVITE of the SDP we sent last", async () => {
  const s = await incomingCall({ ...invite(supported), agent: { sessionExpires: 600 } });
  const again = await s.next("INVITE", 301_000);
  assert.equal(textOf(again), "our answer");
  assert.equal(again.headers.get("session-expires"), "600;refresher=uac");
});

test("a caller that does not know timers has none", async () => {
  const s = await incomingCall();
  await s.pass(4_000_000);
  assert.equal(s.inbox.length, 0);
  assert.equal(s.session.state, "confirmed");
});

test("the interval and the refresher that a caller asks for are taken; it has to refresh when it does not say who", async () => {
  for (const [asked, answer, required] of [
    ["300", "300;refresher=uac", true],
    ["300;refresher=uac", "300;refresher=uac", true],
    ["300;refresher=uas", "300;refresher=uas", false],
  ] as const) {
    const s = scene({ answer: (session) => session.accept() });
    s.send(s.request("INVITE", headers(supported, ["Session-Expires", asked])));
    const ok = await s.next(200);
    assert.equal(ok.headers.get("session-expires"), answer);
    assert.equal(ok.headers.get("require") === "timer", required);
  }
});

test("an interval that a proxy asks for on behalf of a caller without timers is refreshed by us", async () => {
  const s = scene({ answer: (session) => session.accept() });
  s.send(s.request("INVITE", headers(["Session-Expires", "300;refresher=uac"])));
  const ok = await s.next(200);
  assert.equal(ok.headers.get("session-expires"), "300;refresher=uas");
  assert.equal(ok.headers.get("require"), undefined);
});

test("a re-INVITE or UPDATE that asks for less than 90 s gets 422 with Min-SE", async () => {
  const s = await incomingCall(invite(supported));
  for (const method of ["UPDATE", "INVITE"]) {
    s.send(s.ask(method, headers(supported, ["Session-Expires", "60"])));
    assert.equal((await s.next(422)).headers.get("min-se"), "90");
  }
});

test("an INVITE that asks for less than 90 s gets 422 with Min-SE, before anybody is told of the call", async () => {
  const s = scene();
  s.send(s.request("INVITE", headers(supported, ["Session-Expires", "60"])));
  assert.equal((await s.next(422)).headers.get("min-se"), "90");
  assert.equal(s.calls.length, 0);
});

test("a session that the peer should refresh and does not is ended with BYE before it runs out", async () => {
  const s = await incomingCall(invite(supported, ["Session-Expires", "300;refresher=uac"]));
  await s.pass(267_900);
  assert.equal(s.inbox.length, 0);
  const bye = await s.next("BYE", 200);
  assert.equal(bye.headers.get("reason"), 'SIP;cause=408;text="Session Expired"');
  assert.deepEqual(s.told.events, ["ack", "end timeout (session expired)"]);
});

test("a refresh of the peer starts the time again; one without Session-Expires and timers ends it", async () => {
  const s = await incomingCall({
    ...invite(supported, ["Session-Expires", "300;refresher=uac"]),
    agent: { sessionExpires: 0 },
  });
  await s.pass(200_000);
  s.send(s.ask("UPDATE", headers(supported, ["Session-Expires", "300;refresher=uac"])));
  assert.equal((await s.next(200)).headers.get("session-expires"), "300;refresher=uac");
  await s.pass(200_000);
  assert.equal(s.session.state, "confirmed");
  s.send(s.ask("UPDATE"));
  await s.next(200);
  await s.pass(1_000_000);
  assert.equal(s.session.state, "confirmed");
});

test("a call of ours asks for a timer, is refreshed by whom the answer names, and has none when it names nobody", async () => {
  const ours = await outgoingCall({
    answerHeaders: [["Session-Expires", "600;refresher=uac"], allowUpdate],
  });
  await ours.next("UPDATE", 301_000);

  const theirs = await outgoingCall({
    answerHeaders: [["Session-Expires", "600;refresher=uas"], allowUpdate],
  });
  await theirs.pass(560_000);
  assert.equal(theirs.inbox.length, 0);
  await theirs.next("BYE", 10_000);

  const nobody = await outgoingCall();
  await nobody.pass(4_000_000);
  assert.equal(nobody.inbox.length, 0);
});

test("422 to a call of ours is tried again with the Min-SE it has", async () => {
  const s = scene();
  const { told } = s.call();
  const first = await s.next("INVITE");
  assert.equal(first.headers.get("session-expires"), "1800");
  s.send(createResponse(first, 422, { toTag: "far", ...headers(["Min-SE", "3600"]) }));
  await s.next("ACK");
  const second = await s.next("INVITE");
  assert.equal(second.headers.get("session-expires"), "3600");
  assert.equal(second.headers.get("min-se"), "3600");
  assert.equal(second.headers.get("cseq"), "2 INVITE");
  s.send(createResponse(second, 422, { toTag: "far", ...headers(["Min-SE", "3600"]) }));
  await s.next("ACK");
  assert.deepEqual(told.events, ["end rejected"]);
});

test("422 to a refresh of ours is tried again with the Min-SE it has", async () => {
  const s = await outgoingCall({ answerHeaders: [["Session-Expires", "200;refresher=uac"], allowUpdate] });
  const first = await s.next("UPDATE", 101_000);
  s.send(createResponse(first, 422, headers(["Min-SE", "400"])));
  const second = await s.next("UPDATE");
  assert.equal(second.headers.get("session-expires"), "400;refresher=uac");
  s.send(createResponse(second, 200, headers(contact, ["Session-Expires", "400;refresher=uac"])));
  await s.pass(190_000);
  assert.equal(s.inbox.length, 0);
  await s.next("UPDATE", 11_000);
});

test("a refresh that fails is tried again until it is too late, then the call ends", async () => {
  const s = await outgoingCall({ answerHeaders: [["Session-Expires", "600;refresher=uac"], allowUpdate] });
  let tries = 0;
  for (let ms = 0; ms < 600_000 && s.session.state === "confirmed"; ms += 100) {
    await s.pass(100);
    for (const message of s.inbox.splice(0))
      if (message.kind === "request" && message.method === "UPDATE") {
        tries++;
        s.send(createResponse(message, 500));
      }
  }
  assert.ok(tries >= 3, `${tries}`);
  assert.deepEqual(s.told.events, ["200", "end timeout (session expired)"]);
});

test("a peer that refuses UPDATE is refreshed with re-INVITE", async () => {
  const s = await outgoingCall({ answerHeaders: [["Session-Expires", "600;refresher=uac"], allowUpdate] });
  s.send(createResponse(await s.next("UPDATE", 301_000), 501));
  assert.equal(textOf(await s.next("INVITE", 200_000)), "offer");
});

test("sessionExpires 0 asks for no timer and does not offer to support one", async () => {
  const s = scene();
  s.call({ sessionExpires: 0 });
  const request = await s.next("INVITE");
  assert.equal(request.headers.get("session-expires"), undefined);
  assert.doesNotMatch(request.headers.get("supported") ?? "", /timer/);
});

test("our re-INVITEs keep the timer that was agreed", async () => {
  const s = await outgoingCall({ answerHeaders: [["Session-Expires", "600;refresher=uas"]] });
  void s.session.reinvite({ body: sdp("x") });
  assert.equal((await s.next("INVITE")).headers.get("session-expires"), "600;refresher=uas");
});
