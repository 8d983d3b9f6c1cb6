import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, bench, ours } from "./kit.test.ts";

test("a request on UDP is repeated at intervals that double up to 4 s, and given up at 32 s", async () => {
  const b = bench();
  const client = b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  await b.clock.advance(40_000);
  const at = b.flow.sent.map(({ atMs }) => atMs);
  assert.deepEqual(at, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  assert.deepEqual(b.told, ["timeout@32000"]);
  assert.equal(client.completed, false);
  b.assertClean();
});

test("after a provisional response it is repeated every 4 s, and still given up at 32 s", async () => {
  const b = bench();
  b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
  await b.clock.advance(600);
  b.layer.receive(answer(b, 100), b.flow);
  await b.clock.advance(40_000);
  // E runs on to 1.5 s, then it is set to T2
  const at = b.flow.sent.map(({ atMs }) => atMs);
  assert.deepEqual(at, [0, 500, 1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500]);
  assert.deepEqual(b.told, ["100", "timeout@32000"]);
  b.assertClean();
});

test("a final response ends the repetitions and is told once; its own are absorbed for 5 s", async () => {
  const b = bench();
  const client = b.layer.send(ours("BYE"), b.flow, b.handlers);
  b.layer.receive(answer(b, 200), b.flow);
  assert.equal(client.completed, true);
  await b.clock.advance(4999);
  b.layer.receive(answer(b, 200), b.flow);
  b.layer.receive(answer(b, 500), b.flow);
  assert.equal(b.layer.size, 1);
  await b.clock.advance(1);
  assert.equal(b.flow.line, "BYE@0");
  assert.deepEqual(b.told, ["200"]);
  b.assertClean();
});

test("on TCP it is sent once and over with its final response", async () => {
  const b = bench({ transport: "TCP" });
  b.layer.send(ours("BYE"), b.flow, b.handlers);
  await b.clock.advance(10_000);
  b.layer.receive(answer(b, 481), b.flow);
  assert.equal(b.flow.line, "BYE@0");
  assert.deepEqual(b.told, ["481"]);
  b.assertClean();
});

test("a refused message fails it, once, also after a provisional response", async () => {
  for (const early of [true, false]) {
    const b = bench();
    b.layer.send(ours("OPTIONS"), b.flow, b.handlers);
    if (!early) b.layer.receive(answer(b, 100), b.flow);
    b.flow.fail();
    b.flow.fail(true);
    await b.clock.advance(60_000);
    assert.deepEqual(b.told.slice(early ? 0 : 1), ["error ECONNREFUSED"]);
    b.assertClean();
  }
});

test("what cannot be sent is told in a later turn, never before send has returned", async () => {
  for (const how of ["closed", "refuses"] as const) {
    const b = bench({ transport: "TCP" });
    b.flow[how] = true;
    const client = b.layer.send(ours("INVITE"), b.flow, b.handlers);
    assert.deepEqual(b.told, [], how);
    assert.equal(client.request.method, "INVITE");
    await b.clock.advance(0);
    assert.equal(b.told.length, 1);
    assert.match(b.told[0] ?? "", /^error /);
    assert.equal(b.flow.sent.length, how === "closed" ? 0 : 1);
    b.assertClean();
  }
});
