import assert from "node:assert/strict";
import { test } from "node:test";
import { createWire, scene } from "../../../test/sip-wire.ts";
import { createResponse, formatSipMessage, type SipRequest, tagOf } from "../index.ts";

/** A call that the agent has answered; the tag it gave itself. */
async function answered(headers: [string, string][] = [], options: Parameters<typeof scene>[0] = {}) {
  const s = scene({ answer: (session) => session.accept(), ...options });
  s.send(s.request("INVITE", { headers, cseq: 10 }));
  const ok = await s.next(200);
  const toTag = tagOf(ok.headers, "to");
  s.send(s.request("ACK", { toTag, cseq: 10 }));
  await s.pass(10);
  const call = s.calls[0];
  if (!call) throw new Error("no call");
  return { s, ok, toTag, session: call.session, told: call.told };
}

const routesOf = (request: SipRequest): string[] => request.headers.all("route");

test("the answerer's requests take the Record-Route in its order; 18x and 2xx repeat it", async () => {
  const { s, ok, session } = await answered([["Record-Route", "<sip:p2.example;lr>, <sip:p1.example;lr>"]]);
  assert.deepEqual(ok.headers.all("record-route"), ["<sip:p2.example;lr>, <sip:p1.example;lr>"]);
  session.end();
  const bye = await s.next("BYE");
  assert.equal(bye.uri, "sip:peer@192.0.2.1:5060");
  assert.deepEqual(routesOf(bye), ["<sip:p2.example;lr>", "<sip:p1.example;lr>"]);
});

test("the caller's requests take the Record-Route of the 2xx in reverse", async () => {
  const s = scene();
  const { session } = s.call();
  const invite = await s.next("INVITE");
  const extras = {
    toTag: "far",
    headers: [
      ["Contact", "<sip:desk@192.0.2.9>"],
      ["Record-Route", "<sip:p2.example;lr>, <sip:p1.example;lr>"],
    ] as [string, string][],
  };
  s.send(createResponse(invite, 200, extras));
  const ack = await s.next("ACK");
  assert.equal(ack.uri, "sip:desk@192.0.2.9");
  assert.deepEqual(routesOf(ack), ["<sip:p1.example;lr>", "<sip:p2.example;lr>"]);
  session.end();
  assert.deepEqual(routesOf(await s.next("BYE")), ["<sip:p1.example;lr>", "<sip:p2.example;lr>"]);
});

test("a strict router gets the request as its own, the target as last route (RFC 3261 §12.2.1.1)", async () => {
  const { s, session } = await answered([["Record-Route", "<sip:old.example>, <sip:p1.example;lr>"]]);
  session.end();
  const bye = await s.next("BYE");
  assert.equal(bye.uri, "sip:old.example");
  assert.deepEqual(routesOf(bye), ["<sip:p1.example;lr>", "<sip:peer@192.0.2.1:5060>"]);
});

test("a lower CSeq gets 500, and nobody is told; an equal or higher one is served", async () => {
  const methods: string[] = [];
  const { s, toTag } = await answered([], {
    session: {
      onRequest(transaction) {
        methods.push(transaction.request.method);
        transaction.respond(createResponse(transaction.request, 200));
      },
    },
  });
  s.send(s.request("INFO", { toTag, cseq: 9 }));
  await s.next(500);
  s.send(s.request("INFO", { toTag, cseq: 20 }));
  await s.next(200);
  s.send(s.request("BYE", { toTag, cseq: 19 }));
  await s.next(500);
  assert.deepEqual(methods, ["INFO"]);
  s.send(s.request("BYE", { toTag, cseq: 21 }));
  await s.next(200);
});

test("our CSeq goes up by one a request, from 1", async () => {
  const { s, session } = await answered();
  for (const cseq of [1, 2]) {
    const sent = session.request("INFO");
    const info = await s.next("INFO");
    assert.equal(info.headers.get("cseq"), `${cseq} INFO`);
    s.send(createResponse(info, 200));
    await s.pass(10);
    assert.equal((await sent).status, 200);
  }
  session.end();
  assert.equal((await s.next("BYE")).headers.get("cseq"), "3 BYE");
});

test("the peer's Contact in a re-INVITE or UPDATE that we accept is the new target", async () => {
  const { s, toTag, session } = await answered([], { session: { onOffer: () => ({ status: 200 }) } });
  const update = s.request("UPDATE", { toTag, cseq: 11 });
  update.headers.set("Contact", "<sip:moved@192.0.2.77>");
  s.send(update);
  await s.next(200);
  assert.equal(session.remoteTarget, "sip:moved@192.0.2.77");
});

test("the peer's requests on another flow move the dialog there (a new NAT binding)", async () => {
  const { s, toTag, session } = await answered([], {
    session: { onRequest: (t) => t.respond(createResponse(t.request, 200)) },
  });
  const other = createWire(s.clock);
  Object.assign(other.b, { local: { host: "198.51.100.2", port: 5070 } });
  const there: string[] = [];
  const contacts: (string | undefined)[] = [];
  other.atB = (message) => s.agent.receive(message, other.b);
  other.atA = (message) => {
    there.push(message.kind === "request" ? message.method : String(message.status));
    contacts.push(message.headers.get("contact"));
  };
  other.a.send(formatSipMessage(s.request("INFO", { toTag, cseq: 11 })));
  await s.pass(20);
  assert.equal(session.flow, other.b);
  session.end();
  await s.pass(20);
  assert.deepEqual(there, ["200", "BYE"]);
  assert.equal(contacts[1], "<sip:agent@198.51.100.2:5070>");
});

test("what the session says of itself is what the dialog has", async () => {
  const { session } = await answered();
  assert.equal(session.localUri, "sip:agent@192.0.2.2");
  assert.equal(session.remoteUri, "sip:peer@192.0.2.1");
  assert.equal(session.remoteTag, "peer");
  assert.equal(session.callId, "call");
  assert.equal(session.invite.method, "INVITE");
});

test("481 and 408 to a request of ours end the dialog (RFC 3261 §12.2.1.2)", async () => {
  const gone = await answered();
  void gone.session.request("INFO");
  gone.s.send(createResponse(await gone.s.next("INFO"), 481));
  await gone.s.next("BYE");
  assert.deepEqual(gone.told.events, ["ack", "end rejected"]);
  assert.equal(gone.told.ends[0]?.response?.status, 481);

  const silent = await answered();
  void silent.session.request("INFO");
  await silent.s.pass(32_100);
  await silent.s.next("BYE");
  assert.deepEqual(silent.told.events, ["ack", "end timeout (no answer to INFO)"]);
});

test("a request of the dialog without a handler for it gets 501, OPTIONS 200", async () => {
  const { s, toTag } = await answered();
  s.send(s.request("INFO", { toTag, cseq: 11 }));
  await s.next(501);
  s.send(s.request("OPTIONS", { toTag, cseq: 12 }));
  await s.next(200);
});

test("a peer without tags (RFC 2543) can call", async () => {
  const s = scene({ answer: (session) => session.accept() });
  const invite = s.request("INVITE");
  invite.headers.set("From", "<sip:peer@192.0.2.1>");
  s.send(invite);
  const ok = await s.next(200);
  const ack = s.request("ACK", { toTag: tagOf(ok.headers, "to") });
  ack.headers.set("From", "<sip:peer@192.0.2.1>");
  s.send(ack);
  await s.pass(10);
  assert.deepEqual(s.calls[0]?.told.events, ["ack"]);
  s.calls[0]?.session.end();
  assert.equal((await s.next("BYE")).headers.get("to"), "<sip:peer@192.0.2.1>");
});
