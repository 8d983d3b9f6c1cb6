import assert from "node:assert/strict";
import { test } from "node:test";
import type { SipRequest } from "../message.ts";
import { answer, bench, ours } from "./kit.test.ts";

const route = ["Route", "<sip:proxy.example;lr>"] as const;

test("an INVITE on UDP goes out at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s and is given up at 32 s", async () => {
  const b = bench();
  b.layer.send(ours("INVITE"), b.flow, b.handlers);
  await b.clock.advance(31_999);
  assert.equal(
    b.flow.line,
    "INVITE@0 INVITE@500 INVITE@1500 INVITE@3500 INVITE@7500 INVITE@15500 INVITE@31500",
  );
  assert.deepEqual(b.told, []);
  await b.clock.advance(1);
  assert.deepEqual(b.told, ["timeout@32000"]);
  b.assertClean();
});

test("its repetitions are the same bytes", async () => {
  const b = bench();
  b.layer.send(ours("INVITE"), b.flow, b.handlers);
  await b.clock.advance(1500);
  assert.equal(b.flow.sent.length, 3);
  assert.equal(new Set(b.flow.sent.map(({ bytes }) => bytes)).size, 1);
});

test("an INVITE on TCP is sent once, and given up at 32 s", async () => {
  const b = bench({ transport: "TCP" });
  b.layer.send(ours("INVITE"), b.flow, b.handlers);
  await b.clock.advance(60_000);
  assert.equal(b.flow.line, "INVITE@0");
  assert.deepEqual(b.told, ["timeout@32000"]);
  b.assertClean();
});

test("a provisional response ends the repetitions and the time limit: a telephone may ring for an hour", async () => {
  const b = bench();
  b.layer.send(ours("INVITE"), b.flow, b.handlers);
  await b.clock.advance(600);
  b.layer.receive(answer(b, 100), b.flow);
  b.layer.receive(answer(b, 180), b.flow);
  assert.equal(b.clock.pending, 0);
  await b.clock.advance(3_600_000);
  b.layer.receive(answer(b, 180), b.flow);
  assert.equal(b.flow.line, "INVITE@0 INVITE@500");
  assert.deepEqual(b.told, ["100", "180", "180"]);
  assert.equal(b.layer.size, 1);
});

test("a rejection is told once and acknowledged as often as it comes, for 32 s", async () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE", [route]), b.flow, b.handlers);
  const invite = b.flow.last() as SipRequest;
  await b.clock.advance(100);
  assert.equal(client.completed, false);
  const busy = answer(b, 486);
  b.layer.receive(busy, b.flow);
  assert.equal(client.completed, true);
  await b.clock.advance(500);
  b.layer.receive(busy, b.flow);
  await b.clock.advance(31_499);
  b.layer.receive(busy, b.flow);
  assert.equal(b.flow.line, "INVITE@0 ACK@100 ACK@600 ACK@32099");
  assert.equal(new Set(b.flow.sent.slice(1).map(({ bytes }) => bytes)).size, 1, "made once");
  assert.deepEqual(b.told, ["486"]);
  await b.clock.advance(1);
  b.assertClean();
  b.layer.receive(busy, b.flow);
  assert.deepEqual(b.told, ["486", "stray 486"]);

  const ack = b.flow.last() as SipRequest;
  assert.equal(ack.uri, invite.uri);
  const of = (name: string) => ack.headers.all(name);
  assert.deepEqual(of("via"), invite.headers.all("via"));
  assert.deepEqual(of("to"), ["<sip:bob@198.51.100.7>;tag=b9"]);
  assert.deepEqual(of("cseq"), ["7 ACK"]);
  for (const name of ["from", "call-id", "route"]) assert.deepEqual(of(name), invite.headers.all(name));
});

test("on TCP a rejection is acknowledged and the transaction is over at once", () => {
  const b = bench({ transport: "TCP" });
  const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 404), b.flow);
  assert.equal(b.flow.line, "INVITE@0 ACK@0");
  assert.deepEqual(b.told, ["404"]);
  assert.equal(client.completed, true);
  b.assertClean();
});

for (const transport of ["UDP", "TCP"] as const)
  test(`every 2xx is handed on for 32 s, without an ACK from here, and nothing else is (RFC 6026 §7.2, ${transport})`, async () => {
    const b = bench({ transport });
    b.layer.send(ours("INVITE"), b.flow, b.handlers);
    b.layer.receive(answer(b, 180), b.flow);
    b.layer.receive(answer(b, 200, "one"), b.flow);
    await b.clock.advance(500);
    b.layer.receive(answer(b, 200, "one"), b.flow);
    b.layer.receive(answer(b, 200, "two"), b.flow);
    b.layer.receive(answer(b, 180, "three"), b.flow);
    b.layer.receive(answer(b, 486, "four"), b.flow);
    assert.deepEqual(b.told, ["180", "200", "200", "200"]);
    await b.clock.advance(31_499);
    assert.equal(b.layer.size, 1);
    await b.clock.advance(1);
    b.assertClean();
    b.layer.receive(answer(b, 200, "five"), b.flow);
    assert.deepEqual(b.told, ["180", "200", "200", "200", "stray 200"]);
    assert.equal(b.flow.line, "INVITE@0");
  });

test("a 2xx after a rejection goes to the core as a stray: somebody waits for ACK and BYE", () => {
  const b = bench();
  b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 486, "one"), b.flow);
  b.layer.receive(answer(b, 200, "two", b.flow.sent[0]?.message as SipRequest), b.flow);
  assert.deepEqual(b.told, ["486", "stray 200"]);
});

test("a broken flow fails a call that rings, a refused message does not; before any response both do", async () => {
  const rings = bench();
  rings.layer.send(ours("INVITE"), rings.flow, rings.handlers);
  rings.layer.receive(answer(rings, 180), rings.flow);
  rings.flow.fail();
  await rings.clock.advance(0);
  assert.deepEqual(rings.told, ["180"]);
  rings.flow.fail(true);
  rings.flow.fail(true);
  await rings.clock.advance(0);
  assert.deepEqual(rings.told, ["180", "error ECONNREFUSED"]);
  rings.assertClean();

  const calls = bench();
  calls.layer.send(ours("INVITE"), calls.flow, calls.handlers);
  calls.flow.fail();
  calls.flow.fail();
  await calls.clock.advance(0);
  assert.deepEqual(calls.told, ["error ECONNREFUSED"]);
  calls.assertClean();
});

test("after its final response no error of the flow is told", async () => {
  for (const [status, closed] of [
    [486, false],
    [486, true],
    [200, false],
    [200, true],
  ] as const) {
    const b = bench();
    b.layer.send(ours("INVITE"), b.flow, b.handlers);
    b.layer.receive(answer(b, status), b.flow);
    b.flow.fail(closed);
    await b.clock.advance(32_000);
    assert.deepEqual(b.told, [String(status)]);
    b.assertClean();
  }
});
