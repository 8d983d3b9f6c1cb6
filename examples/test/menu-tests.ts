import { it } from "node:test";
import { installPhone } from "yayts/testing";
import menu from "../menu.ts";
import { describeExample } from "./stage.ts";
import type { Subject } from "./subject.ts";

export function menuTests(title: string, start: () => Promise<Subject>): void {
  describeExample(`menu on ${title}`, start, menu, (stage) => {
    it("tells the opening hours, and offers its choices again", async () => {
      await using caller = await stage.call("menu");
      await caller.hears("en/welcome");
      await caller.hears("menu/en/main", { timeoutMs: 10_000 });
      await caller.press("1");
      const hours = ["menu/en/open-from", "digits/en/9", "units/en/am", "menu/en/until", "digits/en/5"];
      for (const name of [...hours, "numbers/en/30", "units/en/pm"]) await caller.hears(name);
      await caller.hears("menu/en/main", { timeoutMs: 10_000 });
    });

    it("a key cuts any prompt short, and may be pressed ahead: 2 and 1 tell the caller's number, * leads back", async () => {
      await using caller = await stage.call("menu");
      await caller.press("21");
      for (const name of [
        "menu/en/you-call-from",
        "digits/en/4",
        "digits/en/7",
        "digits/en/1",
        "digits/en/1",
      ])
        await caller.hears(name);
      await caller.press("2");
      await caller.hears("menu/en/calls-so-far");
      await caller.press("*");
      await caller.hears("menu/en/main", { timeoutMs: 10_000 });
    });

    it("# helps, 9 repeats, and after three wrong keys it says goodbye", async () => {
      await using caller = await stage.call("menu");
      await caller.press("#");
      await caller.hears("menu/en/help");
      await caller.press("9");
      await caller.hears("menu/en/main", { timeoutMs: 10_000 });
      for (const key of "555") {
        await caller.press(key);
        await caller.hears("en/invalid");
      }
      await caller.hears("en/goodbye");
      await caller.ended;
    });

    it("0 calls a person: one who is busy brings the menu back, one who answers talks to the caller", async () => {
      const phone = await installPhone(stage.callers, "100");
      await using caller = await stage.call("menu");
      await caller.press("0");
      await (await phone.ring()).reject("busy");
      await caller.hears("en/unavailable");
      await caller.press("0");
      const operator = await phone.ring();
      operator.answer();
      await caller.say("./sounds/digits/en/6.gsm");
      await operator.hears("digits/en/6");
      await operator.say("./sounds/digits/en/8.gsm");
      await caller.hears("digits/en/8");
      await operator.hangup();
      await caller.hears("en/goodbye");
      await caller.ended;
      phone.remove();
    });

    it("ends its side when the caller hangs up", async () => {
      const caller = await stage.call("menu");
      const legEnds = stage.callers.onwatch("chan.hangup", { id: caller.targetid });
      await caller.press("2");
      await caller.hangup();
      await legEnds;
    });
  });
}
