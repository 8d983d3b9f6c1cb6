import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type App, OutgoingCallError, sleep, TimedOut, type Yate } from "yayts";
import { type Leg, type PhoneCall, placeCaller } from "yayts/testing";
import echoAudio from "../echo-audio.ts";
import keyecho from "../keyecho.ts";
import { office } from "../office.ts";
import { pbx } from "../pbx.ts";
import { type Softphone, startSoftphone } from "./softphone.ts";
import type { SipSubject } from "./subject.ts";

const account = (username: string) => ({ username, password: `secret${username}` });

/** What runs on an engine while a test calls it by SIP. */
interface Running extends AsyncDisposable {
  readonly subject: SipSubject;
  readonly yate: Yate;
}

async function run(start: () => Promise<SipSubject>, begin: (yate: Yate) => unknown): Promise<Running> {
  const subject = await start();
  const yate = await subject.connect();
  begin(yate);
  await yate.setlocal("engine.version");
  return {
    subject,
    yate,
    async [Symbol.asyncDispose]() {
      yate.abort();
      await subject.stop();
    },
  };
}

const start = (app: App) => (yate: Yate) => app.start(yate);

/** A machine that is busy with other tests may spoil a word, not three: then people say it again. */
async function audible(say: () => Promise<unknown>, listener: Leg, name: string): Promise<void> {
  for (let left = 2; ; left--) {
    try {
      await Promise.all([say(), listener.hears(name, { timeoutMs: 3000 })]);
      return;
    } catch (error) {
      if (!(error instanceof TimedOut) || left === 0) throw error;
    }
  }
}

/** Each hears what the other says. */
async function assertTalking(one: Leg, other: Leg): Promise<void> {
  await Promise.all([
    audible(() => one.say("./sounds/digits/en/1.gsm"), other, "digits/en/1"),
    audible(() => other.say("./sounds/digits/en/6.gsm"), one, "digits/en/6"),
  ]);
}

/** Picks up, and takes the time that a person does before the first word: the engine has learned of it then. */
async function answer(call: PhoneCall): Promise<void> {
  call.answer();
  await sleep(300);
}

const isRefused = (reason: string) => (error: unknown) =>
  error instanceof OutgoingCallError && error.reason === reason;

/** The examples, called by SIP. */
export function phonesTests(title: string, engine: () => Promise<SipSubject>): void {
  describe(`by SIP on ${title}`, { timeout: 60_000 }, () => {
    it("keyecho speaks the keys that a phone presses, to one without an account too", async () => {
      await using running = await run(engine, start(keyecho));
      await using phone = await startSoftphone(running.subject.sip);
      const caller = await phone.call("ivr");
      await caller.answered;
      for (const [key, name] of [
        ["4", "digits/pl/4"],
        ["#", "digits/pl/pound"],
      ] as const) {
        await audible(() => caller.press(key), caller, name);
      }
      await caller.hangup();
    });

    it("echo-audio gives a phone back what it says", async () => {
      await using running = await run(engine, start(echoAudio));
      await using phone = await startSoftphone(running.subject.sip);
      const caller = await phone.call("echo");
      await caller.answered;
      await audible(() => caller.say("./sounds/digits/en/5.gsm"), caller, "digits/en/5");
      await caller.hangup();
    });

    it("nobody registers with a wrong password", async () => {
      await using running = await run(engine, () => {});
      await assert.rejects(startSoftphone(running.subject.sip, { username: "100", password: "other" }));
    });

    describe("office and pbx", () => {
      let running: Running;
      let phones: Softphone[] = [];
      const told: string[] = [];
      before(async () => {
        running = await run(engine, (yate) => void office(yate, (text) => told.push(text)).catch(() => {}));
        for (const number of ["100", "200", "300"])
          phones.push(await startSoftphone(running.subject.sip, account(number)));
      });
      after(async () => {
        for (const phone of phones) await phone[Symbol.asyncDispose]();
        phones = [];
        await running[Symbol.asyncDispose]();
      });
      /** Phone 100 has called phone 200. */
      const talk = async () => {
        const [one, two, three] = phones;
        assert.ok(one && two && three);
        const caller = await one.call("200");
        const agent = await two.line.ring();
        await answer(agent);
        await caller.answered;
        return { caller, agent, three };
      };

      it("a phone calls the other by its number, and they hear each other", async () => {
        const { caller, agent } = await talk();
        assert.equal(agent.caller, "100");
        await assertTalking(caller, agent);
        await caller.hangup();
        await agent.ended;
      });

      it("digits and # on a phone send the other one on", async () => {
        const { caller, agent, three } = await talk();
        await agent.press("300#", { gapMs: 300 });
        const third = await three.line.ring();
        assert.equal(third.caller, "100", "it sees who is sent to it");
        await agent.ended;
        await answer(third);
        await assertTalking(caller, third);
        await third.hangup();
        await caller.ended;
      });

      it("digits and * let a phone ask the third first", async () => {
        const { caller, agent, three } = await talk();
        await agent.press("300*", { gapMs: 300 });
        const third = await three.line.ring();
        assert.equal(third.caller, "200", "it sees who asks");
        await answer(third);
        await Promise.all([assertTalking(agent, third), caller.hears("en/hold-please")]);
        await agent.press("#");
        await agent.ended;
        await assertTalking(caller, third);
        await caller.hangup();
        await third.ended;
      });

      it("keys send no call outside", async () => {
        const { caller, agent } = await talk();
        await agent.press("0123#", { gapMs: 300 });
        await agent.hears("en/invalid");
        await assertTalking(caller, agent);
        await caller.hangup();
        await agent.ended;
      });

      it("a phone without an account is refused", async () => {
        await using stranger = await startSoftphone(running.subject.sip);
        await assert.rejects(
          stranger.call("200").then((caller) => caller.answered),
          isRefused("noauth"),
        );
      });
    });

    it("pbx reaches all phones of a number", async () => {
      await using running = await run(engine, (yate) => void pbx(yate).catch(() => {}));
      const { sip } = running.subject;
      await using agentPhone = await startSoftphone(sip, account("100"));
      await using third = await startSoftphone(sip, account("200"));
      const people = await running.subject.connect();
      await using caller = await placeCaller(people, "100");
      const agent = await agentPhone.line.ring();
      await answer(agent);
      await caller.answered;
      await agent.press("200#", { gapMs: 300 });
      const called = await third.line.ring();
      await answer(called);
      await assertTalking(caller, called);
      people.abort();
    });
  });
}
