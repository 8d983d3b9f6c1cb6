import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "../../base/index.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import { answer, bench, FakeFlow, nameOf, ours, reply, theirs } from "./kit.test.ts";

function errorsOf(): { log: Logger; texts: string[] } {
  const texts: string[] = [];
  const note = (text: string) => void texts.push(text);
  return { log: { debug() {}, info() {}, warn: note, error: note }, texts };
}

test("a request goes out with a Via of its own: the flow's transport and address, a new branch, rport", () => {
  const b = bench();
  const request = ours("OPTIONS");
  const one = b.layer.send(request, b.flow, b.handlers);
  const two = b.layer.send(request, b.flow, b.handlers);
  assert.notEqual(one.branch, two.branch);
  assert.equal(one.request.headers.get("via"), `SIP/2.0/UDP 192.0.2.1:5060;branch=${one.branch};rport`);
  assert.ok(one.branch.startsWith("z9hG4bK"));
  assert.equal(request.headers.has("via"), false, "what was given is left as it was");
  const six = new FakeFlow(b.clock, "TLS", "2001:db8::1", "2001:db8::2");
  const three = b.layer.send(request, six, b.handlers);
  assert.equal(
    three.request.headers.get("via"),
    `SIP/2.0/TLS [2001:db8::1]:5060;branch=${three.branch};rport`,
  );
});

