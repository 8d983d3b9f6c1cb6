import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, reply, theirs } from "./kit.test.ts";

test("no 100 goes out for a request that is answered, and its repetitions get the answer for 32 s", async () => {
  const b = bench();
  b.layer.receive(theirs("BYE"), b.flow);
  await b.clock.advance(500);
  b.layer.receive(theirs("BYE"), b.flow);
  assert.equal(b.flow.line, "");
  reply(b.requests[0], 200);
  await b.clock.advance(31_999);
  b.layer.receive(theirs("BYE"), b.flow);
  reply(b.requests[0], 500);
  assert.equal(b.flow.line, "200@500 200@32499");
  assert.deepEqual(b.told, ["request BYE"]);
  await b.clock.advance(1);
  b.assertClean();
});

test("on TCP it is over with its answer", () => {
  const b = bench({ transport: "TCP" });
  b.layer.receive(theirs("OPTIONS"), b.flow);
  reply(b.requests[0], 200);
  assert.equal(b.flow.line, "200@0");
  assert.equal(b.requests[0]?.completed, true);
  b.assertClean();
});

for (const transport of ["UDP", "TCP"] as const)
  test(`what is not answered after 3.5 s gets a 100, and another for each repetition (RFC 4320 §4.1, ${transport})`, async () => {
    const b = bench({ transport });
    b.layer.receive(theirs("MESSAGE"), b.flow);
    await b.clock.advance(3499);
    b.layer.receive(theirs("MESSAGE"), b.flow);
    assert.equal(b.flow.line, "");
    await b.clock.advance(501);
    b.layer.receive(theirs("MESSAGE"), b.flow);
    assert.equal(b.flow.line, "100@3500 100@4000");
    assert.equal(b.flow.last().headers.get("to"), "<sip:alice@192.0.2.1>");
    reply(b.requests[0], 202);
    assert.equal(b.flow.line, "100@3500 100@4000 202@4000");
  });

test("provisional responses and 408 do not go out (RFC 4320 §4.1, §4.2)", async () => {
  const b = bench();
  b.layer.receive(theirs("REFER"), b.flow);
  for (const status of [100, 180, 183, 408]) reply(b.requests[0], status);
  await b.clock.advance(3000);
  assert.equal(b.flow.line, "");
  assert.equal(b.requests[0]?.completed, false);
  reply(b.requests[0], 202);
  assert.equal(b.flow.line, "202@3000");
});

test("what is never answered ends after 32 s without a response, and later ones do not go out (RFC 4320 §4.2)", async () => {
  const b = bench();
  b.layer.receive(theirs("INFO"), b.flow);
  await b.clock.advance(31_999);
  assert.equal(b.layer.size, 1);
  await b.clock.advance(1);
  b.assertClean();
  reply(b.requests[0], 200);
  assert.equal(b.flow.line, "100@3500");
  assert.deepEqual(b.told, ["request INFO"]);
});

test("a refused answer is told and kept for repetitions; a broken flow ends it", async () => {
  const b = bench();
  b.layer.receive(theirs("BYE"), b.flow);
  b.flow.fail();
  await b.clock.advance(0);
  assert.deepEqual(b.told, ["request BYE"], "nothing of it was sent");
  reply(b.requests[0], 200);
  b.flow.fail();
  await b.clock.advance(0);
  b.layer.receive(theirs("BYE"), b.flow);
  assert.equal(b.flow.line, "200@0 200@0");
  assert.deepEqual(b.told, ["request BYE", "failed by the flow"]);
  b.flow.fail(true);
  await b.clock.advance(0);
  assert.deepEqual(b.told, ["request BYE", "failed by the flow"]);
  b.assertClean();
});
