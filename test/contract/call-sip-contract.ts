/** The contract of people with SIP phones, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Call, withCalls, type Yate, type YateWithCalls } from "yayts";
import { coreOf } from "../../src/call/call.ts";
import { createRawPhone, type PhoneCall, phoneSdp, type RawPhone } from "../sip/raw-phone.ts";

/** An engine that speaks SIP. */
export interface SipSubject {
  connect(): Promise<Yate>;
  readonly sipPort: number;
  stop(): Promise<void>;
}

export function callSipContract(title: string, start: () => Promise<SipSubject>): void {
  describe(`people with SIP phones over ${title}`, { timeout: 30_000 }, () => {
    let subject: SipSubject;
    let app: YateWithCalls;
    let phones: RawPhone[] = [];
    let program: (call: Call) => unknown = () => {};
    let calls: { readonly size: number } = new Set();

    before(async () => {
      subject = await start();
      app = withCalls(await subject.connect());
      phones = await Promise.all([1, 2, 3].map(() => createRawPhone(subject.sipPort)));
      app.handle("call.route", { priority: 90 }, (route) => {
        const phone = phones[Number(route.get("called")) - 1];
        return phone ? `sip/${phone.uri}` : false;
      });
      app.onCall("app", async (call) => {
        calls = coreOf(call).kit.calls;
        await program(call);
      });
      await app.setlocal("engine.version");
    });
    after(async () => {
      for (const phone of phones) await phone[Symbol.asyncDispose]();
      app.abort();
      await subject.stop();
    });

    const phone = (number: 1 | 2 | 3): RawPhone => phones[number - 1] as RawPhone;
    const answer = async (number: 2 | 3): Promise<PhoneCall> => {
      const call = await phone(number).calls.take(`the call to ${number}`);
      call.session.accept({ body: phoneSdp(4000) });
      return call;
    };
    const nothingLeft = async (): Promise<void> => {
      for (let left = 50; calls.size > 0 && left > 0; left--) await delay(50);
      assert.equal(calls.size, 0);
    };

    it("dial, hold, whisper, resume, transfer: each phone hears of it what it should", async () => {
      const outcomes: string[] = [];
      const told = Promise.withResolvers<void>();
      program = async (call) => {
        await call.answer();
        const bridged = Promise.withResolvers<void>();
        const dialling = call.dial("2", { onBridge: () => bridged.resolve() });
        await bridged.promise;
        while (!call.peer) await delay(10);
        await delay(200);
        outcomes.push((await call.whisper("digits/5")).kind);
        outcomes.push((await call.hold({ music: "digits/1" })).kind);
        await delay(100);
        outcomes.push((await call.resume()).kind);
        outcomes.push((await call.transfer("nowhere")).kind);
        outcomes.push((await call.transfer("3")).kind);
        outcomes.push((await dialling).kind);
        told.resolve();
      };
      const caller = phone(1).call("app");
      await caller.response(200);
      const second = await answer(2);
      const third = await answer(3);
      assert.equal((await second.end()).kind, "bye");
      await told.promise;
      assert.deepEqual(outcomes, ["completed", "held", "resumed", "failed", "transferred", "hangup"]);
      await nothingLeft();
      await delay(200);
      assert.equal(caller.session.state, "confirmed");
      caller.hangup();
      assert.equal((await third.end()).kind, "bye");
    });

    it("a phone that hangs up gives the other back; one that transfers by itself takes it along", async () => {
      const ends: string[] = [];
      program = async (call) => {
        await call.answer();
        for (const _ of [1, 2]) {
          const end = await call.dial("2");
          ends.push(end.kind === "ended" ? `${end.kind} by ${end.by}` : end.kind);
        }
      };
      const caller = phone(1).call("app");
      await caller.response(200);
      const first = await answer(2);
      await delay(200);
      first.hangup();
      const second = await answer(2);
      await delay(200);
      assert.deepEqual(ends, ["ended by other"]);
      // By its own REFER, which the engine carries out: the dialled phone leaves, and the bridge goes on with the third.
      const { status } = await second.session.request("REFER", {
        headers: [
          ["Refer-To", `<sip:3@127.0.0.1:${subject.sipPort}>`],
          ["Referred-By", "<sip:2@127.0.0.1>"],
        ],
      });
      assert.equal(status, 202);
      const third = await answer(3);
      second.hangup();
      await delay(300);
      assert.deepEqual(ends, ["ended by other"]);
      third.hangup();
      // The program is through then, and ends the call.
      assert.equal((await caller.end()).kind, "bye");
      assert.deepEqual(ends, ["ended by other", "ended by other"]);
      await nothingLeft();
    });

    it("rejected, busy and cancelled calls are told apart; several phones ring at once", async () => {
      const busy = app.call("2");
      (await phone(2).calls.take("a call")).session.reject(486);
      const first = await busy;
      assert.ok(first.kind === "busy" && first.code === 486, JSON.stringify(first));
      const declined = app.call("2");
      (await phone(2).calls.take("a call")).session.reject(603);
      assert.equal((await declined).kind, "rejected");
      const both = app.call(["2", "3"]);
      const ringing = await phone(2).calls.take("a call");
      const answered = await answer(3);
      const outcome = await both;
      assert.ok(outcome.kind === "answered" && outcome.target === "3");
      assert.notEqual((await ringing.end()).kind, "bye");
      await outcome.call.hangup();
      assert.equal((await answered.end()).kind, "bye");
      await nothingLeft();
    });
  });
}
