import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, sdp, textOf } from "../../../test/sip-wire.ts";
import { createResponse, type MessageExtras, tagOf } from "../index.ts";

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

const contact = (host: string): MessageExtras => ({ headers: [["Contact", `<sip:desk@${host}>`]] });

test("the 2xx of a fork's other branches are acknowledged and ended, and not told (RFC 3261 §13.2.2.4)", async () => {
  const s = scene();
  const { session, told } = s.call();
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 180, { toTag: "one", ...contact("192.0.2.11") }));
  s.send(createResponse(invite, 183, { toTag: "two", ...contact("192.0.2.12") }));
  s.send(createResponse(invite, 200, { toTag: "two", ...contact("192.0.2.12") }));
  assert.equal((await s.next("ACK")).uri, "sip:desk@192.0.2.12");
  assert.equal(session.remoteTag, "two");
  s.send(createResponse(invite, 200, { toTag: "one", ...contact("192.0.2.11") }));
  assert.equal((await s.next("ACK")).uri, "sip:desk@192.0.2.11");
  const bye = await s.next("BYE");
  assert.equal(tagOf(bye.headers, "to"), "one");
  s.send(createResponse(bye, 200));
  s.send(createResponse(invite, 200, { toTag: "one", ...contact("192.0.2.11") }));
  await s.next("ACK");
  await s.pass(1000);
  assert.equal(s.inbox.length, 0);
  assert.deepEqual(told.events, ["180", "183", "200"]);
});

test("a 2xx that comes again gets the same ACK again, after BYE too", async () => {
  const s = scene();
  const { session } = s.call();
  const invite = await s.next("INVITE");
  const ok = createResponse(invite, 200, { toTag: "far", ...contact("192.0.2.9") });
  s.send(ok);
  const ack = await s.next("ACK");
  s.send(ok);
  assert.deepEqual([...(await s.next("ACK")).headers], [...ack.headers]);
  session.end();
  s.send(createResponse(await s.next("BYE"), 200));
  s.send(ok);
  assert.deepEqual([...(await s.next("ACK")).headers], [...ack.headers]);
});

test("a 2xx that crosses our CANCEL is acknowledged and ended with BYE", async () => {
  const s = scene();
  const { session, told } = s.call();
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 180, { toTag: "far" }));
  await s.pass(20);
  session.end();
  s.send(createResponse(invite, 200, { toTag: "far", ...contact("192.0.2.9") }));
  await s.next("CANCEL");
  await s.next("ACK");
  s.send(createResponse(await s.next("BYE"), 200));
  assert.deepEqual(told.events, ["180", "end local"]);
  await s.pass(70_000);
  assert.equal(s.clock.pending, 0);
});

test("a call ended before anything came back is cancelled when the first provisional response comes", async () => {
  const s = scene();
  const { session, told } = s.call();
  const invite = await s.next("INVITE");
  session.end();
  await s.pass(100);
  assert.ok(!s.wire.trace.includes("b CANCEL"));
  s.send(createResponse(invite, 100));
  await s.next("CANCEL");
  s.send(createResponse(invite, 487, { toTag: "far" }));
  await s.next("ACK");
  assert.deepEqual(told.events, ["end local"]);
});

test("a 2xx to what we never sent gets nothing: no ACK and BYE for whoever it says it is", async () => {
  const s = scene();
  const { session } = s.call();
  const invite = await s.next("INVITE");
  s.send(createResponse(invite, 486, { toTag: "far" }));
  await s.next("ACK");
  await s.pass(40_000);
  assert.equal(session.state, "ended");
  s.inbox.length = 0;
  const contact: [string, string][] = [["Contact", "<sip:victim@192.0.2.9>"]];
  for (const [name, value] of [
    ["From", "<sip:me@x>;tag=made-up"],
    ["From", "<sip:me@x>"],
    ["Call-ID", "other"],
  ] as const) {
    const forged = {
      ...invite,
      headers: invite.headers.clone().set(name, value).set("Via", "SIP/2.0/UDP x"),
    };
    s.send(createResponse(forged, 200, { toTag: "far", headers: contact }));
  }
  await s.pass(40_000);
  assert.equal(s.inbox.length, 0);
});

test("a 2xx that comes when the call is long over is acknowledged and ended with BYE (RFC 6026 §8.1)", async () => {
  const s = scene();
  const { told } = s.call();
  const invite = await s.next("INVITE");
  await s.pass(33_000);
  s.inbox.length = 0;
  assert.deepEqual(told.events, ["end timeout (no answer)"]);
  const late = createResponse(invite, 200, {
    toTag: "far",
    headers: [
      ["Contact", "<sip:desk@192.0.2.9>"],
      ["Record-Route", "<sip:p.example;lr>"],
    ],
  });
  s.send(late);
  const ack = await s.next("ACK");
  assert.equal(ack.uri, "sip:desk@192.0.2.9");
  assert.equal(ack.headers.get("route"), "<sip:p.example;lr>");
  const bye = await s.next("BYE");
  assert.equal(bye.headers.get("cseq"), "2 BYE");
  s.send(createResponse(bye, 200));
  s.send(late);
  await s.next("ACK");
  await s.pass(100);
  assert.equal(s.inbox.length, 0);
  await s.pass(130_000);
  assert.equal(s.clock.pending, 0);
});

