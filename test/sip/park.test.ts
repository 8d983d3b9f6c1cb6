import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRawPhone } from "./raw-phone.ts";
import { startSipEngine } from "./sip-engine.ts";

const queues = "[channels]\nincoming=tone/ring\n[queue desk]\n";

/** Where the first phone waits, what it hears there and then, and what the second one is routed to. */
const waits = {
  "a parking place": { target: "park/1", before: 180, after: 200, fetch: "pickup/park/1" },
  // Who waits in a queue is answered there: its music is no ringing.
  "a queue": { target: "queue/desk", before: 200, after: undefined, fetch: "pickup/desk" },
};

describe("phones that wait and pick up", () => {
  for (const [where, { target, before, after, fetch }] of Object.entries(waits)) {
    it(`who waits at ${where} talks to who picks the call up, and one hears when the other ends`, async () => {
      await using engine = await startSipEngine({ queues });
      await using one = await createRawPhone(engine.sipPort);
      await using two = await createRawPhone(engine.sipPort);
      const { yate } = engine.embedded;
      yate.handle("call.route", {}, ({ params }) => (params.get("called") === "1" ? target : fetch));
      const waiting = one.call("1");
      await waiting.response(before);
      const fetching = two.call("2");
      await fetching.response(200);
      if (after !== undefined) await waiting.response(after);
      const { retvalue } = await yate.msg("engine.status", { module: "sip" }).dispatch();
      assert.match(retvalue, /sip\/1=answered\|[^|]*\|sip\/2,sip\/2=answered\|[^|]*\|sip\/1/);
      waiting.hangup();
      assert.equal((await fetching.end()).kind, "bye");
    });
  }
});
