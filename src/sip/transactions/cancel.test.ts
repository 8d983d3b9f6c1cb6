import assert from "node:assert/strict";
import { test } from "node:test";
import type { SipRequest } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import { answer, bench, ours, reply, theirs } from "./kit.test.ts";

const invite = (b: ReturnType<typeof bench>) => b.flow.sent[0]?.message as SipRequest;

test("a CANCEL waits for a provisional response, and belongs to its INVITE by Via, CSeq number and Route", async () => {
  const b = bench();
  const client = b.layer.send(
    ours("INVITE", [
      ["Route", "<sip:proxy.example;lr>"],
      ["Require", "100rel"],
      ["Proxy-Require", "x"],
    ]),
    b.flow,
    b.handlers,
  );
  client.cancel([["Reason", "SIP;cause=200"]]);
  client.cancel();
  await b.clock.advance(500);
  assert.equal(b.flow.line, "INVITE@0 INVITE@500");
  b.layer.receive(answer(b, 100), b.flow);
  assert.equal(b.flow.line, "INVITE@0 INVITE@500 CANCEL@500");
  const cancel = b.flow.last() as SipRequest;
  assert.equal(cancel.uri, invite(b).uri);
  for (const name of ["via", "from", "to", "call-id", "route"])
    assert.deepEqual(cancel.headers.all(name), invite(b).headers.all(name));
  assert.equal(cancel.headers.get("cseq"), "7 CANCEL");
  assert.equal(cancel.headers.get("reason"), "SIP;cause=200");
  assert.equal(cancel.headers.has("require") || cancel.headers.has("proxy-require"), false);
  client.cancel();
  assert.equal(b.flow.sent.length, 3);
});

test("a cancelled call ends with its 487: told once, acknowledged; the CANCEL's 200 is not told", async () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 180), b.flow);
  client.cancel();
  b.layer.receive(answer(b, 200), b.flow);
  b.layer.receive(answer(b, 487, "b9", invite(b)), b.flow);
  assert.deepEqual(b.told, ["180", "487"]);
  assert.equal(b.flow.line, "INVITE@0 CANCEL@0 ACK@0");
  await b.clock.advance(32_000);
  b.assertClean();
});

test("the CANCEL is repeated as any request; 32 s after it the call is given up", async () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 180), b.flow);
  await b.clock.advance(10_000);
  client.cancel();
  await b.clock.advance(31_999);
  assert.deepEqual(
    b.flow.sent.slice(1).map(({ atMs }) => atMs - 10_000),
    [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500],
  );
  assert.deepEqual(b.told, ["180"]);
  await b.clock.advance(1);
  assert.deepEqual(b.told, ["180", "timeout@42000"]);
  b.assertClean();
});

for (const status of [200, 481])
  test(`an INVITE without an answer is given up 32 s after the CANCEL, whether that was answered ${status} or not`, async () => {
    const b = bench({ transport: "TCP" });
    const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
    b.layer.receive(answer(b, 180), b.flow);
    client.cancel();
    b.layer.receive(answer(b, status), b.flow);
    await b.clock.advance(32_000);
    assert.deepEqual(b.told, ["180", "timeout@32000"]);
    b.assertClean();
  });

test("no CANCEL goes out once the final response has come, before the cancel or after it", async () => {
  for (const status of [200, 486]) {
    const late = bench();
    const client = late.layer.send(ours("INVITE"), late.flow, late.handlers);
    late.layer.receive(answer(late, status), late.flow);
    client.cancel();
    const waiting = bench();
    waiting.layer.send(ours("INVITE"), waiting.flow, waiting.handlers).cancel();
    waiting.layer.receive(answer(waiting, status), waiting.flow);
    for (const b of [late, waiting]) {
      await b.clock.advance(32_000);
      assert.equal(b.flow.line.includes("CANCEL"), false);
      assert.deepEqual(b.told, [String(status)]);
      b.assertClean();
    }
  }
});

test("without any response nothing is cancelled: the call ends by its own timeout", async () => {
  const b = bench();
  b.layer.send(ours("INVITE"), b.flow, b.handlers).cancel();
  await b.clock.advance(32_000);
  assert.equal(b.flow.line.includes("CANCEL"), false);
  assert.deepEqual(b.told, ["timeout@32000"]);
  b.assertClean();
});

test("a 2xx that crosses the CANCEL is handed on, for its ACK and BYE (RFC 5407 §3.1.2)", async () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 180), b.flow);
  client.cancel();
  b.layer.receive(answer(b, 200, "b9", invite(b)), b.flow);
  b.layer.receive(answer(b, 200), b.flow);
  await b.clock.advance(32_000);
  assert.deepEqual(b.told, ["180", "200"]);
  assert.equal(b.flow.line, "INVITE@0 CANCEL@0");
  b.assertClean();
});

