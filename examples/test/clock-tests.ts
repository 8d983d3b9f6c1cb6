import assert from "node:assert/strict";
import { it } from "node:test";
import { sleep, speakDate, speakTime } from "yayts";
import clock from "../clock.ts";
import { describeExample } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** The names of prompts that say the date and the time, as the caller knows them: `digits/en/5` for `en:digits/5`. */
function announcement(now: Date, language: string): string[] {
  const names = [...speakDate(now, { language }), ...speakTime(now, { language })];
  return names.map((name) => name.replace(/^(\w+):(.*)\/(.*)$/, "$2/$1/$3"));
}

/** What is expected must not be another minute than what is said. */
async function withinMinute(): Promise<void> {
  const second = new Date().getSeconds();
  if (second >= 58) await sleep((60 - second) * 1000);
}

export function clockTests(title: string, start: () => Promise<Subject>): void {
  describeExample(`clock on ${title}`, start, clock, (stage) => {
    it("says the date and the time, again every ten seconds, in the language of the key", async () => {
      await using caller = await stage.call("clock");
      await withinMinute();
      await caller.press("1");
      const pressedAt = new Date();
      const english = announcement(pressedAt, "en");
      for (const name of english) await caller.hears(name);
      await caller.hears(english[0] ?? "", { timeoutMs: 15_000 });
      const againMs = Date.now() - pressedAt.getTime();
      assert.ok(againMs >= 10_000 && againMs < 12_500, `again after ${againMs} ms`);
      await withinMinute();
      await caller.press("2");
      for (const name of announcement(new Date(), "pl")) await caller.hears(name);
    });

    it("asks for the language in both, and speaks English to who does not choose", async () => {
      await using caller = await stage.call("clock");
      await caller.hears("clock/en/choose");
      await caller.hears("clock/pl/choose");
      await caller.hears(announcement(new Date(), "en")[0] ?? "", { timeoutMs: 10_000 });
    });

    it("ends its side when the caller hangs up", async () => {
      const caller = await stage.call("clock");
      const legEnds = stage.callers.onwatch("chan.hangup", { id: caller.targetid });
      await caller.press("1");
      await caller.hangup();
      await legEnds;
    });
  });
}
