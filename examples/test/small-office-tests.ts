import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { app, OutgoingCallError, sleep, voicemail, type Yate } from "yayts";
import { type Caller, installPhone, type Leg, type Phone, type PhoneCall, placeCaller } from "yayts/testing";
import { office, smallOffice } from "../small-office.ts";
import { describeExample, exampleOptions, exampleSounds, type Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

async function assertTalking(one: Leg, other: Leg): Promise<void> {
  await Promise.all([one.say("./sounds/digits/en/5.gsm"), other.hears("digits/en/5")]);
  await Promise.all([other.say("./sounds/digits/en/7.gsm"), one.hears("digits/en/7")]);
}

export function smallOfficeTests(title: string, start: () => Promise<Subject>): void {
  let folder = "";
  const example = app(async (yate) => {
    folder = await mkdtemp(join(tmpdir(), "yayts-small-office-"));
    const settings = {
      ...office,
      ringMs: 3000,
      parking: { ...office.parking, timeoutMs: 4000 },
      open: { days: [0, 1, 2, 3, 4, 5, 6], fromHour: 0, toHour: 24 },
      voicemail: { number: "*97", folder },
    };
    smallOffice(yate, settings);
  }, exampleOptions);
  let subject: Subject;
  const started = async (): Promise<Subject> => {
    subject = await start();
    return subject;
  };
  describeExample(
    `small-office on ${title}`,
    started,
    example,
    (stage) => {
      const phones = new Map<string, Phone>();
      let phonesYate: Yate;
      before(async () => {
        // Callers ask to be told of their routing before everybody; phones on the same connection would be asked then as well.
        phonesYate = await subject.connect();
        for (const number of ["100", "101", "102"])
          phones.set(number, await installPhone(phonesYate, number, { promptsFrom: exampleSounds }));
      });
      after(async () => {
        phonesYate.abort();
        await rm(folder, { recursive: true, force: true });
      });
      const rings = async (number: string, from?: string): Promise<PhoneCall> => {
        const call = await phones.get(number)?.ring({ timeoutMs: 10_000 });
        assert.ok(call);
        if (from) assert.equal(call.caller, from);
        return call;
      };
      const dial = (from: string, number: string): Promise<Caller> =>
        placeCaller(stage.callers, number, { caller: from, promptsFrom: exampleSounds });
      /** Somebody talks with the phone that was called. */
      const talk = async (from: string, number: string) => {
        const caller = await dial(from, number);
        const phone = await rings(number, from);
        phone.answer();
        await caller.answered;
        await assertTalking(caller, phone);
        return { caller, phone };
      };

      it("a phone calls another; when one hangs up, the other's call is over", async () => {
        const { caller, phone } = await talk("100", "101");
        await phone.hangup();
        await caller.ended;
        const { caller: again, phone: other } = await talk("101", "100");
        await again.hangup();
        await other.ended;
      });

      it("who does not answer has voicemail, and hears it by *97 with the PIN", async () => {
        const caller = await dial("4711", "102");
        const ringing = await rings("102");
        await caller.hears("voicemail/en/leave-message", { timeoutMs: 15_000 });
        await ringing.ended;
        await caller.hears("beep");
        // Several short words: of what a busy machine records, one that is whole is enough.
        for (let i = 0; i < 4; i++) await caller.say("./sounds/digits/en/6.gsm");
        await caller.press("#");
        await caller.ended;
        await using owner = await stage.call("*97", { caller: "102" });
        await owner.press("1234", { gapMs: 100 });
        await owner.hears("voicemail/en/new");
        await owner.press("1");
        await owner.hears("digits/en/6", { timeoutMs: 10_000 });
        await owner.hangup();
        await assert.rejects(
          dial("4711", "*97").then((stranger) => stranger.answered),
          (error) => error instanceof OutgoingCallError && error.reason === "forbidden",
        );
      });

      it("sales rings at two, and stops at the other when one answers", async () => {
        const caller = await dial("4711", "600");
        const [one, two] = await Promise.all([rings("101"), rings("102")]);
        two.answer();
        await one.ended;
        await assertTalking(caller, two);
        await caller.hangup();
        await two.ended;
      });

      it("102# sends the caller on, where it may find voicemail", async () => {
        const { caller, phone } = await talk("4711", "101");
        await phone.press("102#", { gapMs: 100 });
        await phone.ended;
        const third = await rings("102", "4711");
        third.answer();
        await assertTalking(caller, third);
        await third.press("100#", { gapMs: 100 });
        await rings("100", "4711");
        await caller.hears("voicemail/en/leave-message", { timeoutMs: 15_000 });
        await caller.hangup();
      });

      it("102# of the one who called sends the called one on", async () => {
        const { caller, phone } = await talk("100", "101");
        await caller.press("102#", { gapMs: 100 });
        await caller.ended;
        const third = await rings("102");
        third.answer();
        await assertTalking(phone, third);
        await phone.hangup();
        await third.ended;
      });

      it("a caller from outside has no such keys", async () => {
        const { caller, phone } = await talk("4711", "101");
        await caller.press("102#", { gapMs: 100 });
        await assertTalking(caller, phone);
        await caller.hangup();
        await phone.ended;
      });

      it("102* asks 102 first; # puts the caller through, * does not", async () => {
        const { caller, phone } = await talk("4711", "101");
        await phone.press("102*", { gapMs: 100 });
        const busy = await rings("102");
        busy.answer();
        await assertTalking(phone, busy);
        await phone.press("*");
        await busy.ended;
        await assertTalking(caller, phone);
        await phone.press("102*", { gapMs: 100 });
        const third = await rings("102");
        third.answer();
        await assertTalking(phone, third);
        await phone.press("#");
        await phone.ended;
        await assertTalking(caller, third);
        await caller.hangup();
        await third.ended;
      });

      it("700# parks the caller, who is fetched by the number of its place, and parked again", async () => {
        const { caller, phone } = await talk("4711", "101");
        await phone.press("700#", { gapMs: 100 });
        await phone.hears("small-office/en/parked");
        for (const digit of "701") await phone.hears(`digits/en/${digit}`);
        await phone.ended;
        await using other = await stage.call("701", { caller: "102" });
        await assertTalking(caller, other);
        await other.press("700#", { gapMs: 100 });
        await other.hears("small-office/en/parked");
        await other.ended;
        await using last = await stage.call("701", { caller: "100" });
        await assertTalking(caller, last);
        await caller.hangup();
        await last.ended;
        await using nobody = await stage.call("705", { caller: "100" });
        await nobody.hears("en/unavailable");
      });

      it("a call that nobody fetches goes back to the phone that parked it", async () => {
        const { caller, phone } = await talk("4711", "101");
        await phone.press("700#", { gapMs: 100 });
        await phone.hears("small-office/en/parked");
        const back = await rings("101", "4711");
        back.answer();
        await assertTalking(caller, back);
        await back.hangup();
        await caller.ended;
      });

      it("a phone without its password reaches the main number only", async () => {
        const asPhone = { params: { newcall: true, copyparams: "newcall" } };
        for (const number of ["101", "600", "701", "*97", "*8"])
          await assert.rejects(
            placeCaller(stage.callers, number, { caller: "100", ...asPhone }),
            (error) => error instanceof OutgoingCallError && error.reason === "noauth",
          );
        await using caller = await stage.call("500", asPhone);
        await caller.hears("en/welcome");
      });

      it("500 is a menu of extensions and keys", async () => {
        await using caller = await stage.call("500");
        await caller.hears("small-office/en/main", { timeoutMs: 15_000 });
        await caller.press("2");
        const [one, two] = await Promise.all([rings("101", "4711"), rings("102", "4711")]);
        one.answer();
        await two.ended;
        await assertTalking(caller, one);
        await one.hangup();
        await caller.ended;
        await using other = await stage.call("500");
        await other.press("102", { gapMs: 100 });
        const called = await rings("102");
        await called.reject("busy");
        await other.hears("voicemail/en/leave-message", { timeoutMs: 15_000 });
      });

      it("*8 of a phone makes it night, day, and what the clock says", async () => {
        for (const heard of ["night", "day", "day"]) {
          await using phone = await stage.call("*8", { caller: "100" });
          await phone.hears(`small-office/en/${heard}`);
          await phone.ended;
          if (heard !== "night") continue;
          await using caller = await stage.call("500");
          await caller.hears("small-office/en/closed", { timeoutMs: 10_000 });
          await caller.hears("beep", { timeoutMs: 10_000 });
          await caller.say("./sounds/voicemail/en/main.gsm");
          await caller.press("#");
          await caller.ended;
          const messages = await voicemail({ folder }).mailbox("100").messages();
          assert.equal(messages.length, 1);
        }
      });

      it("who hangs up while a phone rings, while parked, or in the middle of a transfer, leaves nobody behind", async () => {
        const impatient = await dial("4711", "101");
        const ringing = await rings("101");
        await impatient.hangup();
        await ringing.ended;

        const parked = await talk("4711", "101");
        await parked.phone.press("700#", { gapMs: 100 });
        await parked.phone.hears("small-office/en/parked");
        await parked.caller.hangup();
        await parked.phone.ended;
        await using late = await stage.call("701", { caller: "100" });
        await late.hears("en/unavailable");

        const sent = await talk("4711", "101");
        await sent.phone.press("102#", { gapMs: 100 });
        const next = await rings("102");
        await sent.caller.hangup();
        await Promise.all([next.ended, sent.phone.ended]);

        const consulted = await talk("4711", "101");
        await consulted.phone.press("102*", { gapMs: 100 });
        const third = await rings("102");
        third.answer();
        await assertTalking(consulted.phone, third);
        await consulted.phone.hangup();
        await assertTalking(consulted.caller, third);
        await third.hangup();
        await consulted.caller.ended;

        const given = await talk("4711", "101");
        await given.phone.press("102*", { gapMs: 100 });
        const asked = await rings("102");
        asked.answer();
        await assertTalking(given.phone, asked);
        await given.caller.hangup();
        await given.phone.hangup();
        await asked.ended;
        await late.ended;
        await nothingLeft(stage);
      });
    },
    1,
  );
}

/** The engine has no channel any more. */
async function nothingLeft(stage: Stage): Promise<void> {
  let told = "";
  for (let tries = 0; tries < 50; tries++) {
    told = (await stage.callers.msg("engine.status", { module: "dumb" }).dispatch()).retvalue;
    if (/chans=0\b/.test(told)) return;
    await sleep(100);
  }
  assert.fail(told);
}
