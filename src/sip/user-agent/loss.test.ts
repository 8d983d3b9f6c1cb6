import assert from "node:assert/strict";
import { test } from "node:test";
import { agent, createWire, sdp, seeded, type Told, told, type Wire } from "../../../test/sip-wire.ts";
import { createManualClock, type ManualClock } from "../../base/index.ts";
import { createResponse, type InviteSession, type SipFlow, type UserAgent } from "../index.ts";

interface Pair {
  readonly clock: ManualClock;
  readonly wire: Wire;
  readonly caller: UserAgent;
  readonly callee: UserAgent;
  readonly callees: { readonly session: InviteSession; readonly told: Told }[];
  call(flow: SipFlow): { readonly session: InviteSession; readonly told: Told };
}

/** Two agents on a wire that loses what `chance` says, each way. */
function pair(chance: () => boolean, onCall: (session: InviteSession) => void, reliable = false): Pair {
  const clock = createManualClock();
  const wire = createWire(clock, { reliable });
  wire.lose = chance;
  const callees: Pair["callees"] = [];
  const onOffer = () => ({ status: 200, body: sdp("answer") });
  const handlers = (name: string) => ({
    onInvite(session: InviteSession) {
      const handlers = told({
        onOffer,
        onRequest: (t) => t.respond(createResponse(t.request, 200)),
      });
      if (name === "callee") callees.push({ session, told: handlers });
      onCall(session);
      return handlers;
    },
  });
  const caller = agent(clock, "caller", handlers("caller"));
  const callee = agent(clock, "callee", handlers("callee"));
  wire.atA = (message) => caller.receive(message, wire.a);
  wire.atB = (message) => callee.receive(message, wire.b);
  return {
    clock,
    wire,
    caller,
    callee,
    callees,
    call(flow) {
      const handlers = told({ onOffer });
      const session = caller.invite({
        uri: "sip:callee@192.0.2.2",
        flow,
        from: "<sip:caller@192.0.2.1>",
        to: "<sip:callee@192.0.2.2>",
        contact: "<sip:caller@192.0.2.1:5060>",
        body: sdp("offer"),
        handlers,
      });
      return { session, told: handlers };
    },
  };
}

/** Nothing is left of either agent once everything has had its time. */
async function assertNothingLeft({ clock, caller, callee }: Pair): Promise<void> {
  await clock.advance(200_000);
  for (const one of [caller, callee]) {
    assert.equal(one.sessions.size, 0);
    assert.equal(one.transactions, 0);
  }
  assert.equal(clock.pending, 0);
}

for (const [what, callerEnds] of [
  ["the caller", true],
  ["the callee", false],
] as const)
  test(`200 of 200 calls complete, INVITE–180–200–ACK–BYE, at 20 % loss both ways, ended by ${what}`, async () => {
    const random = seeded(callerEnds ? 11 : 12);
    const p = pair(
      () => random() < 0.2,
      (session) => {
        session.provisional(180);
        p.clock.after(300, () => session.accept({ body: sdp("answer") }));
      },
    );
    const calls = Array.from({ length: 200 }, () => p.call(p.wire.a));
    await p.clock.advance(35_000);
    assert.equal(calls.filter(({ session }) => session.state === "confirmed").length, 200);
    assert.equal(p.callees.filter(({ told }) => told.events.includes("ack")).length, 200);
    for (const { session } of callerEnds ? calls : p.callees) session.end();
    await assertNothingLeft(p);
    const [ours, theirs] = callerEnds ? [calls, p.callees] : [p.callees, calls];
    assert.deepEqual(new Set(ours.map(({ told }) => told.events.at(-1))), new Set(["end local"]));
    assert.deepEqual(new Set(theirs.map(({ told }) => told.events.at(-1))), new Set(["end bye"]));
    assert.equal(p.callees.length, 200);
  });

test("whatever happens in whatever order, with loss, each session ends exactly once and nothing is left", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = seeded(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    let over = false;
    const loss = [0, 0.2, 0.5][below(3)] ?? 0;
    const reliable = random() < 0.2;
    const p = pair(
      () => !reliable && random() < loss,
      (session) => {
        // an INVITE may arrive when its caller has long given up
        if (over) session.reject(480);
        const steps = below(4);
        for (let step = 0; step < steps; step++) act(session);
      },
      reliable,
    );
    const promises: Promise<unknown>[] = [];
    const act = (session: InviteSession): void => {
      switch (below(12)) {
        case 0:
          session.end();
          break;
        case 1:
          session.provisional(180);
          break;
        case 2:
          session.provisional(183, { body: sdp("early"), reliable: true });
          break;
        case 3:
        case 4:
        case 5:
          session.accept({ body: sdp("answer") });
          break;
        case 6:
          session.reject(486);
          break;
        case 7:
        case 8:
          promises.push(session.reinvite({ body: sdp("again") }));
          break;
        case 9:
          promises.push(session.request("INFO"));
          break;
        case 10:
          promises.push(session.request("UPDATE", { body: sdp("update") }));
          break;
        default:
          break;
      }
    };
    const calls = [p.call(p.wire.a), p.call(p.wire.a), p.call(p.wire.a)];
    for (let step = 0; step < 40; step++) {
      const all = [...calls, ...p.callees];
      const one = all[below(all.length)];
      if (one) act(one.session);
      if (below(40) === 0 && reliable) p.wire.cut();
      await p.clock.advance([0, 3, 10, 400, 3000][below(5)] ?? 0);
    }
    over = true;
    for (const { session } of [...calls, ...p.callees]) session.end();
    await assertNothingLeft(p);
    for (const { told, session } of [...calls, ...p.callees]) {
      assert.equal(told.ends.length, 1, `seed ${seed}: ${told.events.join(", ")}`);
      assert.equal(session.state, "ended");
      assert.match(told.events.at(-1) ?? "", /^end /, `seed ${seed}`);
    }
    await Promise.all(promises);
  }
});
