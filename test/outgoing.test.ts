import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OutgoingCallError, outgoing, place, type Yate } from "yayts";
import { createEngine, type EmbeddedEngine } from "yayts/engine";

describe("outgoing calls", { timeout: 20_000 }, () => {
  let engine: EmbeddedEngine;
  let yate: Yate;

  before(async () => {
    engine = await createEngine();
    yate = engine.yate;
    // Somebody who answers by the number: at once, later, never, or not at all.
    const pbx = engine.connect();
    pbx.handle("call.route", (route) => {
      const called = route.get("called") ?? "";
      if (called === "nowhere") return false;
      if (called === "media") return "tone/dial";
      return `dumb/${called}`;
    });
    void (async () => {
      for await (const execute of pbx.watches("call.execute")) {
        const [id, targetid] = [execute.get("targetid") ?? "", execute.get("id") ?? ""];
        if (execute.get("callto") === "dumb/answers") pbx.msg("call.answered", { id, targetid }).enqueue();
        if (execute.get("callto") === "dumb/busy") pbx.msg("call.drop", { id, reason: "busy" }).enqueue();
      }
    })();
  });
  after(() => engine.stop());

  it("one that is answered gives the pair, and its end when it hangs up", async () => {
    const call = await outgoing(yate, "answers");
    assert.match(call.id, /^dumb\/\d+$/);
    assert.match(call.targetid, /^dumb\/\d+$/);
    assert.equal(call.end.settled, false);
    yate.msg("call.drop", { id: call.targetid, reason: "bye" }).enqueue();
    const end = await call.end;
    assert.ok(["chan.disconnected", "chan.hangup"].includes(end.name));
  });

  it("one to a target that is media only is answered by the engine itself", async () => {
    const call = await outgoing(yate, "media");
    assert.equal(call.targetid, "");
    yate.msg("call.drop", { id: call.id }).enqueue();
    await call.end;
  });

  it("busy and nowhere reject with the reason", async () => {
    await assert.rejects(
      outgoing(yate, "busy"),
      (error) => error instanceof OutgoingCallError && error.reason === "busy",
    );
    await assert.rejects(
      outgoing(yate, "nowhere"),
      (error) => error instanceof OutgoingCallError && error.reason === "noroute",
    );
  });

  it("one that nobody answers ends after maxcallMs with noanswer", async () => {
    await assert.rejects(
      outgoing(yate, "never", { maxcallMs: 1 }),
      (error) => error instanceof OutgoingCallError && error.reason === "noanswer",
    );
  });

  it("place gives the ids before the answer; giving the answer up leaves the call alone", async () => {
    const call = await place(yate, "never");
    call.answered.cancel();
    await assert.rejects(call.answered);
    assert.equal(call.end.settled, false);
    yate.msg("call.drop", { id: call.id }).enqueue();
    await call.end;
  });

  it("ends by its until", async () => {
    const end = new AbortController();
    const call = outgoing(yate, "never", { until: end.signal });
    setTimeout(() => end.abort("enough"), 20);
    await assert.rejects(call, /\[abandoned\]/);
    await yate.msg("call.drop").dispatch();
  });
});
