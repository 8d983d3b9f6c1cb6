import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock, type ManualClock, type Timer } from "../../base/index.ts";
import { createRequest, createResponse } from "../create-message.ts";
import type { SipRequest } from "../message.ts";
import { tagOf } from "../name-addr.ts";
import type { ServerTransaction, TransactionLayer } from "../transaction.ts";
import { FakeFlow, ours, tokens } from "./kit.test.ts";
import { createTransactionLayer } from "./layer.ts";

/** Numbers of 0 to 1 in a row that its seed decides. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two flows that lose a part of what goes either way and are late with the rest, so that it comes out of order. */
function lossyPair(clock: ManualClock, loss: number, chance: () => number) {
  const near = new FakeFlow(clock, "UDP", "192.0.2.1", "198.51.100.7");
  const far = new FakeFlow(clock, "UDP", "198.51.100.7", "192.0.2.1");
  const ends: { near?: TransactionLayer; far?: TransactionLayer } = {};
  const counts = { sent: 0, lost: 0 };
  const link = (flow: FakeFlow, to: FakeFlow, end: "near" | "far") => {
    flow.deliver = (message) => {
      counts.sent++;
      if (chance() < loss) counts.lost++;
      else clock.after(5 + 60 * chance(), () => ends[end]?.receive(message, to));
    };
  };
  link(near, far, "far");
  link(far, near, "near");
  return { near, far, ends, counts };
}

/** Repeats its 2xx until the ACK has come, as the user of the layer has to (RFC 3261 §13.3.1.4). */
function accept(clock: ManualClock, transaction: ServerTransaction, waiting: Map<string, Timer>): void {
  const { request } = transaction;
  const callId = request.headers.get("call-id") ?? "";
  const ok = createResponse(request, 200, { toTag: `to-${callId}` });
  let intervalMs = 250;
  const send = () => {
    transaction.respond(ok);
    intervalMs = Math.min(2 * intervalMs, 4000);
    waiting.set(callId, clock.after(intervalMs, send));
  };
  send();
}

function call(method: string, n: number): SipRequest {
  const request = ours(method);
  request.headers.set("Call-ID", `call-${n}`);
  return createRequest({
    method,
    uri: request.uri,
    headers: Array.from(request.headers, ({ name, value }) => [name, value] as const),
  });
}

test("with a fifth of all messages lost either way, 200 of 200 INVITE are answered and acknowledged", {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock();
  const chance = seeded(3);
  const { near, far, ends, counts } = lossyPair(clock, 0.2, chance);
  const unacknowledged = new Map<string, Timer>();
  const offered = new Set<string>();
  const failed: unknown[] = [];
  ends.far = createTransactionLayer({
    clock,
    random: tokens("f"),
    handlers: {
      onRequest(transaction) {
        const callId = transaction.request.headers.get("call-id") ?? "";
        assert.equal(offered.has(callId), false, "a repetition was taken for a new call");
        offered.add(callId);
        clock.after(100, () => transaction.respond(createResponse(transaction.request, 180, { toTag: "r" })));
        const rejects = Number(callId.slice(5)) % 2 === 1;
        clock.after(2000 + 3000 * chance(), () => {
          if (rejects) transaction.respond(createResponse(transaction.request, 486, { toTag: "busy" }));
          else accept(clock, transaction, unacknowledged);
        });
      },
      onAck(ack) {
        const callId = ack.headers.get("call-id") ?? "";
        unacknowledged.get(callId)?.cancel();
        unacknowledged.delete(callId);
      },
      onCancel: () => assert.fail(),
      onResponseFailed: (transaction) => void failed.push(transaction),
    },
  });
  const { near: layer } = Object.assign(ends, {
    near: createTransactionLayer({
      clock,
      random: tokens("n"),
      handlers: { onRequest: () => assert.fail(), onAck: () => assert.fail(), onCancel: () => assert.fail() },
    }),
  });
  const finals: number[] = [];
  const acks = new Map<string, SipRequest>();
  for (let n = 0; n < 200; n++) {
    const invite = call("INVITE", n);
    layer.send(invite, near, {
      onResponse(response) {
        if (response.status < 200) return;
        const known = acks.get(tagOf(response.headers, "to"));
        if (response.status !== 200) finals.push(response.status);
        else if (known) layer.sendAck(known, near);
        else {
          finals.push(response.status);
          acks.set(tagOf(response.headers, "to"), layer.sendAck(call("ACK", n), near));
        }
      },
      onTimeout: () => void failed.push(n),
      onTransportError: () => void failed.push(n),
    });
    await clock.advance(20);
  }
  await clock.advance(120_000);
  assert.deepEqual(failed, []);
  assert.equal(offered.size, 200);
  assert.equal(finals.filter((status) => status === 200).length, 100);
  assert.equal(finals.filter((status) => status === 486).length, 100);
  assert.equal(unacknowledged.size, 0);
  assert.ok(counts.lost / counts.sent > 0.15, "the wire did lose");
  for (const end of [ends.near, ends.far]) assert.equal(end?.size, 0);
  assert.equal(clock.pending, 0);
  assert.equal(near.listeners.size + far.listeners.size, 0);
});

test("with a fifth of all messages lost either way, 200 of 200 other requests are done once and answered", {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock();
  const chance = seeded(11);
  const { near, far, ends, counts } = lossyPair(clock, 0.2, chance);
  const done = new Set<string>();
  const answers = new Map<number, number>();
  const none = { onRequest: () => assert.fail(), onAck: () => assert.fail(), onCancel: () => assert.fail() };
  ends.far = createTransactionLayer({
    clock,
    random: tokens("f"),
    handlers: {
      ...none,
      onRequest(transaction) {
        const callId = transaction.request.headers.get("call-id") ?? "";
        assert.equal(done.has(callId), false, "a repetition was done again");
        done.add(callId);
        const respond = () => transaction.respond(createResponse(transaction.request, 200, { toTag: "x" }));
        // some at once, some so late that a 100 goes first
        if (chance() < 0.5) respond();
        else clock.after(6000 * chance(), respond);
      },
    },
  });
  const layer = createTransactionLayer({ clock, random: tokens("n"), handlers: none });
  ends.near = layer;
  for (let n = 0; n < 200; n++) {
    layer.send(call("MESSAGE", n), near, {
      onResponse({ status }) {
        if (status < 200) assert.equal(status, 100);
        else {
          assert.equal(answers.has(n), false);
          answers.set(n, status);
        }
      },
      onTimeout: () => assert.fail(),
      onTransportError: () => assert.fail(),
    });
    await clock.advance(20);
  }
  await clock.advance(120_000);
  assert.equal(done.size, 200);
  assert.equal(answers.size, 200);
  assert.ok([...answers.values()].every((status) => status === 200));
  assert.ok(counts.lost / counts.sent > 0.15, "the wire did lose");
  assert.equal(layer.size + (ends.far?.size ?? 0), 0);
  assert.equal(clock.pending, 0);
  assert.equal(near.listeners.size + far.listeners.size, 0);
});
