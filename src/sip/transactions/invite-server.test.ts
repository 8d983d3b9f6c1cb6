import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, reply, theirs } from "./kit.test.ts";

test("an INVITE is answered 100 without a To tag, and again when it is repeated", async () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  assert.equal(b.flow.line, "100@0");
  assert.equal(b.flow.last().headers.get("to"), "<sip:alice@192.0.2.1>");
  assert.equal(b.requests[0]?.response?.status, 100);
  await b.clock.advance(500);
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 180);
  await b.clock.advance(1000);
  b.layer.receive(theirs("INVITE"), b.flow);
  assert.equal(b.flow.line, "100@0 100@500 180@500 180@1500");
  assert.deepEqual(b.told, ["request INVITE"]);
  assert.equal(b.clock.pending, 0);
});

test("an INVITE that is answered at once gets no 100, and that answer when it is repeated", async () => {
  const b = bench({ on: { onRequest: (transaction) => reply(transaction, 180) } });
  b.layer.receive(theirs("INVITE"), b.flow);
  await b.clock.advance(500);
  b.layer.receive(theirs("INVITE"), b.flow);
  assert.equal(b.flow.line, "180@0 180@500");
});

test("a rejection on UDP is repeated at intervals that double up to 4 s; without ACK that is told at 32 s", async () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 486);
  assert.equal(b.requests[0]?.completed, true);
  await b.clock.advance(40_000);
  assert.deepEqual(
    b.flow.sent.map(({ atMs }) => atMs),
    [0, 0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500],
  );
  assert.deepEqual(b.told, ["request INVITE", "failed without ACK"]);
  b.assertClean();
});

for (const status of [401, 407])
  test(`a ${status} is repeated five times, not ten: it may go to a forged address (RFC 3261 §26.3.2.4)`, async () => {
    const b = bench({ maxTransactions: 2 });
    b.layer.receive(theirs("INVITE"), b.flow);
    reply(b.requests[0], status);
    await b.clock.advance(30_000);
    const times = [0, 500, 1500, 3500, 7500, 11_500];
    assert.equal(b.flow.line, ["100@0", ...times.map((atMs) => `${status}@${atMs}`)].join(" "));
    // It leaves its place to others that come.
    for (const branch of ["1", "2"])
      b.layer.receive(theirs("INVITE", { via: `SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${branch}` }), b.flow);
    assert.equal(b.layer.refused, 0);
    for (const request of b.requests.slice(1)) reply(request, 200);
    await b.clock.advance(32_000);
    b.assertClean();
  });

test("the ACK of a rejection ends its repetitions and is absorbed, more of them for 5 s", async () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 486);
  await b.clock.advance(700);
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("ACK"), b.flow);
  b.layer.receive(theirs("INVITE"), b.flow);
  await b.clock.advance(4999);
  b.layer.receive(theirs("ACK"), b.flow);
  assert.equal(b.flow.line, "100@0 486@0 486@500 486@700");
  assert.deepEqual(b.told, ["request INVITE"]);
  await b.clock.advance(1);
  b.assertClean();
});

test("on TCP a rejection is sent once, waits 32 s for its ACK and is over with it", async () => {
  const b = bench({ transport: "TCP" });
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 404);
  await b.clock.advance(31_999);
  assert.equal(b.flow.line, "100@0 404@0");
  b.layer.receive(theirs("ACK"), b.flow);
  assert.deepEqual(b.told, ["request INVITE"]);
  b.assertClean();
});

for (const transport of ["UDP", "TCP"] as const)
  test(`after a 2xx the INVITE is absorbed for 32 s and the 2xx is its user's to repeat (RFC 6026 §7.1, ${transport})`, async () => {
    const b = bench({ transport });
    b.layer.receive(theirs("INVITE"), b.flow);
    const ok = reply(b.requests[0], 200);
    await b.clock.advance(500);
    b.layer.receive(theirs("INVITE"), b.flow);
    b.requests[0]?.respond(ok);
    reply(b.requests[0], 486);
    reply(b.requests[0], 180);
    assert.equal(b.flow.line, "100@0 200@0 200@500");
    assert.equal(b.flow.sent[1]?.bytes, b.flow.sent[2]?.bytes);
    assert.equal(b.requests[0]?.response, ok);
    await b.clock.advance(31_499);
    assert.equal(b.layer.size, 1);
    await b.clock.advance(1);
    b.assertClean();
    // the last repetition may be due at the same time
    b.requests[0]?.respond(ok);
    assert.equal(b.flow.line, "100@0 200@0 200@500 200@32000");
    reply(b.requests[0], 486);
    assert.equal(b.flow.sent.length, 4);
  });

test("the ACK of a 2xx is handed on, with a branch of its own and with that of its INVITE", () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("ACK"), b.flow);
  assert.deepEqual(b.told, ["request INVITE"], "before the final response it is nobody's");
  reply(b.requests[0], 200);
  b.layer.receive(theirs("ACK", { via: "SIP/2.0/UDP 10.0.0.9:5062;branch=z9hG4bKy" }), b.flow);
  b.layer.receive(theirs("ACK"), b.flow);
  assert.deepEqual(b.told, ["request INVITE", "ack", "ack"]);
});

test("after a final response any other is ignored", () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 486);
  reply(b.requests[0], 200);
  reply(b.requests[0], 180);
  reply(b.requests[0], 603);
  assert.equal(b.flow.line, "100@0 486@0");
  assert.equal(b.requests[0]?.response?.status, 486);
});

for (const status of [180, 200, 486])
  test(`a refused message is told once and changes nothing, a broken flow ends it (${status})`, async () => {
    const b = bench();
    b.layer.receive(theirs("INVITE"), b.flow);
    const response = reply(b.requests[0], status);
    b.flow.fail();
    await b.clock.advance(100);
    b.flow.fail();
    await b.clock.advance(0);
    assert.deepEqual(b.told, ["request INVITE", "failed by the flow"]);
    assert.equal(b.layer.size, 1);
    b.flow.fail(true);
    await b.clock.advance(0);
    b.assertClean();
    b.requests[0]?.respond(response);
    await b.clock.advance(60_000);
    assert.deepEqual(b.told, ["request INVITE", "failed by the flow"]);
    assert.equal(b.flow.sent.length, 2);
  });

test("a response on a flow that is closed fails in a later turn", async () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  b.flow.closed = true;
  reply(b.requests[0], 200);
  assert.deepEqual(b.told, ["request INVITE"]);
  await b.clock.advance(0);
  assert.deepEqual(b.told, ["request INVITE", "failed by the flow"]);
  b.assertClean();
});
