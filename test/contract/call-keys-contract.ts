/**
 * The contract of keys in calls: one suite, run by calls over the embedded engine and a real YATE. What depends on the clock to
 * the millisecond is tested beside the source, with a clock in the test's hand.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type Call,
  type GatherOptions,
  type GatherOutcome,
  submenu,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { type Caller, placeCaller } from "yayts/testing";
import type { ContractSubject } from "./yate-contract.ts";

/** A call on which an app does one thing. */
interface Tried<T> {
  readonly caller: Caller;
  /** What came of it, and how long it took. */
  readonly done: Promise<{ readonly outcome: T; readonly tookMs: number }>;
}

let numbers = 0;

export function callKeysContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`keys of calls over ${title}`, { timeout: 120_000 }, () => {
    let subject: ContractSubject;
    let yate: YateWithCalls;
    let phones: Yate;

    before(async () => {
      subject = await start();
      yate = withCalls(await subject.connect());
      phones = await subject.connect();
    });
    after(async () => {
      yate.abort();
      phones.abort();
      await subject.stop();
    });

    /** Places a call, which is answered by an app that does `what`; resolves when it begins. */
    async function trying<T>(what: (call: Call) => Promise<T>): Promise<Tried<T>> {
      const number = `keys${++numbers}`;
      const begun = Promise.withResolvers<void>();
      const done = Promise.withResolvers<{ outcome: T; tookMs: number }>();
      done.promise.catch(() => {});
      const handler = yate.onCall(number, async (call) => {
        await call.answer();
        const startMs = performance.now();
        try {
          const outcome = what(call);
          begun.resolve();
          done.resolve({ outcome: await outcome, tookMs: performance.now() - startMs });
        } catch (error) {
          done.reject(error);
        }
        await call.ended;
      });
      await handler.ready;
      const caller = await placeCaller(phones, number);
      await Promise.all([caller.answered, begun.promise]);
      handler.uninstall();
      return { caller, done: done.promise };
    }

    async function gathering(
      options: GatherOptions,
      typing: (caller: Caller) => Promise<unknown>,
    ): Promise<{ outcome: GatherOutcome; tookMs: number }> {
      const { caller, done } = await trying((call) => call.gather(options));
      await typing(caller);
      const told = await done;
      await caller.hangup();
      return told;
    }

    it("gather tells the digits and the finish key apart, without a prompt", async () => {
      const { outcome } = await gathering({ max: 10 }, (caller) => caller.press("12*4#", { gapMs: 40 }));
      assert.deepEqual(outcome, { kind: "digits", digits: "12*4", finishedBy: "#" });
    });

    it("gather ends with the last of the most digits", async () => {
      const { outcome, tookMs } = await gathering({ max: 4 }, (caller) =>
        caller.press("1234", { gapMs: 40 }),
      );
      assert.deepEqual(outcome, { kind: "digits", digits: "1234", finishedBy: "max" });
      assert.ok(tookMs < 1500, `${tookMs} ms`);
    });

    it("gather ends by the gap, and by nobody's typing", async () => {
      const gap = await gathering({ betweenDigitsMs: 400 }, (caller) => caller.press("7"));
      assert.deepEqual(gap.outcome, { kind: "digits", digits: "7", finishedBy: "gap" });
      const none = await gathering({ firstDigitMs: 300 }, () => Promise.resolve());
      assert.deepEqual(none.outcome, { kind: "timeout", digits: "" });
      assert.ok(none.tookMs >= 299 && none.tookMs < 1500, `${none.tookMs} ms`);
    });

    it("a key stops the prompt, and the caller hears it no more", async () => {
      const { caller, done } = await trying((call) =>
        call.gather({ prompt: Array.from({ length: 20 }, () => "digits/7"), max: 2 }),
      );
      await caller.hears("digits/en/7");
      await caller.press("42", { gapMs: 40 });
      const { outcome, tookMs } = await done;
      assert.deepEqual(outcome, { kind: "digits", digits: "42", finishedBy: "max" });
      assert.ok(tookMs < 4000, `${tookMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const heard = await caller.heard({ among: "digits/en/" });
      assert.ok(heard.length < 5, `it heard ${heard.length} prompts`);
      await caller.hangup();
    });

    it("the time for the first digit begins after the prompt, and a prompt for the mistake comes before the next one", async () => {
      const { caller, done } = await trying((call) =>
        call.gather({ prompt: "digits/1", timeoutPrompt: "digits/2", firstDigitMs: 400, retries: 1, max: 1 }),
      );
      await caller.hears("digits/en/1");
      await caller.hears("digits/en/2");
      await caller.hears("digits/en/1");
      await caller.press("5");
      assert.deepEqual((await done).outcome, { kind: "digits", digits: "5", finishedBy: "max" });
      await caller.hangup();
    });

    it("what is typed ahead answers question after question, until it is flushed", async () => {
      const { caller, done } = await trying(async (call) => {
        const flushed = async (upTo: string): Promise<string> => {
          for (let keys = call.flushKeys(); ; keys += call.flushKeys()) {
            if (keys.endsWith(upTo)) return keys;
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        };
        const outcomes = [await flushed("#"), await call.gather({ firstDigitMs: 0 })];
        await caller.press("123D", { gapMs: 40 });
        outcomes.push(await call.gather({ prompt: "digits/1", max: 2 }), await call.gather({ max: 1 }));
        outcomes.push(await flushed("D"));
        return outcomes.map((told) => (typeof told === "object" && "digits" in told ? told.digits : told));
      });
      await caller.press("99#", { gapMs: 40 });
      assert.deepEqual((await done).outcome, ["99#", "", "12", "3", "D"]);
      await caller.hangup();
    });

    it("validate can refuse digits and say why", async () => {
      const { caller, done } = await trying((call) =>
        call.gather({ max: 1, retries: 1, validate: async (digits) => (digits === "1" ? "digits/9" : true) }),
      );
      await caller.press("1");
      await caller.hears("digits/en/9");
      await caller.press("2");
      assert.deepEqual((await done).outcome, { kind: "digits", digits: "2", finishedBy: "max" });
      await caller.hangup();
    });

    it("dtmf gives each key, but those of a question", async () => {
      const { caller, done } = await trying(async (call) => {
        const keys: string[] = [];
        for await (const key of call.dtmf()) {
          keys.push(key);
          if (key === "*") {
            const outcome = await call.gather({ max: 2 });
            keys.push(outcome.kind === "digits" ? `(${outcome.digits})` : outcome.kind);
          }
        }
        return keys;
      });
      await caller.press("1*234", { gapMs: 60 });
      await caller.hangup();
      assert.deepEqual((await done).outcome, ["1", "*", "(23)", "4"]);
    });

    it("a menu leads into another and back", async () => {
      const { caller, done } = await trying((call) =>
        call.menu({
          prompt: "digits/1",
          operator: true,
          choices: {
            1: submenu({ prompt: "digits/2", back: true, choices: { 5: "five" } }),
            3: () => "three",
          },
        }),
      );
      await caller.hears("digits/en/1");
      await caller.press("1");
      await caller.hears("digits/en/2");
      await caller.press("*");
      await caller.hears("digits/en/1");
      await caller.press("3");
      assert.deepEqual((await done).outcome, { kind: "choice", choice: "three", key: "3", path: ["3"] });
      await caller.hangup();
    });

    it("a missing prompt fails a question, and the call goes on", async () => {
      const { caller, done } = await trying(async (call) => {
        const missing = await call.gather({ prompt: "no/such/prompt", max: 1 });
        const next = await call.gather({ max: 1 });
        return [missing.kind, next.kind];
      });
      await caller.press("1");
      assert.deepEqual((await done).outcome, ["failed", "digits"]);
      await caller.hangup();
    });

    it("keys are sent to the party one by one", async () => {
      const { caller, done } = await trying((call) => call.sendDtmf("1#,D", { gapMs: 20, onMs: 60 }));
      assert.deepEqual((await done).outcome, { kind: "done" });
      await caller.hangup();
      const got = caller.transcript.filter((event) => event.kind === "key-received");
      assert.equal(got.map(({ key }) => key).join(""), "1#D");
    });

    it("hang-up at the start, in the middle and at the end of each operation gives hangup", async () => {
      const prompt = Array.from({ length: 10 }, () => "digits/7");
      const operations: Record<string, (call: Call) => Promise<{ readonly kind: string }>> = {
        gather: (call) => call.gather({ prompt, max: 2 }),
        "gather without prompt": (call) => call.gather({ max: 2 }),
        validate: (call) => call.gather({ max: 1, validate: () => call.ended.then(() => true) }),
        menu: (call) => call.menu({ prompt, choices: { 12: "a", 13: "b" } }),
        sendDtmf: (call) => call.sendDtmf("1234567890".repeat(5)),
      };
      const moments: Record<string, (caller: Caller) => Promise<unknown>> = {
        start: () => Promise.resolve(),
        middle: () => new Promise((resolve) => setTimeout(resolve, 150)),
        end: (caller) => caller.press("1"),
      };
      for (const [name, operation] of Object.entries(operations))
        for (const [moment, until] of Object.entries(moments)) {
          const { caller, done } = await trying(operation);
          await until(caller);
          await caller.hangup();
          assert.equal((await done).outcome.kind, "hangup", `${name}, at the ${moment}`);
        }
      const { caller, done } = await trying(async (call) => {
        await call.hangup();
        return [await call.gather(), await call.menu({ choices: { 1: 1 } }), await call.sendDtmf("1")];
      });
      assert.deepEqual(
        (await done).outcome.map(({ kind }) => kind),
        ["hangup", "hangup", "hangup"],
      );
      await caller.ended;
    });
  });
}
