/** The contract of voicemail, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Call,
  type LeaveOutcome,
  type ListenOutcome,
  type MailboxChange,
  type Voicemail,
  type VoicemailOptions,
  voicemail,
  withCalls,
  type Yate,
  type YateWithCalls,
} from "yayts";
import { identify } from "yayts/media";
import { type Caller, decodeSound, loadPrompts, placeCaller } from "yayts/testing";
import type { ContractSubject } from "./yate-contract.ts";

const welcome = fileURLToPath(new URL("../../sounds/en/welcome.gsm", import.meta.url));

/** A call to the mailbox, and what becomes of it. */
interface Calling<T> {
  readonly caller: Caller;
  readonly outcome: Promise<T>;
}

let tags = 0;

export function voicemailContract(title: string, start: () => Promise<ContractSubject>): void {
  describe(`voicemail over ${title}`, { timeout: 120_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let people: Yate;
    let root = "";
    let folder = "";
    let voice: Voicemail;
    // On a busy machine it may take a while until who has heard the beep speaks.
    const options: Omit<VoicemailOptions, "folder"> = {
      silenceMs: 5000,
      minMs: 300,
      timeZone: "Europe/Warsaw",
    };

    before(async () => {
      root = await mkdtemp(join(tmpdir(), "yayts-voicemail-"));
      subject = await start();
      app = withCalls(await subject.connect(), { cacheFolder: join(root, "cache"), audioDelayMs: 100 });
      people = await subject.connect();
    });
    after(async () => {
      app.abort();
      people.abort();
      await subject.stop();
      await rm(root, { recursive: true });
    });
    beforeEach(() => {
      folder = join(root, `mail-${++tags}`);
      voice = voicemail({ ...options, folder });
    });

    const dial = async <T>(program: (call: Call) => Promise<T>): Promise<Calling<T>> => {
      const number = `mailbox-${++tags}`;
      const done = Promise.withResolvers<T>();
      const handler = app.onCall(number, async (call) => {
        await program(call).then(done.resolve, done.reject);
      });
      await handler.ready;
      const caller = await placeCaller(people, number, { caller: "4711", callername: "Ada" });
      return { caller, outcome: done.promise };
    };
    const leave = (to = "300", from: Voicemail = voice): Promise<Calling<LeaveOutcome>> =>
      dial((call) => from.mailbox(to).leave(call));
    const listen = (pin?: string): Promise<Calling<ListenOutcome>> =>
      dial((call) => voice.mailbox("300").listen(call, pin === undefined ? {} : { pin }));
    /** Somebody leaves a message that says "Welcome". */
    const someMessage = async (): Promise<void> => {
      const { caller, outcome } = await leave();
      await caller.press("#");
      await caller.hears("beep");
      await caller.say(welcome);
      await caller.press("#");
      assert.equal((await outcome).kind, "left");
    };
    const noRubbish = async (): Promise<void> => {
      assert.deepEqual(await readdir(join(folder, "300", ".incoming")).catch(() => []), []);
    };

    it("a caller hears the greeting and a beep, and what it says is kept with its note", async () => {
      const changes: MailboxChange[] = [];
      voice.mailbox("300").onChange((change) => void changes.push(change));
      const { caller, outcome } = await leave();
      await caller.hears("en/unavailable");
      await caller.hears("voicemail/en/leave-message");
      await caller.hears("beep");
      await caller.say(welcome);
      await caller.press("#");
      const left = await outcome;
      assert.equal(left.kind, "left");
      const [message, ...others] = await voice.mailbox("300").messages();
      assert.ok(message && others.length === 0);
      assert.deepEqual(left.message, message);
      assert.equal(message.from, "4711");
      assert.equal(message.fromName, "Ada");
      assert.equal(message.read, false);
      assert.ok(Math.abs(Date.now() - message.at.getTime()) < 20_000);
      const samples = decodeSound(message.file, await readFile(message.file));
      assert.ok(Math.abs(samples.length / 8 - message.durationMs) <= 40, `${samples.length / 8} ms of sound`);
      const heard = identify(samples, await loadPrompts()).map(({ name }) => name);
      assert.deepEqual(heard, ["en/welcome"]);
      assert.deepEqual(changes, [{ mailbox: "300", unread: 1, read: 0 }]);
      assert.deepEqual(await voice.mailboxes(), ["300"]);
      await noRubbish();
    });

    it("who hangs up while speaking has left a message", async () => {
      const { caller, outcome } = await leave();
      await caller.press("#");
      await caller.hears("beep");
      await caller.say(welcome);
      await caller.hangup();
      assert.equal((await outcome).kind, "left");
      assert.equal((await voice.mailbox("300").messages()).length, 1);
      await noRubbish();
    });

    it("who hangs up before, or says nothing, has left none", async () => {
      const early = await leave();
      await early.caller.answered;
      await early.caller.hangup();
      assert.equal((await early.outcome).kind, "hangup");
      const silent = await leave("300", voicemail({ ...options, folder, silenceMs: 300 }));
      await silent.caller.press("#");
      assert.equal((await silent.outcome).kind, "empty");
      assert.deepEqual(await voice.mailbox("300").messages(), []);
      await noRubbish();
    });

    it("a full mailbox says so", async () => {
      const small = voicemail({ ...options, folder, maxMessages: 1 });
      await someMessage();
      const { caller, outcome } = await leave("300", small);
      await caller.hears("voicemail/en/full");
      assert.equal((await outcome).kind, "full");
    });

    it("what cannot be kept is a failure with its reason, and the caller hears an apology", async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "300"), "a file where a folder should be");
      const { caller, outcome } = await leave();
      await caller.press("#");
      await caller.hears("voicemail/en/sorry");
      const failed = await outcome;
      assert.ok(failed.kind === "failed" && failed.error.code === "file-failed", JSON.stringify(failed));
    });

    it("the owner types the PIN, hears messages and who left them, saves and deletes", async () => {
      await someMessage();
      await someMessage();
      const copiesBefore = await readdir(join(root, "cache"), { recursive: true }).catch(() => []);
      const { caller, outcome } = await listen("1234");
      await caller.hears("voicemail/en/enter-pin");
      await caller.press("9999");
      await caller.hears("en/invalid");
      await caller.press("1234");
      await caller.hears("voicemail/en/new");
      await caller.hears("digits/en/2");
      await caller.press("1");
      await caller.hears("voicemail/en/message");
      await caller.hears("en/welcome");
      await caller.press("4");
      await caller.hears("voicemail/en/from");
      await caller.hears("digits/en/7");
      await caller.press("1");
      await caller.hears("en/welcome");
      await caller.press("2");
      await caller.hears("voicemail/en/message-saved");
      await caller.hears("voicemail/en/message");
      await caller.press("3");
      await caller.hears("voicemail/en/deleted");
      await caller.hears("voicemail/en/no-more");
      await caller.hears("voicemail/en/saved");
      await caller.press("*");
      assert.deepEqual(await outcome, { kind: "done", played: 2, saved: 1, deleted: 1 });
      const copies = await readdir(join(root, "cache"), { recursive: true }).catch(() => []);
      assert.deepEqual(copies, copiesBefore, "no copy of a message is left in the cache");
      assert.deepEqual(await voice.mailbox("300").counts(), { unread: 0, read: 1 });
    });

    it("a wrong PIN is refused, and a hang-up at any place is told", async () => {
      await someMessage();
      const stranger = await listen("1234");
      await stranger.caller.press("000000000000");
      assert.equal((await stranger.outcome).kind, "refused");
      for (const keys of ["", "1234", "12341", "12342"]) {
        const { caller, outcome } = await listen("1234");
        await caller.answered;
        await caller.press(keys, { gapMs: 20 });
        await caller.hangup();
        assert.equal((await outcome).kind, "hangup", `after ${keys}`);
      }
      assert.deepEqual(await voice.mailbox("300").counts(), { unread: 1, read: 0 });
      await noRubbish();
    });

    it("the owner records a greeting, which callers hear, and goes back to the standard one", async () => {
      const { caller, outcome } = await listen();
      await caller.press("2");
      await caller.hears("beep");
      await caller.say(welcome);
      await caller.press("#");
      await caller.hears("en/welcome");
      await caller.press("1");
      await caller.hears("voicemail/en/message-saved");
      await caller.hangup();
      await outcome;
      assert.ok(await voice.mailbox("300").greeting());
      const other = await leave();
      await other.caller.hears("en/welcome");
      await other.caller.hangup();
      await other.outcome;
      const again = await listen();
      await again.caller.press("2");
      await again.caller.hears("beep");
      await again.caller.press("#");
      await again.caller.press("3");
      await again.caller.hears("voicemail/en/message-saved");
      await again.caller.hangup();
      await again.outcome;
      assert.equal(await voice.mailbox("300").greeting(), undefined);
      await noRubbish();
    });
  });
}
