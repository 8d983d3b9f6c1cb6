/** The contract of whom a call talks to, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BridgeEnd, CallKitOptions } from "yayts";
import { tone } from "yayts";
import {
  assertTalking,
  type Called,
  ended,
  type Pair,
  People,
  prompt,
  refused,
  untilBridged,
} from "./call-people-kit.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callPeopleContract(
  title: string,
  start: () => Promise<ContractSubject>,
  options: CallKitOptions = {},
): void {
  describe(`people of calls over ${title}`, { timeout: 60_000 }, () => {
    let people: People;
    before(async () => {
      people = await People.start(start, options);
    });
    after(() => people.stop());
    afterEach(() => people.nothingLeft());

    /** A caller and a phone that the app has called, bridged. */
    const bridged = async (): Promise<{ one: Pair; two: Called; end: Promise<BridgeEnd> }> => {
      const [one, two] = [await people.answered(), await people.called()];
      const end = one.call.bridge(two.call);
      await untilBridged(one.call, two.phone);
      return { one, two, end };
    };

    describe("bridge", () => {
      it("connects two parties; the placed call ends with the caller's hang-up", async () => {
        const { one, two, end } = await bridged();
        assert.equal(one.call.peer, two.call);
        await assertTalking(one.caller, two.phone);
        await one.caller.hangup("bye");
        assert.equal((await end).kind, "hangup");
        await two.phone.ended;
      });

      it("gives the caller back to its program when the other leaves, with why and how long", async () => {
        const { one, two, end } = await bridged();
        await delay(100);
        await two.phone.hangup("enough");
        const over = ended(await end);
        assert.equal(over.by, "other");
        assert.equal(over.reason, "enough");
        assert.ok(over.bridgedMs >= 90 && over.bridgedMs < 4000, `${over.bridgedMs}`);
        assert.equal(one.call.peer, undefined);
        assert.equal((await one.call.play("digits/5")).kind, "completed");
        await one.caller.hears("digits/en/5");
        await people.gone(one.caller);
      });

      it("of two that came in gives each back; unbridge parts them", async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        const end = one.call.bridge(two.call);
        await untilBridged(one.call, two.caller);
        const otherEnd = two.call.bridgeEnd();
        await assertTalking(one.caller, two.caller);
        assert.equal((await two.call.unbridge()).kind, "done");
        assert.equal(ended(await end).by, "unbridged");
        assert.equal(ended(await otherEnd).by, "unbridged");
        assert.equal((await two.call.play("digits/5")).kind, "completed");
        assert.equal((await one.call.play("digits/7")).kind, "completed");
        await Promise.all([one.caller.hears("digits/en/7"), two.caller.hears("digits/en/5")]);
        assert.equal(refused(await two.call.unbridge()), "not-bridged");
        await Promise.all([people.gone(one.caller), people.gone(two.caller)]);
      });

      it("answers a caller that still rings", async () => {
        const [one, two] = [await people.ringing(), await people.called()];
        const end = one.call.bridge(two.call);
        await one.caller.answered;
        await untilBridged(one.call, two.phone);
        await people.gone(two.phone);
        assert.equal((await end).kind, "ended");
        await people.gone(one.caller);
      });

      it("ends by a key, by its time, by its signal", async () => {
        const [one, two] = [await people.answered(), await people.called()];
        const keys: string[] = [];
        const onKey = (key: string, by: string): unknown => keys.push(`${by} ${key}`);
        const byKey = one.call.bridge(two.call, { endOn: "*", onKey, keepOther: true });
        await untilBridged(one.call, two.phone);
        await two.phone.press("4*");
        await one.caller.press("1*", { gapMs: 50 });
        const over = ended(await byKey);
        assert.deepEqual([over.by, over.key], ["key", "*"]);
        assert.deepEqual(keys, ["other 4", "other *", "this 1", "this *"]);

        const limited = { limitMs: 1500, limitWarning: "digits/3", limitWarningMs: 1400, keepOther: true };
        assert.equal(ended(await one.call.bridge(two.call, limited)).by, "limit");
        await one.caller.hears("digits/en/3");
        await assert.rejects(one.call.bridge(two.call, { limitMs: -1 }), /bad-argument/);
        const stop = new AbortController();
        const bySignal = one.call.bridge(two.call, { signal: stop.signal });
        setTimeout(() => stop.abort(), 100);
        assert.equal(ended(await bySignal).by, "unbridged");
        assert.equal(two.call.state, "answered");
        await Promise.all([people.gone(one.caller), people.gone(two.phone)]);
      });

      it("with itself, with one that is bridged or over, is refused", async () => {
        const { one, two, end } = await bridged();
        const third = await people.answered();
        assert.equal(refused(await one.call.bridge(one.call)), "bad-argument");
        assert.equal(refused(await third.call.bridge(two.call)), "call-elsewhere");
        assert.equal(refused(await one.call.bridge(third.call)), "call-elsewhere");
        await people.gone(two.phone);
        assert.equal((await end).kind, "ended");
        assert.equal(refused(await third.call.bridge(two.call)), "call-gone");
        await Promise.all([people.gone(one.caller), people.gone(third.caller), one.call.ended]);
        assert.equal((await one.call.bridge(third.call)).kind, "hangup");
      });

      it("begun twice at once works once", async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        const both = [one.call.bridge(two.call), two.call.bridge(one.call)] as const;
        const first = await Promise.race(both);
        assert.equal(refused(first), "call-elsewhere");
        await untilBridged(one.call, two.caller);
        const otherEnd = two.call.bridgeEnd();
        await people.gone(one.caller);
        assert.deepEqual((await Promise.all(both)).map(({ kind }) => kind).sort(), ["failed", "hangup"]);
        assert.equal(ended(await otherEnd).by, "other");
        await people.gone(two.caller);
      });

      it("survives hang-ups at its start, by either side or both", async () => {
        for (const who of ["one", "other", "both"]) {
          const [one, two] = [await people.answered(), await people.called()];
          const end = one.call.bridge(two.call);
          if (who !== "other") void people.gone(one.caller);
          if (who !== "one") void people.gone(two.phone);
          const { kind } = await end;
          assert.ok(
            who === "other" ? kind !== "hangup" : kind !== "ended" || who === "both",
            `${who}: ${kind}`,
          );
          await Promise.all([people.gone(one.caller), people.gone(two.phone)]);
          await people.nothingLeft();
        }
      });
    });

    describe("hold", () => {
      it("parts two, with music for the one and the program for the other, until resume", async () => {
        const { one, two, end } = await bridged();
        assert.equal((await one.call.hold({ music: "digits/1" })).kind, "held");
        await one.caller.hears("digits/en/1");
        assert.equal((await two.call.play("digits/2")).kind, "completed");
        await two.phone.hears("digits/en/2");
        assert.equal((await one.call.resume()).kind, "resumed");
        await assertTalking(one.caller, two.phone);
        await people.gone(two.phone);
        assert.equal(ended(await end).by, "other");
        await people.gone(one.caller);
      });

      it("of a party alone plays until resume; resume without hold is refused", async () => {
        const { call, caller } = await people.answered();
        assert.equal(refused(await call.resume()), "not-bridged");
        assert.equal((await call.hold({ music: tone("ring") })).kind, "held");
        assert.equal((await call.hold({ music: "digits/1" })).kind, "held");
        await caller.hears("digits/en/1");
        assert.equal((await call.resume()).kind, "resumed");
        await people.gone(caller);
        await call.ended;
        assert.equal((await call.hold()).kind, "hangup");
        assert.equal((await call.resume()).kind, "hangup");
      });

      it("plays the engine's own music", async () => {
        const { call, caller } = await people.answered();
        assert.equal((await call.hold({ music: "moh/one" })).kind, "held");
        await caller.hears("digits/en/1");
        assert.equal((await call.resume()).kind, "resumed");
        const heard = (await caller.recording()).length;
        await delay(300);
        assert.ok((await caller.recording()).length - heard < 1600, "it is silent");
        assert.equal((await call.hold({ music: "moh/none" })).kind, "held");
        assert.equal((await call.play("digits/5")).kind, "completed");
        await people.gone(caller);
      });

      it("ends when either hangs up meanwhile", async () => {
        const first = await bridged();
        await first.one.call.hold({ music: "digits/1" });
        await first.two.phone.hangup("tired");
        const over = ended(await first.end);
        assert.deepEqual([over.by, over.reason], ["other", "tired"]);
        assert.equal(refused(await first.one.call.resume()), "not-bridged");
        await people.gone(first.one.caller);

        const second = await bridged();
        await second.one.call.hold({ music: "digits/1" });
        await people.gone(second.one.caller);
        await second.one.call.ended;
        assert.equal((await second.end).kind, "hangup");
        assert.equal((await second.one.call.resume()).kind, "hangup");
        await second.two.phone.ended;

        const third = await bridged();
        const holding = third.one.call.hold();
        void people.gone(third.one.caller);
        assert.match((await holding).kind, /^(hangup|held)$/);
        assert.equal((await third.end).kind, "hangup");
        await third.two.phone.ended;
      });
    });

    describe("whisper", () => {
      it("is heard by the one and not by the other", async () => {
        const { one, two, end } = await bridged();
        assert.equal((await one.call.whisper("digits/3")).kind, "completed");
        await one.caller.hears("digits/en/3");
        await assertTalking(one.caller, two.phone);
        const heard = (await two.phone.heard()).map(({ name }) => name);
        assert.ok(!heard.includes("digits/en/3"), heard.join());
        const whispering = one.call.whisper([tone("ring", 5000), "digits/4"]);
        await delay(100);
        await people.gone(one.caller);
        assert.equal((await whispering).kind, "hangup");
        assert.equal((await end).kind, "hangup");
        await two.phone.ended;
      });

      it("is stopped by its signal, and what cannot be played is told", async () => {
        const { one, two, end } = await bridged();
        const stop = new AbortController();
        const whispering = one.call.whisper(["digits/3", "digits/3", "digits/3"], { signal: stop.signal });
        await delay(100);
        stop.abort();
        assert.equal((await whispering).kind, "stopped");
        assert.equal(refused(await one.call.whisper("no-such-prompt")), "no-media");
        await assertTalking(one.caller, two.phone);
        await people.gone(two.phone);
        await end;
        await people.gone(one.caller);
      });
    });

    describe("barge", () => {
      it("joins a third to two who talk; they go on without it", async () => {
        const { one, two, end } = await bridged();
        const third = await people.answered();
        const joined = third.call.barge(one.call);
        await delay(300);
        await third.caller.say(prompt("digits/en/9"));
        await Promise.all([one.caller.hears("digits/en/9"), two.phone.hears("digits/en/9")]);
        assert.equal((await third.call.unbridge()).kind, "done");
        assert.equal(ended(await joined).by, "unbridged");
        await assertTalking(one.caller, two.phone);
        await people.gone(two.phone);
        assert.equal(ended(await end).by, "other");
        await Promise.all([people.gone(one.caller), people.gone(third.caller)]);
      });

      it("with listenOnly is not heard; it ends when the others have left", async () => {
        const { one, two, end } = await bridged();
        const third = await people.answered();
        const listening = third.call.barge(two.call, { listenOnly: true });
        await delay(300);
        // Nobody takes what a listener says, so that it may never be played to its end.
        third.caller.say(prompt("digits/en/9")).catch(() => {});
        await one.caller.say(prompt("digits/en/5"));
        await Promise.all([third.caller.hears("digits/en/5"), two.phone.hears("digits/en/5")]);
        const heard = (await two.phone.heard()).map(({ name }) => name);
        assert.ok(!heard.includes("digits/en/9"), heard.join());
        await people.gone(one.caller);
        assert.equal((await end).kind, "hangup");
        // Nobody is left to listen to: the listener is back, and the placed call was hung up.
        assert.equal(ended(await listening).by, "other");
        await two.phone.ended;
        await people.gone(third.caller);
      });

      it("of one who talks to nobody is refused", async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        assert.equal(refused(await one.call.barge(two.call)), "not-bridged");
        assert.equal(refused(await one.call.barge(one.call)), "not-bridged");
        await Promise.all([people.gone(one.caller), people.gone(two.caller)]);
      });
    });
  });
}