test("a request other than INVITE is not cancelled", () => {
  const b = bench();
  const client = b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  b.layer.receive(answer(b, 100), b.flow);
  client.cancel();
  assert.equal(b.flow.line, "OPTIONS@0");
});

test("a cancel from within the handler of the provisional response goes out once", () => {
  const b = bench();
  const client = b.layer.send(ours("INVITE"), b.flow, {
    ...b.handlers,
    onResponse: () => client.cancel(),
  });
  b.layer.receive(answer(b, 180), b.flow);
  assert.equal(b.flow.line, "INVITE@0 CANCEL@0");
});

test("a CANCEL that comes is answered 200 and told once; its repetitions get the 200 again", async () => {
  const b = bench({ on: { onCancel: (transaction) => void reply(transaction, 487) } });
  b.layer.receive(theirs("INVITE"), b.flow);
  reply(b.requests[0], 180);
  b.layer.receive(theirs("CANCEL"), b.flow);
  assert.equal(b.flow.line, "100@0 180@0 200@0 487@0");
  const [ok, terminated] = b.flow.sent.slice(2).map(({ message }) => message);
  assert.ok(ok && terminated);
  assert.equal(tagOf(ok.headers, "to"), "u1", "the tag of the INVITE's responses");
  assert.equal(ok.headers.get("cseq"), "3 CANCEL");
  assert.equal(terminated.headers.get("cseq"), "3 INVITE");
  b.layer.receive(theirs("ACK"), b.flow);
  b.layer.receive(theirs("CANCEL"), b.flow);
  assert.equal(b.flow.line, "100@0 180@0 200@0 487@0 200@0");
  assert.deepEqual(b.told, ["request INVITE", "cancel"]);
  await b.clock.advance(32_000);
  b.assertClean();
});

test("a CANCEL is told once even when the INVITE is not answered upon it", async () => {
  const b = bench({ transport: "TCP" });
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("CANCEL"), b.flow);
  b.layer.receive(theirs("CANCEL"), b.flow);
  assert.deepEqual(b.told, ["request INVITE", "cancel"]);
  assert.equal(b.flow.line, "100@0 200@0 200@0");
  const tags = b.flow.sent.slice(1).map(({ message }) => tagOf(message.headers, "to"));
  assert.ok(tags[0]);
  assert.equal(tags[0], tags[1]);
});

for (const status of [200, 486])
  test(`a CANCEL that crosses the ${status} is answered 200 and has no effect (RFC 5407 §3.1.2)`, async () => {
    const b = bench();
    b.layer.receive(theirs("INVITE"), b.flow);
    reply(b.requests[0], status);
    b.layer.receive(theirs("CANCEL"), b.flow);
    assert.equal(b.flow.line, `100@0 ${status}@0 200@0`);
    assert.equal((b.flow.last() as { status?: number }).status, 200);
    assert.deepEqual(b.told, ["request INVITE"]);
  });

test("a CANCEL of nothing is answered 481, with the same bytes when it is repeated", async () => {
  const b = bench();
  b.layer.receive(theirs("CANCEL"), b.flow);
  b.layer.receive(theirs("CANCEL"), b.flow);
  assert.equal(b.flow.line, "481@0 481@0");
  assert.equal(b.flow.sent[0]?.bytes, b.flow.sent[1]?.bytes);
  assert.ok(tagOf(b.flow.last().headers, "to"));
  // another machine behind the same branch
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("CANCEL", { via: "SIP/2.0/UDP 10.0.0.8:5062;branch=z9hG4bKx" }), b.flow);
  assert.equal(b.flow.line, "481@0 481@0 100@0 481@0");
  assert.deepEqual(b.told, ["request INVITE"]);
});

test("a CANCEL of another Call-ID, by who has guessed a branch, is answered 481", () => {
  const b = bench();
  b.layer.receive(theirs("INVITE"), b.flow);
  b.layer.receive(theirs("CANCEL", { callId: "other" }), b.flow);
  assert.equal(b.flow.line, "100@0 481@0");
  assert.deepEqual(b.told, ["request INVITE"]);
  b.layer.receive(theirs("CANCEL"), b.flow);
  assert.equal(b.flow.line, "100@0 481@0 200@0");
  assert.deepEqual(b.told, ["request INVITE", "cancel"]);
});

test("an INVITE that is lost and comes behind its CANCEL is a new one", () => {
  const b = bench();
  b.layer.receive(theirs("CANCEL"), b.flow);
  b.layer.receive(theirs("INVITE"), b.flow);
  assert.equal(b.flow.line, "481@0 100@0");
  assert.deepEqual(b.told, ["request INVITE"]);
});