test("a request that comes gets received, and rport where it asks for it, in its top Via only", () => {
  const cases = [
    [
      "SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKx;rport",
      "SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKx;rport=40123;received=198.51.100.7",
    ],
    [
      "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx;received=1.2.3.4",
      "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx;received=198.51.100.7",
    ],
    [
      "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx, SIP/2.0/TCP [::1];branch=z9hG4bKz;rport",
      "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx;received=198.51.100.7, SIP/2.0/TCP [::1];branch=z9hG4bKz;rport",
    ],
  ] as const;
  for (const [came, filled] of cases) {
    const b = bench();
    b.layer.receive(theirs("OPTIONS", { via: came }), b.flow);
    const vias = [filled, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKfirst"];
    assert.deepEqual(b.requests[0]?.request.headers.all("via"), vias);
    reply(b.requests[0], 200);
    assert.deepEqual(b.flow.last().headers.all("via"), vias);
  }
});

test("a request is a repetition when branch, sent-by and method are the same, in any case (RFC 3261 §17.2.3)", () => {
  const b = bench();
  const via = "SIP/2.0/UDP Host.example:5062;branch=z9hG4bKx";
  b.layer.receive(theirs("OPTIONS", { via }), b.flow);
  b.layer.receive(theirs("OPTIONS", { via: via.toUpperCase() }), b.flow);
  assert.equal(b.requests.length, 1);
  b.layer.receive(theirs("OPTIONS", { via: via.replace("5062", "5063") }), b.flow);
  b.layer.receive(theirs("OPTIONS", { via: via.replace("Host", "other") }), b.flow);
  b.layer.receive(theirs("OPTIONS", { via: via.replace("bKx", "bKy") }), b.flow);
  b.layer.receive(theirs("INFO", { via }), b.flow);
  assert.equal(b.requests.length, 5);
});

for (const via of [
  "SIP/2.0/UDP 10.0.0.9",
  "SIP/2.0/UDP 10.0.0.9;branch=1",
  "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK",
])
  test(`without a branch of RFC 3261 a transaction is found by what RFC 2543 had: ${via}`, async () => {
    const b = bench();
    const old = (method: string, more: Parameters<typeof theirs>[1] = {}) =>
      b.layer.receive(theirs(method, { via, ...more }), b.flow);
    old("INVITE");
    old("INVITE");
    assert.equal(b.requests.length, 1);
    old("INVITE", { uri: "sip:carol@192.0.2.1" });
    old("INVITE", { cseq: 4 });
    old("INVITE", { to: "<sip:alice@192.0.2.1>;tag=other" });
    old("INVITE", { via: via.replace("10.0.0.9", "10.0.0.8") });
    assert.equal(b.requests.length, 5);
    for (const other of b.requests.slice(1)) reply(other, 200);
    b.told.length = 0;

    old("CANCEL");
    assert.deepEqual(b.told, ["cancel"]);
    reply(b.requests[0], 487);
    old("ACK", { to: "<sip:alice@192.0.2.1>;tag=nobody" });
    assert.deepEqual(b.told, ["cancel", "ack"], "not the tag of our response: not its ACK");
    const sent = b.flow.sent.length;
    old("ACK", { to: "<sip:alice@192.0.2.1>;tag=u1" });
    assert.deepEqual(b.told, ["cancel", "ack"]);
    await b.clock.advance(32_000);
    assert.equal(b.flow.sent.length, sent, "acknowledged: not repeated");
    b.assertClean();
    old("ACK", { to: "<sip:alice@192.0.2.1>;tag=u1" });
    assert.deepEqual(b.told, ["cancel", "ack", "ack"], "nothing is left to absorb it");
  });

test("the ACK of a 2xx of RFC 2543 is handed on", () => {
  const b = bench();
  const via = "SIP/2.0/UDP 10.0.0.9";
  b.layer.receive(theirs("INVITE", { via }), b.flow);
  reply(b.requests[0], 200);
  b.layer.receive(theirs("ACK", { via, to: "<sip:alice@192.0.2.1>;tag=u1" }), b.flow);
  assert.deepEqual(b.told, ["request INVITE", "ack"]);
});

test("a response is matched by branch and method; with two Vias it is dropped, else it is a stray", () => {
  const b = bench();
  b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  const ok = answer(b, 200);
  const changed = (change: (response: SipResponse) => void): SipResponse => {
    const copy = { ...ok, headers: ok.headers.clone() };
    change(copy);
    return copy;
  };
  b.layer.receive(
    changed(({ headers }) => headers.set("CSeq", "7 INFO")),
    b.flow,
  );
  b.layer.receive(
    changed(({ headers }) => headers.set("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother")),
    b.flow,
  );
  assert.deepEqual(b.told, ["stray 200", "stray 200"]);
  b.layer.receive(
    changed(({ headers }) => headers.add("Via", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1")),
    b.flow,
  );
  b.layer.receive(
    changed(({ headers }) => headers.delete("Via")),
    b.flow,
  );
  assert.deepEqual(b.told, ["stray 200", "stray 200"]);
  b.layer.receive(ok, b.flow);
  assert.deepEqual(b.told, ["stray 200", "stray 200", "200"]);
});

test("the ACK of a 2xx goes out with a branch of its own, its repetition with the same", () => {
  const b = bench();
  const ack = ours("ACK");
  const sent = b.layer.sendAck(ack, b.flow);
  b.layer.sendAck(sent, b.flow);
  const other = b.layer.sendAck(ack, b.flow);
  assert.equal(b.flow.line, "ACK@0 ACK@0 ACK@0");
  assert.deepEqual(b.flow.sent[0]?.bytes, b.flow.sent[1]?.bytes);
  assert.notEqual(other.headers.get("via"), sent.headers.get("via"));
  assert.equal(ack.headers.has("via"), false);
  b.assertClean();
});

test("over the limit new requests are answered 503 without a transaction, CANCEL and ACK are served", async () => {
  const { log, texts } = errorsOf();
  const b = bench({ maxTransactions: 2, log });
  const via = (branch: string) => ({ via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}` });
  for (const branch of ["1", "2", "3", "4"]) b.layer.receive(theirs("INVITE", via(branch)), b.flow);
  assert.equal(b.layer.size, 2);
  assert.equal(b.layer.refused, 2);
  assert.equal(b.flow.line, "100@0 100@0 503@0 503@0");
  assert.equal(texts.length, 1, "logged once");
  const busy = b.flow.last();
  assert.equal(busy.headers.get("retry-after"), "5");
  assert.match(busy.headers.get("via") ?? "", /z9hG4bK4;received=198.51.100.7/);
  assert.ok(tagOf(busy.headers, "to"));
  b.layer.receive(theirs("CANCEL", via("2")), b.flow);
  assert.equal(nameOf(b.flow.last()), "200");
  assert.deepEqual(b.told, ["request INVITE", "request INVITE", "cancel"]);
  for (const branch of ["5", "6"]) b.layer.receive(theirs("CANCEL", via(branch)), b.flow);
  assert.equal(nameOf(b.flow.last()), "503", "a flood of CANCEL does not get through");
  assert.equal(b.layer.size, 2);
});

test("what only waits for repetitions makes room, the oldest first, and its 2xx can still be repeated", async () => {
  const b = bench({ maxTransactions: 3 });
  const receive = (method: string, branch: string) =>
    b.layer.receive(theirs(method, { via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}` }), b.flow);
  receive("INVITE", "1");
  const ok = reply(b.requests[0], 200);
  receive("BYE", "2");
  reply(b.requests[1], 200);
  receive("INVITE", "3");
  receive("INVITE", "4");
  receive("INVITE", "5");
  assert.equal(b.layer.refused, 0);
  assert.equal(b.layer.size, 3);
  receive("INVITE", "6");
  assert.equal(b.layer.refused, 1);
  b.requests[0]?.respond(ok);
  assert.equal(nameOf(b.flow.last()), "200");
  const { length } = b.flow.sent;
  reply(b.requests[0], 200);
  assert.equal(b.flow.sent.length, length, "only the one that was sent, not another");
  for (const waiting of b.requests.slice(2)) reply(waiting, 200);
  await b.clock.advance(32_000);
  b.assertClean();
});

test("large requests fill the room before many do: memory is bounded, whatever comes", async () => {
  const { log, texts } = errorsOf();
  const b = bench({ maxBytes: 1_000_000, log });
  const receive = (method: string, branch: number) =>
    b.layer.receive(
      theirs(method, {
        via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}`,
        body: { type: "text/plain", bytes: new Uint8Array(60_000) },
      }),
      b.flow,
    );
  for (let branch = 0; branch < 200; branch++) {
    receive("BYE", branch);
    reply(b.requests.at(-1), 481);
  }
  assert.equal(b.layer.refused, 0);
  assert.ok(b.layer.size <= 17, `${b.layer.size} transactions of 60 KB`);
  for (let branch = 0; branch < 100; branch++) receive("INVITE", branch);
  assert.equal(b.layer.size, 17);
  assert.equal(b.layer.refused, 83);
  assert.equal(texts.length, 1, "logged once");
  for (const waiting of b.requests.slice(-17)) reply(waiting, 200);
  await b.clock.advance(32_000);
  b.assertClean();
  receive("INVITE", 1000);
  assert.equal(b.layer.size, 1, "the room is there again");
});

test("requests of our own are sent however many transactions live, and make room too", async () => {
  const b = bench({ maxTransactions: 2 });
  for (let n = 0; n < 5; n++) {
    b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
    b.layer.receive(answer(b, 200), b.flow);
  }
  assert.equal(b.layer.size, 2);
  for (let n = 0; n < 5; n++) b.layer.send(ours("INVITE"), b.flow, b.handlers);
  assert.equal(b.layer.size, 5);
  assert.equal(b.flow.sent.length, 10);
  assert.equal(b.layer.refused, 0);
  await b.clock.advance(32_000);
  assert.equal(b.told.filter((one) => one === "timeout@32000").length, 5);
  b.assertClean();
});

test("a handler that throws is reported, and its request answered 500 if it was not", async () => {
  const { log, texts } = errorsOf();
  let respond = 0;
  const thrower = () => {
    throw new Error("oops");
  };
  const b = bench({
    log,
    on: {
      onRequest(transaction) {
        if (respond) reply(transaction, respond);
        thrower();
      },
      onAck: thrower,
      onCancel: thrower,
    },
  });
  const via = (branch: string) => ({ via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}` });
  b.layer.receive(theirs("OPTIONS", via("1")), b.flow);
  b.layer.receive(theirs("INVITE", via("2")), b.flow);
  assert.ok(tagOf(b.flow.last().headers, "to"));
  respond = 202;
  b.layer.receive(theirs("REFER", via("3")), b.flow);
  respond = 180;
  b.layer.receive(theirs("INVITE", via("4")), b.flow);
  assert.equal(b.flow.line, "500@0 500@0 202@0 180@0 500@0");
  b.layer.receive(theirs("ACK", via("5")), b.flow);
  const client = { onResponse: thrower, onTimeout: thrower, onTransportError: thrower };
  b.layer.send(ours("OPTIONS"), b.flow, client);
  b.layer.receive(answer(b, 200), b.flow);
  b.layer.send(ours("OPTIONS"), b.flow, client);
  await b.clock.advance(32_000);
  assert.equal(texts.length, 7);
  assert.ok(texts.every((text) => text.includes("oops")));
  assert.match(texts.join(), /onRequest.*onAck.*onResponse.*onTimeout/);
  b.assertClean();
});

test("a flow has one listener, however many transactions are on it, and none after them", async () => {
  const b = bench();
  for (let n = 0; n < 50; n++) b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  b.layer.receive(theirs("OPTIONS"), b.flow);
  assert.equal(b.flow.listeners.size, 1);
  b.flow.fail(true);
  await b.clock.advance(0);
  assert.equal(b.told.filter((one) => one.startsWith("error")).length, 50);
  b.assertClean();
});

test("a refused message is not taken out on who came after it, in the same turn", async () => {
  const b = bench();
  b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  b.flow.fail();
  b.layer.send(ours("OPTIONS"), b.flow, { ...b.handlers, onTransportError: () => assert.fail() });
  await b.clock.advance(0);
  assert.deepEqual(b.told, ["error ECONNREFUSED"]);
  assert.equal(b.layer.size, 1);
});

test("stop ends all silently; afterwards nothing is served, and what is sent fails in a later turn", async () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 180), b.flow);
  client.cancel();
  b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("BYE"), b.flow);
  reply(b.requests[1], 200);
  b.layer.stop();
  b.layer.stop();
  b.assertClean();
  const { length } = b.flow.sent;
  b.told.length = 0;
  b.layer.receive(theirs("OPTIONS"), b.flow);
  reply(b.requests[0], 486);
  client.cancel();
  b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  assert.deepEqual(b.told, []);
  await b.clock.advance(60_000);
  assert.deepEqual(b.told, ["error [disconnected] the transaction layer was stopped"]);
  assert.equal(b.flow.sent.length, length);
  b.assertClean();
});

test("a request without a Via that can be read is served as well as may be", () => {
  for (const via of ["", "nonsense"]) {
    const b = bench({ transport: "TCP" });
    const request: SipRequest = theirs("OPTIONS", { via });
    b.layer.receive(request, b.flow);
    reply(b.requests[0], 200);
    assert.equal(b.flow.line, "200@0");
    b.assertClean();
  }
});
