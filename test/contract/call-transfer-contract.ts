/** The contract of dialling, transferring and parking, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type CallKitOptions, type Parked, type ParkOutcome, tone } from "yayts";
import type { PhoneCall } from "yayts/testing";
import { assertTalking, ended, People, refused, untilBridged } from "./call-people-kit.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callTransferContract(
  title: string,
  start: () => Promise<ContractSubject>,
  options: CallKitOptions = {},
): void {
  describe(`dialling and transferring over ${title}`, { timeout: 90_000 }, () => {
    let people: People;
    let subject: ContractSubject;
    before(async () => {
      subject = await start();
      people = await People.start(async () => subject, options);
    });
    after(() => people.stop());
    afterEach(() => people.nothingLeft());

    /** The next call to a phone. */
    const ring = async (number: string): Promise<PhoneCall> =>
      (await people.phone(number)).ring({ timeoutMs: 5000 });
    const answer = async (number: string): Promise<PhoneCall> => {
      const call = await ring(number);
      call.answer();
      return call;
    };

    describe("dial", () => {
      it("lets the caller hear ringing, tells the called who calls, and bridges", async () => {
        const { call, caller } = await people.answered();
        await people.phone("200");
        const dialling = call.dial("200", { announce: "digits/3" });
        const called = await ring("200");
        assert.equal(called.caller, call.from);
        assert.ok(
          caller.transcript.some((event) => event.kind === "playing" && event.source === "tone/ring"),
        );
        called.answer();
        await called.hears("digits/en/3");
        await untilBridged(call, called);
        await assertTalking(caller, called);
        await people.gone(called);
        assert.equal(ended(await dialling).by, "other");
        await people.gone(caller);
      });

      it("answers a caller that rings only when the called does", async () => {
        const { call, caller } = await people.ringing();
        await people.phone("200");
        const dialling = call.dial("200");
        const called = await ring("200");
        assert.notEqual(call.state, "answered");
        called.answer();
        await caller.answered;
        await untilBridged(call, called);
        await people.gone(caller);
        assert.equal((await dialling).kind, "hangup");
        await called.ended;
      });

      it("tells busy, no answer, nowhere; the call stays with its program", async () => {
        const { call, caller } = await people.answered();
        await people.phone("200");
        const busy = call.dial("200");
        await (await ring("200")).reject("busy");
        assert.equal((await busy).kind, "busy");
        const unanswered = call.dial("200", { timeoutMs: 100, music: "digits/1" });
        const called = await ring("200");
        assert.equal((await unanswered).kind, "noanswer");
        await called.ended;
        assert.equal(refused(await call.dial("nowhere")), "call-failed");
        assert.equal((await call.play("digits/5")).kind, "completed");
        await people.gone(caller);
        await call.ended;
        assert.equal((await call.dial("200")).kind, "hangup");
      });

      it("is given up by the caller's hang-up, by its signal, by a called who declines or leaves", async () => {
        await people.phone("200");
        const first = await people.answered();
        const dialling = first.call.dial("200");
        const called = await ring("200");
        await people.gone(first.caller);
        assert.equal((await dialling).kind, "hangup");
        await called.ended;

        const { call, caller } = await people.answered();
        const stop = new AbortController();
        const stopped = call.dial("200", { signal: stop.signal });
        const second = await ring("200");
        stop.abort();
        assert.equal((await stopped).kind, "cancelled");
        await second.ended;

        const declined = call.dial("200", {
          announce: async (called) => (await called.play("digits/3")).kind === "key",
        });
        const third = await answer("200");
        assert.equal((await declined).kind, "rejected");
        await third.ended;

        const left = call.dial("200", { announce: tone("ring", 5000) });
        const fourth = await answer("200");
        await delay(100);
        await people.gone(fourth);
        assert.equal((await left).kind, "rejected");

        const gone = call.dial("200", { announce: tone("ring", 5000) });
        const fifth = await answer("200");
        await delay(100);
        await people.gone(caller);
        assert.equal((await gone).kind, "hangup");
        await fifth.ended;
      });
    });

    describe("transfer", () => {
      it("connects the party for good; the call is over for its program, not for the party", async () => {
        const { call, caller } = await people.answered();
        await people.phone("200");
        const transferring = call.transfer("200");
        const called = await answer("200");
        assert.deepEqual(await transferring, { kind: "transferred", to: called.id });
        assert.equal((await call.ended).reason, "transferred");
        assert.equal((await call.play("digits/5")).kind, "hangup");
        await assertTalking(caller, called);
        await people.gone(called);
        await caller.ended;
      });

      it("without waiting leaves the ringing to the engine", async () => {
        const { call, caller } = await people.answered();
        await people.phone("200");
        const { kind } = await call.transfer("200", { wait: false });
        assert.equal(kind, "transferred");
        const called = await answer("200");
        await assertTalking(caller, called);
        await people.gone(caller);
        await called.ended;
      });

      it("to nowhere, to somebody busy or not there leaves the call with its program", async () => {
        const { call, caller } = await people.answered();
        await people.phone("200");
        for (const wait of [true, false]) {
          assert.equal(refused(await call.transfer("nowhere", { wait })), "call-failed");
          assert.equal((await call.transfer("none/such", { wait })).kind, "failed");
          assert.equal(call.state, "answered");
        }
        const busy = call.transfer("200");
        await (await ring("200")).reject("busy");
        assert.equal((await busy).kind, "busy");
        assert.equal((await call.transfer("200", { timeoutMs: 50 })).kind, "noanswer");
        await (await ring("200")).ended;
        assert.equal((await call.play("digits/5")).kind, "completed");
        await caller.hears("digits/en/5");
        await people.gone(caller);
        await call.ended;
        assert.equal((await call.transfer("200")).kind, "hangup");
      });

      it("of a bridged party frees its partner; when it fails they are bridged again", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call, { keepOther: true });
        await untilBridged(one.call, agent.phone);
        assert.equal(refused(await one.call.transfer("nowhere")), "call-failed");
        await assertTalking(one.caller, agent.phone);
        await people.phone("200");
        const agentEnd = agent.call.bridgeEnd();
        const transferring = one.call.transfer("200");
        const called = await answer("200");
        assert.equal((await transferring).kind, "transferred");
        assert.deepEqual([(await end).kind, ended(await agentEnd).reason], ["hangup", "transferred"]);
        assert.equal((await agent.call.play("digits/5")).kind, "completed");
        await assertTalking(one.caller, called);
        await Promise.all([people.gone(agent.phone), people.gone(called)]);
        await one.caller.ended;
      });

      it("goes on when the partner hangs up meanwhile, and ends with the party", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call);
        await untilBridged(one.call, agent.phone);
        await people.phone("200");
        const transferring = one.call.transfer("200");
        const called = await ring("200");
        await people.gone(agent.phone);
        called.answer();
        assert.equal((await transferring).kind, "transferred");
        assert.equal((await end).kind, "hangup");
        await assertTalking(one.caller, called);
        await people.gone(called);
        await one.caller.ended;

        const two = await people.answered();
        const given = two.call.transfer("200");
        const third = await ring("200");
        await people.gone(two.caller);
        assert.equal((await given).kind, "hangup");
        await third.ended;
      });
    });

    describe("attendedTransfer", () => {
      it("lets the transferor talk first; its hang-up puts the party through", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call);
        await untilBridged(one.call, agent.phone);
        await people.phone("200");
        const transferring = one.call.attendedTransfer("200", { music: "digits/1" });
        const called = await answer("200");
        await one.caller.hears("digits/en/1");
        await untilBridged(agent.call, called);
        await assertTalking(agent.phone, called);
        await people.gone(agent.phone);
        assert.deepEqual(await transferring, { kind: "transferred", to: called.id });
        assert.equal((await end).kind, "hangup");
        await assertTalking(one.caller, called);
        await people.gone(one.caller);
        await called.ended;
      });

      it("rings on for the party when the transferor hangs up before the answer", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call);
        await untilBridged(one.call, agent.phone);
        await people.phone("200");
        const transferring = one.call.attendedTransfer("200", { music: "digits/1" });
        const first = await ring("200");
        await people.gone(agent.phone);
        const called = await answer("200");
        assert.deepEqual(await transferring, { kind: "transferred", to: called.id });
        assert.equal((await end).kind, "hangup");
        await first.ended;
        await people.gone(called);
        await one.caller.ended;
      });

      it("is called off by a key, by cancel, by the target; the two talk again", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call);
        await untilBridged(one.call, agent.phone);
        await people.phone("200");
        for (const how of ["key", "cancel", "target", "busy"] as const) {
          const transferring = one.call.attendedTransfer("200", { music: "digits/1" });
          const called = await ring("200");
          if (how === "busy") await called.reject("busy");
          else {
            called.answer();
            await untilBridged(agent.call, called);
          }
          if (how === "key") await agent.phone.press("*");
          if (how === "cancel") transferring.cancel();
          if (how === "target") await people.gone(called);
          const { kind } = await transferring;
          assert.equal(
            kind,
            { key: "cancelled", cancel: "cancelled", target: "rejected", busy: "busy" }[how],
          );
          await called.ended;
        }
        await assertTalking(one.caller, agent.phone);
        await people.gone(agent.phone);
        assert.equal(ended(await end).by, "other");
        await people.gone(one.caller);
      });

      it("ends with the party; complete puts it through; the program can be the transferor", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call, { keepOther: true });
        await untilBridged(one.call, agent.phone);
        await people.phone("200");
        const given = one.call.attendedTransfer("200", { music: "digits/1" });
        const called = await answer("200");
        await untilBridged(agent.call, called);
        await people.gone(one.caller);
        assert.equal((await given).kind, "hangup");
        assert.equal((await end).kind, "hangup");
        await called.ended;
        await people.gone(agent.phone);

        const { call, caller } = await people.answered();
        const transferring = call.attendedTransfer("200", { announce: "digits/3", music: "digits/1" });
        const second = await answer("200");
        await second.hears("digits/en/3");
        assert.equal((await transferring).kind, "transferred");
        await assertTalking(caller, second);
        await people.gone(second);
        await caller.ended;
      });
    });

    it("the loss of the engine ends every operation", async () => {
      const lost = await People.start(async () => ({ ...subject, stop: async () => {} }), options);
      const dialled = await lost.phone("400");
      const [one, two, three, four] = [
        await lost.answered(),
        await lost.called("500"),
        await lost.answered(),
        await lost.answered(),
      ];
      const operations = [one.call.bridge(two.call), three.call.dial("400"), four.call.park()];
      await untilBridged(one.call, two.phone);
      const attempts = [lost.app.call(["400"]), lost.app.callBoth("400", "500")];
      for (const _ of [1, 2, 3]) await dialled.ring({ timeoutMs: 5000 });
      lost.app.abort();
      const ends = await Promise.all(operations);
      assert.deepEqual(
        ends.map(({ kind }) => kind),
        ["hangup", "hangup", "parked"],
      );
      for (const end of ends) if (end.kind === "hangup") assert.equal(end.by, "engine");
      const [, , parking] = ends;
      assert.ok(parking?.kind === "parked" && (await parking.ended).kind === "hangup");
      for (const attempt of attempts) assert.notEqual((await attempt).kind, "answered");
      // Nobody is left who could end them.
      await lost.callers.msg("call.drop", { reason: "left over" }).dispatch();
      await lost.nothingLeft();
      await lost.stop();
    });

    describe("park", () => {
      const parked = (outcome: ParkOutcome): Parked => {
        assert.equal(outcome.kind, "parked");
        return outcome as Parked;
      };

      it("lets a call wait with music until another fetches it", async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        const place = parked(await one.call.park({ music: "digits/1" }));
        assert.equal(place.slot, "701");
        await one.caller.hears("digits/en/1");
        assert.equal(refused(await two.call.park({ slot: "701" })), "slot-taken");
        assert.equal(refused(await two.call.pickup("702")), "slot-empty");
        const talking = two.call.pickup(place.slot);
        await untilBridged(two.call, one.caller);
        await assertTalking(one.caller, two.caller);
        assert.equal(refused(await two.call.pickup(place.slot)), "call-elsewhere");
        await people.gone(two.caller);
        assert.equal((await talking).kind, "hangup");
        const end = await place.ended;
        assert.ok(end.kind === "ended" && end.by === "other");
        assert.equal((await one.call.play("digits/5")).kind, "completed");
        await people.gone(one.caller);
      });

      it("brings the call back when nobody comes, and ends with a hang-up", async () => {
        const { call, caller } = await people.answered();
        const place = parked(await call.park({ timeoutMs: 100, slot: "orbit" }));
        assert.deepEqual([place.slot, await place.ended], ["orbit", { kind: "timeout" }]);
        assert.equal((await call.play("digits/5")).kind, "completed");
        const again = parked(await call.park());
        await people.gone(caller);
        assert.equal((await again.ended).kind, "hangup");
        assert.equal((await call.park()).kind, "hangup");
        const other = await people.answered();
        assert.equal(refused(await other.call.pickup(again.slot)), "slot-empty");
        await people.gone(other.caller);
      });

      it("of a bridged party gives its partner back", async () => {
        const [one, agent] = [await people.answered(), await people.called("300")];
        const end = one.call.bridge(agent.call);
        await untilBridged(one.call, agent.phone);
        const place = parked(await one.call.park());
        assert.deepEqual([ended(await end).reason], ["parked"]);
        const talking = agent.call.pickup(place.slot);
        await assertTalking(agent.phone, one.caller);
        await people.gone(agent.phone);
        assert.equal((await talking).kind, "hangup");
        assert.equal((await place.ended).kind, "ended");
        await people.gone(one.caller);
      });

      it("in the engine is fetched by its place there", async () => {
        const [one, two] = [await people.answered(), await people.answered()];
        const place = parked(await one.call.park({ engine: true, music: "tone/ring" }));
        assert.match(place.slot, /^park\/\d+$/);
        const talking = two.call.pickup(place.slot);
        await delay(200);
        await assertTalking(one.caller, two.caller);
        await people.gone(one.caller);
        assert.equal((await place.ended).kind, "hangup");
        assert.equal(ended(await talking).by, "other");
        assert.equal(refused(await two.call.pickup("park/77")), "slot-empty");
        await people.gone(two.caller);
      });
    });
  });
}
