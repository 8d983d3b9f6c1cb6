/** The contract of calls to several and of click-to-call, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { PhoneCall } from "yayts/testing";
import { assertTalking, People } from "./call-people-kit.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callSeveralContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`calling several over ${title}`, { timeout: 60_000 }, () => {
    let people: People;
    before(async () => {
      people = await People.start(start);
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

    describe("a call to several", () => {
      it("belongs to the first who answers; the others stop ringing", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const attempt = people.app.call(["200", "300", "nowhere"]);
        const [first, second] = await Promise.all([ring("200"), ring("300")]);
        // So long that whoever cannot be called has been told.
        await delay(100);
        second.answer();
        const outcome = await attempt;
        assert.ok(outcome.kind === "answered", outcome.kind);
        assert.equal(outcome.target, "300");
        assert.deepEqual(
          outcome.failures.map(({ target, failure }) => [target, failure.kind]),
          [["nowhere", "failed"]],
        );
        await first.ended;
        await outcome.call.hangup();
        await second.ended;
      });

      it("answered by two at once is one's", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const attempt = people.app.call(["200", "300"]);
        const phones = await Promise.all([ring("200"), ring("300")]);
        for (const phone of phones) phone.answer();
        const outcome = await attempt;
        assert.ok(outcome.kind === "answered", outcome.kind);
        await Promise.race(phones.map((phone) => phone.ended));
        await outcome.call.hangup();
        await Promise.all(phones.map((phone) => phone.ended));
      });

      it("in turn goes on to the next, and tells what became of each", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const attempt = people.app.call(["200", "nowhere", "300"], { inTurn: true, eachMs: 100 });
        const first = await ring("200");
        const second = await ring("300");
        await second.reject("busy");
        const outcome = await attempt;
        assert.equal(outcome.kind, "noanswer");
        assert.deepEqual(
          outcome.failures.map(({ target, failure }) => [target, failure.kind]),
          [
            ["200", "noanswer"],
            ["nowhere", "failed"],
            ["300", "busy"],
          ],
        );
        await first.ended;
      });

      it("can be given up, and has its time", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const attempt = people.app.call(["200", "300"]);
        const phones = await Promise.all([ring("200"), ring("300")]);
        attempt.cancel();
        assert.equal((await attempt).kind, "cancelled");
        await Promise.all(phones.map((phone) => phone.ended));
        const timed = people.app.call(["200", "300"], { timeoutMs: 100 });
        const others = await Promise.all([ring("200"), ring("300")]);
        assert.equal((await timed).kind, "noanswer");
        await Promise.all(others.map((phone) => phone.ended));
        assert.throws(() => people.app.call([]));
      });
    });

    describe("callBoth", () => {
      it("calls one, then the other while the first hears it ringing, and bridges", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const stages: string[] = [];
        const both = people.app.callBoth("200", "300", { onProgress: (stage) => stages.push(stage) });
        const first = await ring("200");
        assert.equal(first.caller, "300");
        first.answer();
        const second = await ring("300");
        assert.equal(second.caller, "200");
        second.answer();
        await assertTalking(first, second);
        await second.hangup("bye");
        const end = await both;
        assert.ok(end.kind === "ended" && end.by === "second", JSON.stringify(end));
        await first.ended;
        assert.deepEqual(stages, ["calling-first", "calling-second", "bridged"]);
      });

      it("tells who did not come, or left", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const unanswered = people.app.callBoth("200", "300");
        await (await ring("200")).reject("busy");
        const one = await unanswered;
        assert.ok(one.kind === "busy" && one.who === "first");

        const refusing = people.app.callBoth("200", "300");
        const first = await answer("200");
        await (await ring("300")).reject("busy");
        const two = await refusing;
        assert.ok(two.kind === "busy" && two.who === "second");
        await first.ended;

        const leaving = people.app.callBoth("200", "300");
        const third = await answer("200");
        const ringing = await ring("300");
        await people.gone(third);
        const three = await leaving;
        assert.ok(three.kind === "hangup" && three.who === "first");
        await ringing.ended;

        const talking = people.app.callBoth("200", "300");
        const fourth = await answer("200");
        const fifth = await answer("300");
        await assertTalking(fourth, fifth);
        await people.gone(fourth);
        const four = await talking;
        assert.ok(four.kind === "ended" && four.by === "first", JSON.stringify(four));
        await fifth.ended;
      });

      it("is given up at every stage", async () => {
        await Promise.all([people.phone("200"), people.phone("300")]);
        const first = people.app.callBoth("200", "300");
        const ringing = await ring("200");
        first.cancel();
        assert.equal((await first).kind, "cancelled");
        await ringing.ended;

        const second = people.app.callBoth("200", "300");
        const answered = await answer("200");
        const other = await ring("300");
        second.cancel();
        assert.equal((await second).kind, "cancelled");
        await Promise.all([answered.ended, other.ended]);

        const third = people.app.callBoth("200", "300");
        const [one, two] = [await answer("200"), await answer("300")];
        await assertTalking(one, two);
        third.cancel();
        const end = await third;
        assert.ok(end.kind === "ended" && end.by === "app", JSON.stringify(end));
        await Promise.all([one.ended, two.ended]);
      });
    });
  });
}
