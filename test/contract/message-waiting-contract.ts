/** The contract of message-waiting lamps, run over the embedded engine and a real YATE, both with SIP. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { tellPhones, type Voicemail, voicemail, type Yate } from "yayts";
import { MailboxFolder } from "../../src/call/voicemail/mailbox-folder.ts";
import { createRawPhone, type RawPhone, textOf } from "../sip/raw-phone.ts";
import type { ContractSubject } from "./yate-contract.ts";

/** An engine where 100 may register with the password `secret`, and apps may send SIP requests (`generate`). */
export interface LampSubject extends ContractSubject {
  readonly sipPort: number;
}

/** Configuration that the suite needs, by the engine's file names. */
export const lampConfig: Readonly<Record<string, readonly string[]>> = {
  "regfile.conf": ["[100]", "password=secret"],
  "ysipchan.conf": ["[general]", "generate=yes"],
};

export function messageWaitingContract(title: string, start: () => Promise<LampSubject>): void {
  describe(`message-waiting lamps over ${title}`, { timeout: 60_000 }, () => {
    let subject: LampSubject;
    let yate: Yate;
    let phone: RawPhone;
    let folder = "";
    let voice: Voicemail;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-lamps-"));
      subject = await start();
      yate = await subject.connect();
      phone = await createRawPhone(subject.sipPort);
      voice = voicemail({ folder });
    });
    after(async () => {
      await phone[Symbol.asyncDispose]();
      yate.abort();
      await subject.stop();
      await rm(folder, { recursive: true });
    });

    const put = async (): Promise<string> => {
      const mailbox = new MailboxFolder(folder, "100");
      const at = new Date();
      const { id, file } = await mailbox.incoming(at);
      await writeFile(file, "the sound");
      await mailbox.keep({ id, from: "", fromName: "", at, durationMs: 1, read: false }, file);
      return id;
    };
    /** Waits for a NOTIFY that says so; one may come twice, at the start and for the registration. */
    const lamp = async (...lines: string[]): Promise<void> => {
      const notify = await phone.requests.take(lines.join(" "), (request) =>
        textOf(request).startsWith(lines.join("\r\n")),
      );
      assert.equal(notify.method, "NOTIFY");
      assert.equal(notify.headers.get("Event"), "message-summary");
      assert.equal(notify.headers.get("Content-Type"), "application/simple-message-summary");
      assert.ok(notify.headers.get("Subscription-State"));
    };

    it("a phone that registers is told, and again after each change", async () => {
      const [first, second] = [await put(), await put()];
      const stop = tellPhones(yate, voice);
      await yate.setlocal("engine.version");
      const headers: [string, string][] = [["Contact", `<sip:100@127.0.0.1:${phone.port}>`]];
      const registered = await phone.ask("REGISTER", "", { user: "100", password: "secret", headers });
      assert.equal(registered.status, 200);
      await lamp("Messages-Waiting: yes", "Voice-Message: 2/0");
      await voice.mailbox("100").markRead(first);
      await lamp("Messages-Waiting: yes", "Voice-Message: 1/1");
      await voice.mailbox("100").remove(second);
      await lamp("Messages-Waiting: no", "Voice-Message: 0/1");
      stop();
      await voice.mailbox("100").remove(first);
    });

    it("phones that are there are told at the start; other names may be mapped to them", async () => {
      await put();
      const stop = tellPhones(yate, voice, { userOf: () => "100" });
      await lamp("Messages-Waiting: yes", "Voice-Message: 1/0");
      stop();
    });
  });
}
