/** The contract of calls themselves, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Call, type HangUp, withCalls, type Yate, type YateWithCalls } from "yayts";
import { installPhone, placeCaller } from "yayts/testing";
import { Calling } from "./call-sound-contract.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`calls over ${title}`, { timeout: 60_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let callers: Yate;
    let calling: Calling;

    before(async () => {
      subject = await start();
      app = withCalls(await subject.connect());
      callers = await subject.connect();
      calling = new Calling(app, callers);
      app.onCall("answers", async (call) => {
        await call.answer();
        await call.ended;
      });
      app.onCall(/^refuses-/, (call) => call.reject(call.to.slice("refuses-".length)));
      app.onCall("rings", { ring: false }, async (call) => {
        await call.ringing();
        await call.ended;
      });
      await app.setlocal("engine.version");
    });
    after(async () => {
      app.abort();
      callers.abort();
      await subject.stop();
    });

    it("a call has its parties, its two channels and its states", async () => {
      const { call, caller } = await calling.pair();
      assert.equal(call.id, caller.id);
      assert.match(call.leg, /^dumb\/\d+$/);
      assert.equal(call.from, "4711");
      assert.match(call.to, /^pair-/);
      assert.equal(call.direction, "incoming");
      assert.equal(call.state, "ringing");
      assert.equal((await call.answer()).kind, "done");
      await caller.answered;
      assert.equal(call.state, "answered");
      assert.equal((await call.answer()).kind, "done");
      await caller.hangup("enough");
      const end = await call.ended;
      assert.deepEqual({ ...end }, { kind: "hangup", by: "party", reason: "enough" });
      assert.equal(call.state, "ended");
      assert.equal(call.signal.aborted, true);
    });

    it("the end of a call runs what was deferred, the last first, once", async () => {
      const { call, caller } = await calling.answered();
      const ran: string[] = [];
      call.defer(() => ran.push("first"));
      call.defer(() => ran.push("second"));
      await caller.hangup();
      await call.ended;
      call.defer(() => ran.push("late"));
      assert.deepEqual(ran, ["second", "first", "late"]);
    });

    it("hangup ends it for both, with the program's word", async () => {
      const { call, caller } = await calling.answered();
      const end = await call.hangup("closing time");
      assert.deepEqual({ ...end }, { kind: "hangup", by: "app", reason: "closing time" });
      assert.equal((await caller.ended).reason, "closing time");
      assert.deepEqual(await call.hangup("again"), end);
    });

    it("the end of its program ends a call, and so does its mistake", async () => {
      app.onCall("returns", async (call) => void (await call.answer()));
      app.onCall("throws", async (call) => {
        await call.answer();
        throw new Error("a mistake of the program, as the test wants it");
      });
      await app.setlocal("engine.version");
      for (const number of ["returns", "throws"]) {
        await using caller = await placeCaller(callers, number);
        await caller.ended;
      }
    });

    it("a program that goes round for ever after the hang-up is stopped, and the others go on", async () => {
      let rounds = 0;
      const stopped = new Promise<unknown>((resolve) =>
        app.onCall("endless", async (call) => {
          await call.answer();
          try {
            for (;;) {
              await call.play("digits/1");
              rounds++;
            }
          } catch (error) {
            resolve(error);
            throw error;
          }
        }),
      );
      await app.setlocal("engine.version");
      const caller = await placeCaller(callers, "endless");
      await caller.answered;
      await caller.hangup();
      assert.match(String(await stopped), /call-over/);
      assert.ok(rounds >= 1000);
      await using other = await placeCaller(callers, "answers");
      await other.answered;
    });

    it("keys that are pressed before anybody reads them are kept, in their order", async () => {
      const { call, caller } = await calling.answered();
      await caller.press("12#", { gapMs: 20 });
      await delay(100);
      const heard: string[] = [];
      for await (const key of call.dtmf()) {
        heard.push(key);
        if (heard.length === 3) break;
      }
      assert.deepEqual(heard, ["1", "2", "#"]);
      await caller.hangup();
      assert.equal((await call.dtmf().next()).done, true);
    });

    it("an outgoing call is answered, and its states are told on the way", async () => {
      const states: string[] = [];
      const outcome = await app.call("answers", { from: "100", onState: (state) => states.push(state) });
      assert.ok(outcome.kind === "answered", JSON.stringify(outcome));
      const { call } = outcome;
      assert.equal(call.direction, "outgoing");
      assert.equal(call.to, "answers");
      assert.match(call.id, /^dumb\/\d+$/);
      assert.equal(states.at(-1), "answered");
      assert.equal((await call.play("digits/1")).kind, "completed");
      assert.equal((await call.hangup()).by, "app");
    });

    it("a program that calls the number it has taken gets whoever else is there", async () => {
      let programs = 0;
      app.onCall("office", { priority: 40 }, async (call) => {
        programs++;
        const end = await call.dial("office");
        assert.equal(end.kind, "ended");
      });
      const behind = await subject.connect();
      const phone = await installPhone(behind, "office");
      await app.setlocal("engine.version");
      await using caller = await placeCaller(callers, "office");
      const ringing = await phone.ring({ timeoutMs: 5000 });
      ringing.answer();
      await caller.answered;
      await ringing.hangup();
      await caller.ended;
      assert.equal(programs, 1);
      behind.abort();
    });

    it("one that nobody takes tells why", async () => {
      for (const kind of ["busy", "rejected", "noanswer"]) {
        const outcome = await app.call(`refuses-${kind}`);
        assert.equal(outcome.kind, kind, JSON.stringify(outcome));
      }
      const nowhere = await app.call("nowhere");
      assert.ok(nowhere.kind === "failed" && nowhere.reason === "noroute", JSON.stringify(nowhere));
    });

    it("the end of a line in a number, a name or a header goes to no engine", async () => {
      const evil = "1\r\nEvil: 2";
      const outcomes = [
        await app.call(evil),
        await app.call("answers", { from: evil }),
        await app.call("answers", { fromName: evil }),
        await app.call("answers", { headers: { "X-A": evil } }),
        await app.call("answers", { headers: { "X-A: 1\r\nEvil": "2" } }),
        await app.call("answers", { params: { line: evil } }),
      ];
      for (const outcome of outcomes)
        assert.ok(
          outcome.kind === "failed" && outcome.error.code === "bad-argument",
          JSON.stringify(outcome),
        );
    });

    it("one that rings too long is given up, and so is one that nobody wants any more", async () => {
      const late = await app.call("rings", { timeoutMs: 200 });
      assert.equal(late.kind, "noanswer");
      const attempt = app.call("rings");
      setTimeout(() => attempt.cancel(), 100);
      assert.equal((await attempt).kind, "cancelled");
      const early = app.call("rings");
      early.cancel();
      assert.equal((await early).kind, "cancelled");
    });

    it("one to a sound is answered at once", async () => {
      const outcome = await app.call("tone/dial");
      assert.ok(outcome.kind === "answered", JSON.stringify(outcome));
      {
        await using call = outcome.call;
        assert.equal(call.state, "answered");
      }
      assert.equal(outcome.call.state, "ended");
    });

    it("an app that closes hangs up its calls, and their programs learn of it", async () => {
      const closing = withCalls(await subject.connect());
      const ends: HangUp[] = [];
      const came = new Promise<Call>((resolve) =>
        closing.onCall("closing", async (call) => {
          await call.answer();
          resolve(call);
          ends.push(await call.ended);
        }),
      );
      await closing.setlocal("engine.version");
      const caller = await placeCaller(callers, "closing");
      await came;
      await closing.close();
      assert.equal((await caller.ended).reason, "the app was stopped");
      assert.deepEqual({ ...ends[0] }, { kind: "hangup", by: "app", reason: "the app was stopped" });
    });

    it("the loss of the engine ends every call", async () => {
      const lost = withCalls(await subject.connect());
      const came = new Promise<Call>((resolve) =>
        lost.onCall("lost", async (call) => {
          await call.answer();
          resolve(call);
          await call.ended;
        }),
      );
      await lost.setlocal("engine.version");
      await using _caller = await placeCaller(callers, "lost");
      const call = await came;
      const playing = call.play("welcome", { loops: Number.POSITIVE_INFINITY });
      await delay(200);
      lost.abort();
      assert.equal((await playing).kind, "hangup");
      assert.equal((await call.ended).by, "engine");
    });
  });
}
