/** The contract of ring groups, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type RingGroupEnd,
  type RingGroupOptions,
  ringGroup,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { type Caller, installPhone, type Phone, placeCaller } from "yayts/testing";
import type { ContractSubject } from "./yate-contract.ts";

let tags = 0;

export function ringGroupContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`ring groups over ${title}`, { timeout: 60_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let people: Yate;

    before(async () => {
      subject = await start();
      app = withCalls(await subject.connect());
      people = await subject.connect();
    });
    after(async () => {
      app.abort();
      people.abort();
      await subject.stop();
    });

    const phones = (count: number): Promise<Phone[]> =>
      Promise.all(Array.from({ length: count }, () => installPhone(people, `member-${++tags}`)));
    const dial = async (
      options: RingGroupOptions,
    ): Promise<{ readonly caller: Caller; readonly outcome: Promise<RingGroupEnd> }> => {
      const number = `group-${++tags}`;
      const done = Promise.withResolvers<RingGroupEnd>();
      const handler = app.onCall(number, async (call) => {
        done.resolve(await ringGroup(options).dial(call));
      });
      await handler.ready;
      return { caller: await placeCaller(people, number), outcome: done.promise };
    };
    const numbers = (all: readonly Phone[]): string[] => all.map(({ number }) => number);

    it("all ring at once, the first to answer talks, the others stop ringing", async () => {
      const [one, two] = (await phones(2)) as [Phone, Phone];
      const { caller, outcome } = await dial({ members: numbers([one, two]) });
      const [first, second] = await Promise.all([one.ring(), two.ring()]);
      second.answer();
      await first.ended;
      await caller.answered;
      await caller.hangup();
      await second.ended;
      const end = await outcome;
      assert.equal(end.kind, "hangup");
      assert.equal(end.member, two.number);
    });

    it("in turn, a busy one and one that does not answer are followed by the next", async () => {
      const [one, two, three] = (await phones(3)) as [Phone, Phone, Phone];
      const { caller, outcome } = await dial({
        members: () => numbers([one, two, three]),
        strategy: "in-turn",
        ringMs: 300,
      });
      await (await one.ring()).reject("busy");
      await (await two.ring()).ended;
      const rung = await three.ring();
      const talking = people.onwatch("chan.connected", { id: rung.id, peerid: caller.id });
      await people.setlocal("engine.version");
      rung.answer();
      await talking;
      await rung.hangup();
      const end = await outcome;
      assert.ok(end.kind === "ended" && end.by === "other" && end.member === three.number);
    });

    it("a memory hunt lets those who were called ring on with the next", async () => {
      const [one, two] = (await phones(2)) as [Phone, Phone];
      const { caller, outcome } = await dial({
        members: numbers([one, two]),
        strategy: "memory-hunt",
        ringMs: 400,
      });
      await (await one.ring()).ended;
      const [again, other] = await Promise.all([one.ring(), two.ring()]);
      again.answer();
      await other.ended;
      await caller.answered;
      await caller.hangup();
      assert.equal((await outcome).member, one.number);
    });

    it("nobody there, nobody answers, and a caller who gives up have their outcomes", async () => {
      assert.equal((await (await dial({ members: [] })).outcome).kind, "noanswer");
      const [one] = (await phones(1)) as [Phone];
      const silent = await dial({ members: numbers([one]), ringMs: 200 });
      await (await one.ring()).ended;
      assert.equal((await silent.outcome).kind, "noanswer");
      const left = await dial({ members: numbers([one]), strategy: "memory-hunt" });
      const rung = await one.ring();
      await left.caller.hangup();
      await rung.ended;
      const end = await left.outcome;
      assert.equal(end.kind, "hangup");
      assert.equal(end.member, undefined);
      assert.throws(() => ringGroup({ members: [], ringMs: 0 }), /\[bad-argument\]/);
    });
  });
}
