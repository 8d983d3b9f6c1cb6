import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { checkName, MailboxFolder } from "./mailbox-folder.ts";
import type { VoiceMessage } from "./voice-message.ts";
import { type MailboxChange, voicemail } from "./voicemail.ts";

describe("a folder of mailboxes", () => {
  let root = "";
  let made = 0;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "yayts-mailbox-"));
  });
  after(() => rm(root, { recursive: true }));

  const newFolder = (): string => join(root, `mail-${++made}`);
  const put = async (folder: string, name: string, at = new Date()): Promise<VoiceMessage> => {
    const mailbox = new MailboxFolder(folder, name);
    const { id, file } = await mailbox.incoming(at);
    await writeFile(file, "the sound");
    return await mailbox.keep({ id, from: "4711", fromName: "Ada", at, durationMs: 1500, read: false }, file);
  };

  it("takes names that are one folder of their own, and no others", () => {
    for (const name of ["300", "+48221234567", "ada.lovelace", "ada@example.org", "a-b_c", "0"])
      assert.equal(checkName(name), name);
    for (const name of [
      "",
      ".",
      "..",
      "../300",
      "300/..",
      "a/b",
      "a\\b",
      "/etc",
      "C:",
      ".incoming",
      "300.",
      "a..b",
      "a b",
      "a\0b",
      "a\nb",
      "con",
      "NUL.txt",
      "-rf",
      "é",
      "x".repeat(65),
    ])
      assert.throws(() => checkName(name), /\[bad-argument\]/, JSON.stringify(name));
  });

  it("ids of messages lead nowhere else", async () => {
    const folder = newFolder();
    await put(folder, "300");
    const outside = join(folder, "secret.json");
    await writeFile(outside, "{}");
    const { messages, markRead, remove, move } = voicemail({ folder }).mailbox("300");
    for (const id of ["../secret", "..", "", "secret", "20260101T000000000-0000000g"]) {
      assert.equal(await remove(id), false);
      assert.equal(await markRead(id), false);
      assert.equal(await move(id, "400"), false);
    }
    assert.equal(await readFile(outside, "utf8"), "{}");
    assert.equal((await messages()).length, 1);
  });

  it("keeps messages in the order in which they came, whoever asks", async () => {
    const folder = newFolder();
    const late = await put(folder, "300", new Date("2026-07-05T10:00:00.001Z"));
    const early = await put(folder, "300", new Date("2026-07-05T10:00:00.000Z"));
    const found = await voicemail({ folder }).mailbox("300").messages();
    assert.deepEqual(found, [early, late]);
    assert.equal(await readFile(early.file, "utf8"), "the sound");
  });

  it("marks, moves and removes, tells each change once, and says whether there was one", async () => {
    const folder = newFolder();
    const voice = voicemail({ folder });
    const changes: MailboxChange[] = [];
    const stop = voice.onChange((change) => void changes.push(change));
    const [from, to] = [voice.mailbox("300"), voice.mailbox("400")];
    const { id } = await put(folder, "300");
    assert.equal(await from.markRead(id), true);
    assert.equal(await from.markRead(id), false);
    assert.equal((await from.messages())[0]?.read, true);
    assert.equal(await from.move(id, "400"), true);
    assert.equal(await from.move(id, "400"), false);
    assert.deepEqual(await from.messages(), []);
    assert.deepEqual(await to.counts(), { unread: 1, read: 0 });
    assert.equal(await readFile((await to.messages())[0]?.file ?? "", "utf8"), "the sound");
    assert.equal(await to.remove(id), true);
    assert.equal(await to.remove(id), false);
    stop();
    await put(folder, "400");
    assert.deepEqual(changes, [
      { mailbox: "300", unread: 0, read: 1 },
      { mailbox: "300", unread: 0, read: 0 },
      { mailbox: "400", unread: 1, read: 0 },
      { mailbox: "400", unread: 0, read: 0 },
    ]);
    assert.deepEqual((await readdir(join(folder, "300"))).sort(), [".incoming"]);
  });

  it("half a message, a damaged note and other files are no messages", async () => {
    const folder = newFolder();
    const { id, file } = await put(folder, "300");
    const path = join(folder, "300");
    const id2 = "20260101T000000000-0000000a";
    const id3 = "20260101T000000000-0000000b";
    await writeFile(join(path, `${id2}.wav`), "a sound without a note");
    await writeFile(join(path, `${id3}.json`), '{"version":1,"from":');
    await writeFile(
      join(path, "20260101T000000000-0000000c.json"),
      '{"at":"never","durationMs":1,"read":false}',
    );
    await writeFile(join(path, "notes.txt"), "");
    await mkdir(join(path, "20260101T000000000-0000000d"));
    const found = await voicemail({ folder }).mailbox("300").messages();
    assert.deepEqual(
      found.map((message) => [message.id, message.file]),
      [[id, file]],
    );
  });

  it("a mailbox that nobody has used is empty, and a folder that cannot be is a typed error", async () => {
    const folder = newFolder();
    assert.deepEqual(await voicemail({ folder }).mailbox("300").messages(), []);
    assert.deepEqual(await voicemail({ folder }).mailboxes(), []);
    const { id } = await put(folder, "300");
    await writeFile(join(folder, "400"), "a file in the way");
    await assert.rejects(voicemail({ folder }).mailbox("300").move(id, "400"), { code: "file-failed" });
    assert.equal((await voicemail({ folder }).mailbox("300").messages()).length, 1);
  });

  it("options that cannot be are refused", () => {
    for (const options of [{ maxMs: 0 }, { silenceMs: -1 }, { minMs: Number.NaN }, { timeZone: "Mars/Base" }])
      assert.throws(() => voicemail({ folder: root, ...options }), /\[bad-argument\]/);
  });
});
