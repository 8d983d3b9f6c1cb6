import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sleep, TimedOut, type Yate } from "yayts";
import { installPhone, type Leg, type Phone, type PhoneCall, placeCaller } from "yayts/testing";
import { pbx } from "../pbx.ts";
import type { Subject } from "./subject.ts";

/** How patient the pbx is. A real YATE that has just started takes a second for some steps (spec/kernel.md §4). */
export interface Patience {
  readonly ringMs: number;
  readonly gapMs: number;
  /** Tests at a time. */
  readonly concurrency: number;
}

const quick: Patience = { ringMs: 700, gapMs: 500, concurrency: 6 };

/** A caller who talks to an agent, and a third party's phone; each test has numbers of its own. */
interface Office extends AsyncDisposable {
  readonly caller: Leg;
  readonly agent: PhoneCall;
  readonly agentPhone: Phone;
  readonly third: Phone;
}

let offices = 0;

async function openOffice(people: Yate, number = `${++offices}`): Promise<Office> {
  const agentPhone = await installPhone(people, `${number}1`);
  const third = await installPhone(people, `${number}2`);
  const caller = await placeCaller(people, agentPhone.number);
  const agent = await agentPhone.ring();
  agent.answer();
  await caller.answered;
  // The pbx has learned of the answer, too, when a person dials.
  await sleep(100);
  return {
    caller,
    agent,
    agentPhone,
    third,
    async [Symbol.asyncDispose]() {
      agentPhone.remove();
      third.remove();
      await caller[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
    },
  };
}

/** Each hears what the other says. */
async function assertTalking(one: Leg, other: Leg): Promise<void> {
  await Promise.all([
    one.say("./sounds/digits/en/1.gsm"),
    other.hears("digits/en/1"),
    other.say("./sounds/digits/en/6.gsm"),
    one.hears("digits/en/6"),
  ]);
}

export function pbxTests(
  title: string,
  start: () => Promise<Subject>,
  { ringMs, gapMs, concurrency }: Patience = quick,
): void {
  describe(`pbx on ${title}`, { timeout: 60_000, concurrency }, () => {
    let subject: Subject;
    let people: Yate;
    let running: Yate;
    let failure: unknown;
    before(async () => {
      subject = await start();
      running = await subject.connect();
      people = await subject.connect();
      pbx(running, { ringMs, gapMs }).catch((error: unknown) => {
        failure = error;
      });
      await running.setlocal("engine.version");
    });
    after(async () => {
      running.abort();
      people.abort();
      await subject.stop();
      assert.equal(failure, undefined);
    });

    it("leaves a call alone whose agent dials nothing", async () => {
      await using office = await openOffice(people);
      await assertTalking(office.caller, office.agent);
    });

    it("digits and # send the other party to that number, and the agent is out", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}#`, { gapMs: 50 });
      const third = await office.third.ring();
      await office.agent.ended;
      third.answer();
      await assertTalking(office.caller, third);
    });

    it("a number where nobody answers a blind transfer sends the call back to the agent", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}#`, { gapMs: 50 });
      const third = await office.third.ring();
      const again = await office.agentPhone.ring();
      await third.ended;
      again.answer();
      await assertTalking(office.caller, again);
    });

    it("a busy number sends a blind transfer back to the agent, who can transfer it again", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}#`, { gapMs: 50 });
      await (await office.third.ring()).reject("busy");
      const again = await office.agentPhone.ring();
      again.answer();
      await assertTalking(office.caller, again);
      await again.press(`${office.third.number}#`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await assertTalking(office.caller, third);
    });

    for (const key of ["#", "*"])
      it(`a number that does not exist, before ${key}, is told to the agent, who stays with the other`, async () => {
        await using office = await openOffice(people);
        await office.agent.press(`99999${key}`, { gapMs: 50 });
        await office.agent.hears("en/invalid");
        await assertTalking(office.caller, office.agent);
      });

    it("digits and * put the other party on hold, the agent talks to the third, # connects the two", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await Promise.all([assertTalking(office.agent, third), office.caller.hears("en/hold-please")]);
      await office.agent.press("#");
      await office.agent.ended;
      await assertTalking(office.caller, third);
    });

    it("the agent's hanging up completes a supervised transfer", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await assertTalking(office.agent, third);
      await office.agent.hangup();
      await assertTalking(office.caller, third);
    });

    it("* gives the third party up and brings the agent back to the first, as often as it likes", async () => {
      await using office = await openOffice(people);
      for (let i = 0; i < 2; i++) {
        await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
        const third = await office.third.ring();
        third.answer();
        await assertTalking(office.agent, third);
        await office.agent.press("*");
        await third.ended;
        await assertTalking(office.caller, office.agent);
      }
    });

    const failures: Readonly<Record<string, (third: PhoneCall, agent: Leg) => Promise<unknown>>> = {
      "is busy": (third) => third.reject("busy"),
      "does not answer": (third) => third.ended,
      "hangs up": async (third, agent) => {
        third.answer();
        await assertTalking(agent, third);
        await third.hangup();
      },
    };
    for (const [failure, fails] of Object.entries(failures))
      it(`a third party that ${failure} brings the agent back to the other, and the agent hears so`, async () => {
        await using office = await openOffice(people);
        await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
        await fails(await office.third.ring(), office.agent);
        await office.agent.hears("en/unavailable");
        await assertTalking(office.caller, office.agent);
      });

    it("hanging up before the third party answers makes it a blind transfer", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
      await office.third.ring();
      await office.agent.hangup();
      const third = await office.third.ring();
      third.answer();
      await assertTalking(office.caller, third);
    });

    it("a party on hold that hangs up leaves the agent with the third", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await assertTalking(office.agent, third);
      await office.caller.hangup();
      await office.agent.press("#");
      await assertTalking(office.agent, third);
    });

    it("the third party of a supervised transfer can transfer the call on", async () => {
      await using office = await openOffice(people);
      await office.agent.press(`${office.third.number}*`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await assertTalking(office.agent, third);
      await office.agent.press("#");
      await office.agent.ended;
      await third.press(`${office.agentPhone.number}#`, { gapMs: 50 });
      const again = await office.agentPhone.ring();
      again.answer();
      await assertTalking(office.caller, again);
    });

    it("a pause between keys begins a new number", async () => {
      await using office = await openOffice(people);
      await office.agent.press("99");
      await sleep(gapMs + 100);
      await office.agent.press(`${office.third.number}#`, { gapMs: 50 });
      const third = await office.third.ring();
      third.answer();
      await third.hangup();
    });
  });

  describe(`pbx for one number on ${title}`, { timeout: 30_000 }, () => {
    it("serves calls to that number only", async () => {
      const subject = await start();
      const [running, people] = [await subject.connect(), await subject.connect()];
      try {
        pbx(running, { ringMs, gapMs, number: "8001" }).catch(() => {});
        await running.setlocal("engine.version");
        await using served = await openOffice(people, "800");
        await using other = await openOffice(people, "900");
        for (const { agent, third } of [served, other]) await agent.press(`${third.number}#`, { gapMs: 50 });
        (await served.third.ring()).answer();
        await assert.rejects(other.third.ring({ timeoutMs: 200 }), TimedOut);
        await assertTalking(other.caller, other.agent);
      } finally {
        running.abort();
        people.abort();
        await subject.stop();
      }
    });
  });
}
