import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { app, sleep, voicemail } from "yayts";
import { installPhone, type Phone } from "yayts/testing";
import { helpdesk } from "../helpdesk.ts";
import { describeExample, exampleOptions } from "./stage.ts";
import type { Subject } from "./subject.ts";

export function helpdeskTests(title: string, start: () => Promise<Subject>): void {
  let folder = "";
  const told: string[] = [];
  const example = app(async (yate) => {
    folder = await mkdtemp(join(tmpdir(), "yayts-helpdesk-"));
    const settings = {
      agents: ["100", "101"],
      pin: "1234",
      folder,
      wrapUpMs: 1500,
      announceEveryMs: 2000,
      maxWaitMs: 15_000,
    };
    helpdesk(yate, settings, (text) => told.push(text)).catch(() => {});
  }, exampleOptions);
  const untilTold = async (pattern: RegExp): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const found = told.find((text) => pattern.test(text));
      if (found) return found;
      await sleep(50);
    }
    return assert.fail(`nothing told of ${pattern}, but:\n${told.join("\n")}`);
  };

  describeExample(
    `helpdesk on ${title}`,
    start,
    example,
    (stage) => {
      const phones: Phone[] = [];
      before(async () => {
        for (const number of ["100", "101"]) phones.push(await installPhone(stage.callers, number));
      });
      after(async () => {
        for (const phone of phones) phone.remove();
        await rm(folder, { recursive: true, force: true });
      });

      it("callers wait with music and their position, and are connected as agents are free", async () => {
        const [ada, bob] = phones;
        assert.ok(ada && bob);
        await using one = await stage.call("800", { caller: "4711" });
        await one.hears("helpdesk/en/how-it-works", { timeoutMs: 10_000 });
        const first = await ada.ring({ timeoutMs: 10_000 });
        assert.equal(first.caller, "4711");
        first.answer();
        await Promise.all([first.say("./sounds/digits/en/6.gsm"), one.hears("digits/en/6")]);

        await using two = await stage.call("800", { caller: "4712" });
        const second = await bob.ring({ timeoutMs: 10_000 });
        second.answer();
        await Promise.all([second.say("./sounds/digits/en/7.gsm"), two.hears("digits/en/7")]);

        await using three = await stage.call("800", { caller: "4713" });
        await three.hears("queue/en/position", { timeoutMs: 15_000 });
        await three.hears("digits/en/1");
        await first.hangup();
        const endedAtMs = performance.now();
        await one.hears("en/thank-you");
        await one.ended;
        const third = await ada.ring({ timeoutMs: 10_000 });
        assert.ok(performance.now() - endedAtMs > 1000, "the agent has its time after a call");
        third.answer();
        await Promise.all([third.say("./sounds/digits/en/8.gsm"), three.hears("digits/en/8")]);
        await Promise.all([third.hangup(), second.hangup()]);
        await untilTold(/^0 waiting; of 3 calls 3 answered/);
        await untilTold(/helpdesk: joined, .*from 4713, position 1/);
      });

      it("agents log out and in by calling; without any, a caller leaves a message by # and after a while", async () => {
        const [ada] = phones;
        assert.ok(ada);
        for (const number of ["100", "101"]) {
          await using agent = await stage.call("802", { caller: number });
          await agent.hears("helpdesk/en/logged-out");
          await agent.ended;
        }
        await using stranger = await stage.call("802", { caller: "4711" });
        await stranger.hears("en/invalid");

        await using late = await stage.call("800", { caller: "4712" });
        await using caller = await stage.call("800", { caller: "4711" });
        await caller.hears("helpdesk/en/how-it-works", { timeoutMs: 10_000 });
        await caller.press("#");
        await caller.hears("voicemail/en/leave-message", { timeoutMs: 10_000 });
        await caller.hears("beep");
        // Several short words: of what a busy machine records, one that is whole is enough.
        for (let i = 0; i < 4; i++) await caller.say("./sounds/digits/en/6.gsm");
        await caller.press("#");
        await caller.ended;
        await late.hears("voicemail/en/leave-message", { timeoutMs: 25_000 });
        await late.hangup();
        const messages = await voicemail({ folder }).mailbox("helpdesk").messages();
        assert.deepEqual(
          messages.map(({ from }) => from),
          ["4711"],
        );

        await using listener = await stage.call("803");
        await listener.press("1234", { gapMs: 100 });
        await listener.hears("voicemail/en/new");
        await listener.press("1");
        await listener.hears("digits/en/6", { timeoutMs: 10_000 });
        await listener.hangup();

        await using next = await stage.call("800", { caller: "4714" });
        await using agent = await stage.call("801", { caller: "100" });
        await agent.hears("helpdesk/en/logged-in");
        const call = await ada.ring({ timeoutMs: 15_000 });
        assert.equal(call.caller, "4714");
        await next.hangup();
        await untilTold(/agent 100, state offline/);
      });
    },
    1,
  );
}
