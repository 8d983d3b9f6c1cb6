import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { createResponse, type MessageExtras, type SipRequest, type SipResponse, tagOf } from "../index.ts";

const rackOf = (response: SipResponse): [string, string] => [
  "RAck",
  `${response.headers.get("rseq")} 1 INVITE`,
];
const wants: [string, string][] = [["Require", "100rel"]];
const can: [string, string][] = [["Supported", "100rel"]];

test("a provisional response is reliable when the peer requires it, or when asked for and the peer can", async () => {
  for (const [headers, reliable, expected] of [
    [wants, undefined, true],
    [can, undefined, false],
    [can, true, true],
    [[], true, false],
  ] as const) {
    const s = scene({
      answer: (session) => session.provisional(180, reliable === undefined ? {} : { reliable }),
    });
    s.send(s.request("INVITE", { headers }));
    const ringing = await s.next(180);
    assert.equal(ringing.headers.get("require") === "100rel", expected);
    assert.equal(ringing.headers.has("rseq"), expected);
  }
});

test("a reliable response is repeated after T1, 2 T1, 4 T1 … until its PRACK, which gets 200", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { headers: wants }));
  const ringing = await s.next(180);
  const times: number[] = [];
  for (let ms = 0; ms < 8000; ms += 100) {
    await s.pass(100);
    for (const _ of s.inbox.splice(0)) times.push(ms + 100);
  }
  assert.deepEqual(times, [500, 1500, 3500, 7500]);
  s.send(s.request("PRACK", { toTag: tagOf(ringing.headers, "to"), cseq: 2, headers: [rackOf(ringing)] }));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 PRACK");
  await s.pass(20_000);
  assert.equal(s.inbox.length, 0);
});

test("an INVITE whose reliable response nobody acknowledges is answered 504 after 64 T1", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { headers: wants }));
  await s.next(180);
  await s.next(504, 33_000);
  assert.deepEqual(s.calls[0]?.told.events, ["end timeout (no PRACK)"]);
});

test("a second reliable response waits for the PRACK of the first and has the next RSeq", async () => {
  const s = scene({
    answer(session) {
      session.provisional(180);
      session.provisional(183);
    },
  });
  s.send(s.request("INVITE", { headers: wants }));
  const first = await s.next(180);
  await s.pass(400);
  assert.equal(s.inbox.length, 0);
  const toTag = tagOf(first.headers, "to");
  s.send(s.request("PRACK", { toTag, cseq: 2, headers: [rackOf(first)] }));
  const second = await s.next(183);
  assert.equal(Number(second.headers.get("rseq")), Number(first.headers.get("rseq")) + 1);
});

test("a PRACK that belongs to nothing gets 481", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE", { headers: wants }));
  const first = await s.next(180);
  const toTag = tagOf(first.headers, "to");
  const rseq = Number(first.headers.get("rseq"));
  for (const [at, rack] of [`${rseq + 1} 1 INVITE`, `${rseq} 2 INVITE`, `${rseq} 1 UPDATE`, "x"].entries()) {
    s.send(s.request("PRACK", { toTag, cseq: 2 + at, headers: [["RAck", rack]] }));
    await s.next(481);
  }
  s.send(s.request("PRACK", { toTag, cseq: 8, headers: [rackOf(first)] }));
  await s.next(200);
  s.send(s.request("PRACK", { toTag, cseq: 9, headers: [rackOf(first)] }));
  await s.next(481);
});

test("a 200 waits for the PRACK of SDP that went before it (RFC 3262 §5)", async () => {
  const s = scene({
    answer(session) {
      session.provisional(183, { body: sdp("early") });
      session.accept();
    },
  });
  s.send(s.request("INVITE", { headers: wants, body: sdp("offer") }));
  const early = await s.next(183);
  await s.pass(400);
  assert.equal(s.inbox.length, 0);
  assert.equal(s.calls[0]?.session.state, "early");
  const toTag = tagOf(early.headers, "to");
  s.send(s.request("PRACK", { toTag, cseq: 2, headers: [rackOf(early)] }));
  assert.equal((await s.next(200)).headers.get("cseq"), "2 PRACK");
  assert.equal((await s.next(200)).headers.get("cseq"), "1 INVITE");
});