const challenge = (realm: string, more = ""): MessageExtras & { toTag: string } => ({
  toTag: "far",
  headers: [["WWW-Authenticate", `Digest realm="${realm}", nonce="n"${more}`]],
});

test("a challenge is answered with the next CSeq in the same call, once a realm; ACK has the credentials too", async () => {
  const s = scene();
  let count = 0;
  const { told } = s.call({
    credentials: (_request, { status }) => [
      status === 401 ? "Authorization" : "Proxy-Authorization",
      `Digest realm="${status === 401 ? "home" : "proxy"}", response="${++count}"`,
    ],
  });
  const first = await s.next("INVITE");
  s.send(
    createResponse(first, 407, {
      toTag: "far",
      headers: [["Proxy-Authenticate", 'Digest realm="proxy", nonce="n"']],
    }),
  );
  await s.next("ACK");
  const second = await s.next("INVITE");
  assert.equal(second.headers.get("cseq"), "2 INVITE");
  assert.equal(second.headers.get("call-id"), first.headers.get("call-id"));
  assert.equal(second.headers.get("from"), first.headers.get("from"));
  assert.equal(second.headers.get("to"), "<sip:peer@192.0.2.1>");
  assert.equal(second.headers.all("via").length, 1);
  s.send(createResponse(second, 401, challenge("home")));
  const third = await s.next("INVITE");
  assert.deepEqual(third.headers.all("proxy-authorization"), ['Digest realm="proxy", response="1"']);
  assert.deepEqual(third.headers.all("authorization"), ['Digest realm="home", response="2"']);
  s.send(createResponse(third, 200, { toTag: "far", ...contact("192.0.2.9") }));
  const ack = await s.next("ACK");
  assert.equal(ack.headers.get("cseq"), "3 ACK");
  assert.equal(ack.headers.get("authorization"), 'Digest realm="home", response="2"');
  assert.deepEqual(told.events, ["200"]);
});

test("a realm that refuses what was answered ends the call, unless only the nonce was too old", async () => {
  const s = scene();
  let count = 0;
  const { told } = s.call({
    credentials: () => ["Authorization", `Digest realm="home", response="${++count}"`],
  });
  s.send(createResponse(await s.next("INVITE"), 401, challenge("home")));
  await s.next("ACK");
  s.send(createResponse(await s.next("INVITE"), 401, challenge("home", ", stale=TRUE")));
  await s.next("ACK");
  const third = await s.next("INVITE");
  assert.deepEqual(third.headers.all("authorization"), ['Digest realm="home", response="2"']);
  s.send(createResponse(third, 401, challenge("home")));
  await s.next("ACK");
  assert.deepEqual(told.events, ["end rejected"]);
  assert.equal(told.ends[0]?.response?.status, 401);
});

test("a challenge is the last word for who has no credentials, or whose credentials fail", async () => {
  for (const credentials of [
    undefined,
    () => undefined,
    () => {
      throw new Error("boom");
    },
  ]) {
    const s = scene();
    const { told } = s.call({ credentials });
    s.send(createResponse(await s.next("INVITE"), 401, challenge("home")));
    await s.next("ACK");
    assert.deepEqual(told.events, ["end rejected"]);
  }
});

test("a request outside a dialog answers a challenge with its own next CSeq", async () => {
  const s = scene();
  const done = s.agent.request({
    method: "REGISTER",
    uri: "sip:192.0.2.1",
    flow: s.wire.b,
    from: "<sip:agent@192.0.2.1>",
    to: "<sip:agent@192.0.2.1>",
    callId: "reg",
    cseq: 7,
    fromTag: "mine",
    credentials: () => ["Authorization", 'Digest realm="home"'],
  });
  const first = await s.next("REGISTER");
  assert.equal(first.headers.get("cseq"), "7 REGISTER");
  assert.equal(tagOf(first.headers, "from"), "mine");
  s.send(createResponse(first, 401, challenge("home")));
  const second = await s.next("REGISTER");
  assert.equal(second.headers.get("cseq"), "8 REGISTER");
  assert.equal(second.headers.get("call-id"), "reg");
  s.send(createResponse(second, 200));
  await s.pass(10);
  assert.equal((await done).status, 200);
});

