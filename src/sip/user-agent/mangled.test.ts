import assert from "node:assert/strict";
import { test } from "node:test";
import { agent, createWire, sdp, seeded, type Told, told } from "../../../test/sip-wire.ts";
import { createManualClock } from "../../base/index.ts";
import {
  formatSipMessage,
  type InviteSession,
  parseSipMessage,
  type SipMessage,
  type UserAgent,
} from "../index.ts";

const headerNames = [
  "via from to call-id cseq contact record-route require supported rseq rack session-expires min-se allow",
  "content-type content-encoding expires www-authenticate max-forwards",
].flatMap((line) => line.split(" "));

const values = [
  "",
  ";",
  "<>",
  "<sip:",
  "*",
  "-1",
  "0",
  "4294967296 INVITE",
  "1 1 INVITE",
  "2147483647",
  "90;refresher=uac",
  "1;refresher=uas",
  "100rel, timer, x",
  "<sip:a@b;lr>,<sip:c>",
  "sip:a@b;tag=x",
  '"\\',
  "é\u0000",
];

/** The message with some header fields gone, doubled or replaced; as the other side would read it. */
function mangled(message: SipMessage, below: (limit: number) => number): SipMessage | undefined {
  const headers = message.headers.clone();
  for (let times = 1 + below(3); times > 0; times--) {
    const name = headerNames[below(headerNames.length)] ?? "via";
    const value = values[below(values.length)] ?? "";
    const how = below(3);
    if (how === 0) headers.delete(name);
    else if (how === 1) headers.add(name, value);
    else headers.set(name, value);
  }
  const status = [100, 180, 200, 299, 300, 401, 407, 422, 481, 491, 699][below(11)] ?? 200;
  const changed: SipMessage =
    message.kind === "request" || below(4) > 0 ? { ...message, headers } : { ...message, headers, status };
  const parsed = parseSipMessage(formatSipMessage(changed));
  return parsed.kind === "message" ? parsed.message : undefined;
}

test("whatever stands in the header fields, nothing throws, every call ends once, and nothing is left", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const clock = createManualClock();
    const wire = createWire(clock);
    const errors: unknown[] = [];
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (text: string, details?: unknown) => void errors.push([text, details]),
    };
    let over = false;
    const calls: { session: InviteSession; told: Told }[] = [];
    const make = (name: string): UserAgent =>
      agent(
        clock,
        name,
        {
          onInvite(session) {
            const handlers = told({ onOffer: () => ({ status: 200, body: sdp("answer") }) });
            calls.push({ session, told: handlers });
            if (over) session.reject(480);
            session.provisional(183, { body: sdp("early"), reliable: true });
            session.accept({ body: sdp("answer") });
            return handlers;
          },
        },
        { log },
      );
    const a = make("a");
    const b = make("b");
    const deliver = (to: UserAgent, flow: typeof wire.a) => (message: SipMessage) => {
      const got = random() < 0.3 ? mangled(message, below) : message;
      if (got) to.receive(got, flow);
    };
    wire.atA = deliver(a, wire.a);
    wire.atB = deliver(b, wire.b);
    for (let call = 0; call < 4; call++) {
      const handlers = told({ onOffer: () => ({ status: 200, body: sdp("answer") }) });
      const session = a.invite({
        uri: "sip:b@192.0.2.2",
        flow: wire.a,
        from: "<sip:a@192.0.2.1>",
        to: "<sip:b@192.0.2.2>",
        contact: "<sip:a@192.0.2.1>",
        body: sdp("offer"),
        credentials: () => ["Authorization", 'Digest realm="x"'],
        handlers,
      });
      calls.push({ session, told: handlers });
      await clock.advance(below(2000));
      void session.reinvite({ body: sdp("again") });
      for (const { session: one } of calls) if (below(3) === 0) void one.request("INFO");
      await clock.advance(below(5000));
    }
    over = true;
    for (const { session } of calls) session.end();
    await clock.advance(300_000);
    for (const { told, session } of calls)
      assert.equal(told.ends.length, 1, `seed ${seed}: ${session.direction} ${told.events.join(", ")}`);
    assert.deepEqual(errors, [], `seed ${seed}`);
    assert.equal(a.transactions + b.transactions, 0, `seed ${seed}`);
    assert.equal(clock.pending, 0, `seed ${seed}`);
  }
});
