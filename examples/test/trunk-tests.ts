import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OutgoingCallError, sleep, type Yate } from "yayts";
import { installPhone, placeCaller } from "yayts/testing";
import { trunk } from "../trunk.ts";
import { type Softphone, startSoftphone } from "./softphone.ts";
import { embeddedSip, type SipSubject } from "./subject.ts";

export function trunkTests(title: string, start: () => Promise<SipSubject>): void {
  describe(`trunk on ${title}`, { timeout: 60_000 }, () => {
    let provider: SipSubject;
    let subject: SipSubject;
    let world: Yate;
    let running: Yate;
    let phone: Softphone;
    const states: string[] = [];
    before(async () => {
      [provider, subject] = [await embeddedSip(), await start()];
      world = await provider.connect();
      running = await subject.connect();
      const up = running.onwatch("user.notify", { account: "trunk" }, { timeoutMs: 10_000 });
      trunk(running, {
        registrar: provider.sip,
        username: "300",
        password: "secret300",
        to: "100",
        onState: (state) => states.push(state),
      }).catch(() => {});
      phone = await startSoftphone(subject.sip, { username: "100", password: "secret100" });
      await up;
    });
    after(async () => {
      await phone[Symbol.asyncDispose]();
      running.abort();
      world.abort();
      await subject.stop();
      await provider.stop();
    });

    it("tells that the line is up", () => assert.deepEqual(states, ["line 300 is up"]));

    it("answers a call from the provider, says welcome and rings the phone", async () => {
      await using caller = await placeCaller(world, "300");
      await caller.answered;
      await caller.hears("en/welcome");
      const call = await phone.line.ring();
      call.answer();
      await sleep(300);
      await Promise.all([call.say("./sounds/digits/en/5.gsm"), caller.hears("digits/en/5")]);
    });

    it("0 and a number call out by the provider, with the number of the line", async () => {
      const outside = await installPhone(world, "555");
      const caller = await phone.call("0555");
      const call = await outside.ring();
      assert.equal(call.caller, "300");
      call.answer();
      await caller.answered;
      await sleep(300);
      await Promise.all([call.say("./sounds/digits/en/7.gsm"), caller.hears("digits/en/7")]);
      await caller.hangup();
      await call.ended;
      outside.remove();
    });

    it("lets nobody call out who has not proved who they are", async () => {
      await using stranger = await startSoftphone(subject.sip);
      await assert.rejects(
        stranger.call("0555").then((caller) => caller.answered),
        (error: unknown) => error instanceof OutgoingCallError && error.reason === "noauth",
      );
    });
  });
}
