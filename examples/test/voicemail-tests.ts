import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { app, OutgoingCallError } from "yayts";
import { placeCaller } from "yayts/testing";
import { mailboxes } from "../voicemail.ts";
import { describeExample, exampleOptions } from "./stage.ts";
import type { Subject } from "./subject.ts";

export function voicemailTests(title: string, start: () => Promise<Subject>): void {
  let folder = "";
  const example = app(async (yate) => {
    folder = await mkdtemp(join(tmpdir(), "yayts-voicemail-"));
    mailboxes(yate, folder);
  }, exampleOptions);
  describeExample(`voicemail on ${title}`, start, example, (stage) => {
    after(() => rm(folder, { recursive: true, force: true }));

    it("what a caller leaves, the owner hears from its phone, after the PIN, and deletes", async () => {
      await using caller = await stage.call("8100");
      await caller.hears("voicemail/en/leave-message", { timeoutMs: 10_000 });
      await caller.hears("beep");
      // Several short words: of what a busy machine records, one that is whole is enough.
      for (let i = 0; i < 4; i++) await caller.say("./sounds/digits/en/6.gsm");
      await caller.press("#");
      await caller.hears("en/goodbye");
      await caller.ended;

      await using owner = await stage.call("*97", { caller: "100" });
      await owner.hears("voicemail/en/enter-pin");
      await owner.press("0000", { gapMs: 100 });
      await owner.hears("en/invalid");
      await owner.press("1234", { gapMs: 100 });
      await owner.hears("voicemail/en/new");
      await owner.hears("digits/en/1");
      await owner.press("1");
      await owner.hears("voicemail/en/message");
      await owner.hears("digits/en/6");
      await owner.press("4");
      await owner.hears("digits/en/4");
      await owner.press("3");
      await owner.hears("voicemail/en/deleted");
      await owner.hears("voicemail/en/no-more");
      await owner.press("*");
      await owner.hears("en/goodbye", { timeoutMs: 10_000 });
      await owner.ended;
      const left = await readdir(join(folder, "100"));
      assert.deepEqual(
        left.filter((name) => name.endsWith(".json")),
        [],
      );
    });

    it("who calls from elsewhere types the number of the mailbox first", async () => {
      await using owner = await stage.call("voicemail");
      await owner.hears("voicemail/en/mailbox-number");
      await owner.press("999#", { gapMs: 100 });
      await owner.hears("en/invalid");
      await owner.press("101#", { gapMs: 100 });
      await owner.hears("voicemail/en/enter-pin", { timeoutMs: 10_000 });
      await owner.press("4321", { gapMs: 100 });
      await owner.hears("voicemail/en/new");
      await owner.hears("digits/en/0");
      await owner.hangup();
    });

    it("who hangs up while speaking has left a message; who says nothing has not", async () => {
      const speaker = await stage.call("8101");
      await speaker.press("#");
      await speaker.hears("beep");
      await speaker.say("./sounds/voicemail/en/main.gsm");
      await speaker.hangup();
      await using silent = await stage.call("8101", { caller: "4712" });
      await silent.press("#");
      await silent.hears("beep");
      await silent.press("#");
      await silent.hears("en/goodbye");
      await silent.ended;
      const names = (await readdir(join(folder, "101"))).filter((name) => name.endsWith(".json"));
      const notes = await Promise.all(names.map((name) => readFile(join(folder, "101", name), "utf8")));
      assert.deepEqual(
        notes.map((note) => JSON.parse(note).from),
        ["4711"],
      );
    });

    it("there is no mailbox for other numbers", async () => {
      const refused = placeCaller(stage.callers, "8999").then((caller) => caller.answered);
      await assert.rejects(
        refused,
        (error) => error instanceof OutgoingCallError && error.reason === "noroute",
      );
    });
  });
}
