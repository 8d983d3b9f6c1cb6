import assert from "node:assert/strict";
import { it } from "node:test";
import guessApp, { guess } from "../guess.ts";
import { describeExample } from "./stage.ts";
import type { Subject } from "./subject.ts";

const verdicts = ["guess/en/too-low", "guess/en/too-high", "guess/en/correct"];

export function guessTests(title: string, start: () => Promise<Subject>): void {
  describeExample(`guess on ${title}`, start, guessApp, (stage) => {
    it("leads a caller who halves the range to the number", async () => {
      await using caller = await stage.call("guess");
      let [low, high] = [1, 100];
      let tries = 1;
      for (; ; tries++) {
        const number = Math.floor((low + high) / 2);
        await caller.press(`${number}#`, { gapMs: 60 });
        const verdict = await caller.hears(verdicts, { timeoutMs: 10_000 });
        if (verdict.name === "guess/en/correct") break;
        if (verdict.name === "guess/en/too-low") low = number + 1;
        else high = number - 1;
        assert.ok(low <= high, "the hints contradict each other");
      }
      await caller.hears(`digits/en/${tries}`);
      await caller.hears("en/goodbye");
      await caller.ended;
    });

    it("says what is wrong with a guess, and counts those that are none", async () => {
      stage.app.onCall("guess-42", (call) => guess(call, 42));
      await using caller = await stage.call("guess-42");
      for (const [keys, heard] of [
        ["41#", "guess/en/too-low"],
        ["500", "guess/en/not-in-range"],
        ["43#", "guess/en/too-high"],
        ["42#", "guess/en/correct"],
      ] as const) {
        await caller.press(keys, { gapMs: 60 });
        await caller.hears(heard);
      }
      await caller.hears("digits/en/3");
    });

    it("tells the number when the time is up", async () => {
      stage.app.onCall("guess-7", (call) => guess(call, 7, 2000));
      await using caller = await stage.call("guess-7");
      await caller.hears("guess/en/welcome");
      await caller.hears("digits/en/2");
      await caller.hears("guess/en/time-is-up", { timeoutMs: 10_000 });
      await caller.hears("digits/en/7");
      await caller.ended;
    });

    it("ends its side when the caller hangs up", async () => {
      const caller = await stage.call("guess");
      const legEnds = stage.callers.onwatch("chan.hangup", { id: caller.targetid });
      await caller.press("5");
      await caller.hangup();
      await legEnds;
    });
  });
}
