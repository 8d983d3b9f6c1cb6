import assert from "node:assert/strict";
import { it } from "node:test";
import type { Caller } from "yayts/testing";
import meeting from "../meeting.ts";
import { describeExample, type Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** Comes into a room without telling a name. */
async function enter(stage: Stage, room: string, pin: string): Promise<Caller> {
  const caller = await stage.call("meeting");
  await caller.press(`${room}#${pin}#`, { gapMs: 100 });
  await caller.hears("beep", { timeoutMs: 15_000 });
  await caller.press("#");
  await caller.hears("meeting/en/members");
  return caller;
}

export function meetingTests(title: string, start: () => Promise<Subject>): void {
  describeExample(`meeting on ${title}`, start, meeting, (stage) => {
    it("whoever is alone hears music until the next one comes, whose name all hear", async () => {
      await using one = await enter(stage, "1", "1111");
      await one.hears("digits/en/0");
      await one.hears("music", { timeoutMs: 20_000 });

      await using two = await stage.call("meeting");
      await two.press("1#1111#", { gapMs: 100 });
      await two.hears("beep", { timeoutMs: 15_000 });
      for (let i = 0; i < 2; i++) await two.say("./sounds/digits/en/8.gsm");
      await two.press("#");
      await two.hears("meeting/en/members");
      await two.hears("digits/en/1");
      await Promise.all([one.hears("digits/en/8"), two.hears("meeting/en/has-joined")]);

      await Promise.all([one.say("./sounds/digits/en/5.gsm"), two.hears("digits/en/5")]);
      await Promise.all([two.say("./sounds/digits/en/7.gsm"), one.hears("digits/en/7")]);
      await two.press("#");
      await two.hears("en/goodbye");
      await two.ended;
      await one.hears("music", { timeoutMs: 20_000 });
    });

    it("a wrong room or PIN can be typed three times", async () => {
      await using caller = await stage.call("meeting");
      await caller.hears("meeting/en/room-number");
      await caller.press("9#");
      await caller.hears("en/invalid");
      await caller.press("2#");
      for (let tries = 0; tries < 3; tries++) {
        await caller.hears("voicemail/en/enter-pin", { timeoutMs: 10_000 });
        await caller.press("1111#", { gapMs: 100 });
        await caller.hears("en/invalid");
      }
      await caller.hears("en/goodbye");
      await caller.ended;
    });

    it("the owner: 1 locks the room, 2 mutes the others, 3 sends out who came last", async () => {
      await using owner = await enter(stage, "2", "2992");
      await using guest = await enter(stage, "2", "2222");
      await Promise.all([owner.hears("meeting/en/has-joined"), guest.hears("meeting/en/has-joined")]);

      await owner.press("1");
      await guest.hears("meeting/en/locked");
      await using late = await enter(stage, "2", "2222");
      await late.hears("meeting/en/locked");
      await late.ended;

      await owner.press("2");
      await owner.hears("meeting/en/all-muted");
      await guest.say("./sounds/digits/en/3.gsm");
      await owner.press("2");
      await owner.hears("meeting/en/all-heard");
      await Promise.all([guest.say("./sounds/digits/en/4.gsm"), owner.hears("digits/en/4")]);
      const heard = (await owner.heard({ among: "digits/en/" })).map(({ name }) => name);
      assert.ok(!heard.includes("digits/en/3"), `heard ${heard}`);

      await guest.press("3");
      await owner.press("3");
      await guest.hears("en/goodbye");
      await guest.ended;
      await owner.hears("music", { timeoutMs: 20_000 });
      await owner.hangup();
      await using next = await enter(stage, "2", "2222");
      await next.hears("music", { timeoutMs: 20_000 });
    });
  });
}