test("an INVITE without offer gets its answer with the ACK", async () => {
  const s = scene();
  s.call({ body: undefined, handlers: { onAccepted: () => sdp("answer"), onEnd() {} } });
  const invite = await s.next("INVITE");
  assert.equal(invite.body.length, 0);
  s.send(createResponse(invite, 200, { toTag: "far", ...contact("192.0.2.9"), body: sdp("offer") }));
  const ack = await s.next("ACK");
  assert.equal(textOf(ack), "answer");
  assert.equal(ack.headers.get("content-type"), "application/sdp");
});

test("a flow that is closed ends the call with transport, a request with 503", async () => {
  const s = scene({ reliable: true });
  const { told } = s.call();
  await s.next("INVITE");
  s.wire.cut();
  await s.pass(10);
  assert.deepEqual(
    told.ends.map(({ kind }) => kind),
    ["transport"],
  );
  const again = s.call();
  await s.pass(10);
  assert.deepEqual(
    again.told.ends.map(({ kind }) => kind),
    ["transport"],
  );
  const request = s.agent.request({
    method: "OPTIONS",
    uri: "sip:x@y",
    flow: s.wire.b,
    from: "<sip:a@b>",
    to: "<sip:x@y>",
  });
  await s.pass(10);
  assert.equal((await request).status, 503);
});

test("nothing is told before `invite` has returned", async () => {
  const s = scene();
  let returned = false;
  const order: boolean[] = [];
  const { session } = s.call({ handlers: { onEnd: () => void order.push(returned) } });
  session.end();
  returned = true;
  await s.pass(10);
  assert.deepEqual(order, [true]);
});

test("an accepted call whose handler throws is acknowledged and ended with BYE", async () => {
  const s = scene();
  const { told } = s.call({
    handlers: {
      onAccepted() {
        throw new Error("boom");
      },
      onEnd() {},
    },
  });
  s.send(createResponse(await s.next("INVITE"), 200, { toTag: "far", ...contact("192.0.2.9") }));
  await s.next("ACK");
  await s.next("BYE");
  assert.deepEqual(told.events, ["200", "end local"]);
  assert.equal(s.logged.length, 1);
});

test("stop ends every call as it needs, close leaves nothing behind", async () => {
  const s = scene({ answer: (session) => session.provisional(180) });
  s.send(s.request("INVITE"));
  await s.next(180);
  const early = s.call();
  s.send(createResponse(await s.next("INVITE"), 180, { toTag: "far" }));
  const confirmed = s.call();
  s.send(createResponse(await s.next("INVITE"), 200, { toTag: "far", ...contact("192.0.2.9") }));
  await s.next("ACK");
  s.agent.stop();
  await s.pass(20);
  assert.deepEqual(
    s.inbox.map((message) => (message.kind === "request" ? message.method : message.status)).sort(),
    ["BYE", "CANCEL", 487].sort(),
  );
  assert.deepEqual(early.told.events, ["180", "end local"]);
  assert.deepEqual(confirmed.told.events, ["200", "end local"]);
  s.send(s.request("INVITE", { callId: "late" }));
  await s.next(503);
  s.agent.close();
  await s.pass(1);
  assert.equal(s.agent.transactions, 0);
  assert.equal(s.agent.sessions.size, 0);
  assert.equal(s.clock.pending, 0);
});

test("close settles what waits for a response, with a made-up 503, and tells every end", async () => {
  const s = scene({ answer: (session) => session.provisional(180, { reliable: true }) });
  s.send(
    s.request("INVITE", {
      headers: [
        ["Require", "100rel"],
        ["Expires", "60"],
      ],
    }),
  );
  await s.next(180);
  const { told } = s.call();
  const asked = s.agent.request({
    method: "OPTIONS",
    uri: "sip:x@y",
    flow: s.wire.b,
    from: "<sip:a@b>",
    to: "<sip:x@y>",
  });
  await s.pass(10);
  s.agent.close();
  assert.equal((await asked).status, 503);
  assert.deepEqual(told.events, ["end local"]);
  assert.deepEqual(s.calls[0]?.told.events, ["end local"]);
  assert.equal(s.clock.pending, 0);
});

test("of a flood of branches fifty are followed", async () => {
  const s = scene();
  const { told } = s.call();
  const invite = await s.next("INVITE");
  for (let branch = 0; branch < 500; branch++) s.send(createResponse(invite, 180, { toTag: `t${branch}` }));
  await s.pass(10);
  assert.equal(told.events.length, 50);
  for (let branch = 0; branch < 500; branch++)
    s.send(createResponse(invite, 200, { toTag: `t${branch}`, ...contact("192.0.2.9") }));
  await s.pass(10);
  assert.equal(s.wire.trace.filter((line) => line === "b ACK").length, 50);
  assert.equal(s.wire.trace.filter((line) => line === "b BYE").length, 49);
});
