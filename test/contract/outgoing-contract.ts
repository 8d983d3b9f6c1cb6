/** The contract of outgoing calls, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OutgoingCallError, outgoing, place, type Yate } from "yayts";
import type { ContractSubject } from "./yate-contract.ts";

export function outgoingContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`outgoing calls over ${title}`, { timeout: 30_000 }, () => {
    let subject: ContractSubject;
    let yate: Yate;
    let pbx: Yate;

    before(async () => {
      subject = await start();
      yate = await subject.connect();
      pbx = await subject.connect();
      await answerCalls(pbx);
    });
    after(async () => {
      yate.abort();
      pbx.abort();
      await subject.stop();
    });

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

    it("one to several is answered by the first who does, and ends with that one", async () => {
      const call = await place(yate, "group");
      assert.match(call.targetid, /^fork\/\d+$/);
      const answered = await call.answered;
      assert.match(answered.targetid, /^dumb\/\d+$/);
      assert.equal(answered.end.settled, false);
      const others = yate.msg("call.drop", { id: answered.targetid }).dispatch();
      assert.equal((await others).handled, true);
      await answered.end;
    });

    it("one to several of whom nobody answers ends unanswered", async () => {
      const call = await place(yate, "nobody");
      yate.msg("call.drop", { id: call.id, reason: "enough" }).enqueue();
      await assert.rejects(
        call.answered,
        (error) => error instanceof OutgoingCallError && error.reason === "enough",
      );
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
}

/** Somebody who answers by the number: at once, later, never, or not at all. */
async function answerCalls(pbx: Yate): Promise<void> {
  const routes: Record<string, string> = {
    media: "tone/dial",
    group: "fork dumb/never dumb/answers",
    nobody: "fork dumb/never dumb/never",
  };
  const routing = pbx.handle("call.route", (route) => {
    const called = route.get("called") ?? "";
    return called === "nowhere" ? false : (routes[called] ?? `dumb/${called}`);
  });
  const executed = pbx.watches("call.execute");
  void (async () => {
    for await (const execute of executed) {
      const [id, targetid] = [execute.get("targetid") ?? "", execute.get("id") ?? ""];
      if (execute.get("callto") === "dumb/answers") pbx.msg("call.answered", { id, targetid }).enqueue();
      if (execute.get("callto") === "dumb/busy") pbx.msg("call.drop", { id, reason: "busy" }).enqueue();
    }
  })().catch(() => {});
  await routing.ready;
}
