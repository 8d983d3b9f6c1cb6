import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createResponse } from "../create-message.ts";
import type { SipTransport } from "../flow.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import type { ClientTransaction, ServerTransaction } from "../transaction.ts";
import { type Bench, bench, ours, reply, theirs } from "./kit.test.ts";

/** What one client was told, held against the promises of `ClientHandlers`. */
class Watched {
  readonly transaction: ClientTransaction;
  over: string | undefined;
  final: number | undefined;

  constructor(b: Bench, method: string) {
    this.transaction = b.layer.send(ours(method), b.flow, {
      onResponse: (response) => this.#response(method, response),
      onTimeout: () => this.#end("timeout"),
      onTransportError: () => this.#end("error"),
    });
  }

  #response(method: string, { status }: SipResponse): void {
    assert.equal(this.over, undefined, "a response after the end");
    if (this.final !== undefined) {
      const success = (one: number) => one >= 200 && one < 300;
      assert.ok(method === "INVITE" && success(this.final) && success(status), "a second final response");
    }
    if (status >= 200) {
      this.final = status;
      assert.equal(this.transaction.completed, true);
    }
  }

  #end(how: string): void {
    assert.equal(this.over ?? this.final, undefined, `${how} after the end`);
    this.over = how;
  }
}

const methods = ["INVITE", "INVITE", "OPTIONS"] as const;
const status = fc.constantFrom(100, 180, 200, 200, 408, 486, 500);
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("send" as const), method: fc.constantFrom(...methods) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("response" as const),
      at: fc.nat(3),
      status,
      toCancel: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel" as const), at: fc.nat(3) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      method: fc.constantFrom("INVITE", "INVITE", "ACK", "CANCEL", "BYE"),
      branch: fc.constantFrom("z9hG4bK0", "z9hG4bK0", "z9hG4bK1", "old"),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("respond" as const), at: fc.nat(3), status }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(0, 1, 499, 500, 3500, 5000, 31_999, 32_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("refuse" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break" as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
const events = fc.array(event, { minLength: 5, maxLength: 40, size: "max" });

for (const transport of ["UDP", "TCP"] as const satisfies readonly SipTransport[])
  test(`whatever happens in whatever order, the promises of the layer hold and nothing is left (${transport})`, {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom(3, 100), async (happens, max) => {
        const cancels = new Map<ServerTransaction, number>();
        const failures = new Map<ServerTransaction, number>();
        const b = bench({
          transport,
          maxTransactions: max,
          on: {
            onCancel(invite) {
              assert.equal(invite.completed, false, "a CANCEL after the final response");
              cancels.set(invite, (cancels.get(invite) ?? 0) + 1);
            },
            onResponseFailed: (transaction) =>
              void failures.set(transaction, (failures.get(transaction) ?? 0) + 1),
          },
          log: { debug() {}, info() {}, warn() {}, error: (text) => assert.fail(text) },
        });
        const clients: Watched[] = [];
        for (const one of happens) await apply(b, clients, one);

        assert.ok([...cancels.values(), ...failures.values()].every((times) => times === 1));
        const { length } = b.flow.sent;
        // the user does what it has to: it cancels what rings, and answers what asks
        for (const client of clients) client.transaction.cancel();
        for (const transaction of b.requests) if (!transaction.completed) reply(transaction, 500);
        for (const client of clients) respondTo(b, client, 100, false);
        await b.clock.advance(100_000);
        assert.ok(b.flow.sent.length - length < 2000);
        for (const client of clients) assert.ok(client.over ?? client.final, "a client was told no end");
        b.assertClean();
        assertWire(b);
      }),
      { numRuns: 300, seed: 20260 },
    );
  });

function respondTo(b: Bench, client: Watched | undefined, code: number, toCancel: boolean): void {
  if (!client) return;
  const { request } = client.transaction;
  const cancel = b.flow.sent
    .map(({ message }) => message)
    .find(
      (one): one is SipRequest =>
        one.kind === "request" &&
        one.method === "CANCEL" &&
        one.headers.get("via") === request.headers.get("via"),
    );
  const to = toCancel ? cancel : request;
  if (to) b.layer.receive(createResponse(to, code, { toTag: `tag${code}` }), b.flow);
}

async function apply(b: Bench, clients: Watched[], one: Event) {
  switch (one.kind) {
    case "send":
      clients.push(new Watched(b, one.method));
      break;
    case "response":
      respondTo(b, clients[one.at], one.status, one.toCancel);
      break;
    case "cancel":
      clients[one.at]?.transaction.cancel();
      break;
    case "request": {
      // the To tag that `reply` gives
      const to = one.branch === "old" && one.method === "ACK" ? { to: "<sip:alice@192.0.2.1>;tag=u1" } : {};
      b.layer.receive(
        theirs(one.method, { via: `SIP/2.0/UDP 10.0.0.9;branch=${one.branch}`, ...to }),
        b.flow,
      );
      break;
    }
    case "respond": {
      const transaction = b.requests[one.at];
      if (transaction) reply(transaction, one.status);
      break;
    }
    case "wait":
      await b.clock.advance(one.ms);
      break;
    case "refuse":
      b.flow.fail();
      break;
    case "break":
      b.flow.fail(true);
      break;
  }
}

/** What went out last for requests other than INVITE is 100 or final, and never 408 (RFC 4320). */
function assertWire(b: Bench): void {
  for (const transaction of b.requests) {
    const { request, response } = transaction;
    if (request.method === "INVITE" || !response) continue;
    assert.notEqual(response.status, 408);
    assert.ok(response.status === 100 || response.status >= 200);
  }
}
