import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp } from "../../../test/sip-wire.ts";
import { createResponse, tagOf } from "../index.ts";

test("a call rings, is answered and ended by us", async () => {
  const s = scene();
  const { session, told } = s.call();
  const invite = await s.next("INVITE");
  assert.equal(invite.headers.get("user-agent"), "yayts");
  assert.equal(invite.headers.get("session-expires"), "1800");
  assert.match(invite.headers.get("supported") ?? "", /timer, replaces, 100rel/);
  s.send(createResponse(invite, 180, { toTag: "far" }));
  await s.pass(20);
  s.send(
    createResponse(invite, 200, {
      toTag: "far",
      headers: [["Contact", "<sip:desk@192.0.2.9>"]],
      body: sdp(),
    }),
  );
  const ack = await s.next("ACK");
  assert.equal(ack.uri, "sip:desk@192.0.2.9");
  assert.equal(ack.headers.get("cseq"), "1 ACK");
  assert.equal(session.state, "confirmed");
  session.end();
  const bye = await s.next("BYE");
  assert.equal(bye.headers.get("cseq"), "2 BYE");
  assert.equal(tagOf(bye.headers, "to"), "far");
  s.send(createResponse(bye, 200));
  assert.deepEqual(told.events, ["180", "200", "end local"]);
  await s.pass(70_000);
  assert.equal(s.agent.transactions, 0);
  assert.equal(s.clock.pending, 0);
});

test("a call is refused", async () => {
  const s = scene();
  const { session, told } = s.call();
  s.send(createResponse(await s.next("INVITE"), 404, { toTag: "far" }));
  await s.next("ACK");
  assert.deepEqual(told.events, ["end rejected"]);
  assert.equal(told.ends[0]?.response?.status, 404);
  assert.equal(session.state, "ended");
});

test("a call that rings is cancelled", async () => {
  const s = scene();
  const { session, told } = s.call();
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 180, { toTag: "far" }));
  await s.pass(20);
  session.end({ headers: [["Reason", "SIP;cause=200"]] });
  await s.next("CANCEL");
  s.send(createResponse(invite, 487, { toTag: "far" }));
  await s.next("ACK");
  assert.deepEqual(told.events, ["180", "end local"]);
});

test("a call nobody answers ends with a timeout", async () => {
  const s = scene();
  const { told } = s.call();
  await s.pass(32_100);
  assert.deepEqual(told.events, ["end timeout (no answer)"]);
});

test("a request outside a dialog resolves to its final response, or to a 408", async () => {
  const s = scene();
  const ask = () =>
    s.agent.request({
      method: "OPTIONS",
      uri: "sip:peer@192.0.2.1",
      flow: s.wire.b,
      from: "<sip:agent@192.0.2.2>",
      to: "<sip:peer@192.0.2.1>",
    });
  const first = ask();
  s.send(createResponse(await s.next("OPTIONS"), 200));
  await s.pass(10);
  assert.equal((await first).status, 200);
  const second = ask();
  await s.pass(33_000);
  assert.equal((await second).status, 408);
});