test("a 200 does not wait for the PRACK of a response without SDP", async () => {
  const s = scene({
    answer(session) {
      session.provisional(180);
      session.accept();
    },
  });
  s.send(s.request("INVITE", { headers: wants, body: sdp("offer") }));
  await s.next(180);
  assert.equal((await s.next(200)).headers.get("cseq"), "1 INVITE");
});

test("an offer of ours in a reliable response is answered in its PRACK", async () => {
  const answers: string[] = [];
  const s = scene({
    answer: (session) => session.provisional(183, { body: sdp("our offer") }),
    session: { onAnswer: (request) => void answers.push(`${request.method} ${textOf(request)}`) },
  });
  s.send(s.request("INVITE", { headers: wants }));
  const early = await s.next(183);
  const toTag = tagOf(early.headers, "to");
  s.send(s.request("PRACK", { toTag, cseq: 2, headers: [rackOf(early)], body: sdp("their answer") }));
  await s.next(200);
  assert.deepEqual(answers, ["PRACK their answer"]);
});

test("a new offer in a PRACK is answered in its 200", async () => {
  const s = scene({
    answer: (session) => session.provisional(183, { body: sdp("answer") }),
    session: { onOffer: (request) => ({ status: 200, body: sdp(`answer to ${textOf(request)}`) }) },
  });
  s.send(s.request("INVITE", { headers: wants, body: sdp("offer") }));
  const early = await s.next(183);
  const toTag = tagOf(early.headers, "to");
  s.send(s.request("PRACK", { toTag, cseq: 2, headers: [rackOf(early)], body: sdp("second offer") }));
  assert.equal(textOf(await s.next(200)), "answer to second offer");
});

const reliably = (rseq: number, tag: string, more: MessageExtras = {}) => ({
  ...more,
  toTag: tag,
  headers: [
    ["Require", "100rel"],
    ["RSeq", String(rseq)],
    ["Contact", `<sip:${tag}@192.0.2.9>`],
  ] as [string, string][],
});

test("reliable responses of every branch get their PRACK once and are told in order; what skips one is ignored", async () => {
  const s = scene();
  const { told } = s.call();
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 180, reliably(5, "one")));
  const first = await s.next("PRACK");
  assert.equal(first.uri, "sip:one@192.0.2.9");
  assert.equal(first.headers.get("rack"), "5 1 INVITE");
  assert.equal(first.headers.get("cseq"), "2 PRACK");
  s.send(createResponse(first, 200));
  s.send(createResponse(invite, 180, reliably(9, "two")));
  const other = await s.next("PRACK");
  assert.equal(other.headers.get("cseq"), "2 PRACK");
  assert.equal(other.headers.get("rack"), "9 1 INVITE");
  s.send(createResponse(other, 200));
  s.send(createResponse(invite, 180, reliably(5, "one")));
  s.send(createResponse(invite, 183, reliably(7, "one")));
  await s.pass(100);
  assert.equal(s.inbox.length, 0);
  s.send(createResponse(invite, 182, reliably(6, "one")));
  assert.equal((await s.next("PRACK")).headers.get("cseq"), "3 PRACK");
  assert.deepEqual(told.events, ["180", "180", "182"]);
});

test("an offer in a reliable response to an INVITE without one is answered in the PRACK", async () => {
  const s = scene();
  s.call({ body: undefined, handlers: { onEarlyOffer: () => sdp("early answer"), onEnd() {} } });
  const invite: SipRequest = await s.next("INVITE");
  s.send(createResponse(invite, 183, reliably(1, "far", { body: sdp("early offer") })));
  assert.equal(textOf(await s.next("PRACK")), "early answer");
});
