import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type LeaveOutcome, voicemail, withCalls } from "yayts";
import { createEngine } from "yayts/engine";
import { placeCaller } from "yayts/testing";
import { type LampSubject, lampConfig, messageWaitingContract } from "./contract/message-waiting-contract.ts";
import { inProcess } from "./contract/subjects.ts";
import { voicemailContract } from "./contract/voicemail-contract.ts";
import { startSipEngine } from "./sip/sip-engine.ts";

// It takes most of a minute of real sound; over TCP it runs with a real YATE.
voicemailContract("the embedded engine in process", inProcess);

async function withSip(): Promise<LampSubject> {
  const { ysipchan = [], ...others } = Object.fromEntries(
    Object.entries(lampConfig).map(([file, lines]) => [file.replace(".conf", ""), lines]),
  );
  const texts = { ...others, ysipchan: [...ysipchan, "addr=127.0.0.1", "port=0"] };
  const { embedded, sipPort } = await startSipEngine(
    Object.fromEntries(Object.entries(texts).map(([file, lines]) => [file, `${lines.join("\n")}\n`])),
  );
  return { connect: async () => embedded.connect(), stop: () => embedded.stop(), keepsOrder: true, sipPort };
}

messageWaitingContract("the embedded engine", withSip);

/** A disk of 16 KiB, which holds a second of sound; undefined when this system gives us none. */
function smallDisk(folder: string): boolean {
  return (
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], { stdio: "ignore" }).status === 0
  );
}

test("a disk that is full while a caller speaks is a failure, and the caller hears an apology", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "yayts-small-disk-"));
  const mounted = smallDisk(folder);
  t.after(async () => {
    if (mounted) spawnSync("umount", [folder]);
    await rm(folder, { recursive: true });
  });
  if (!mounted) return t.skip("no small disk could be mounted: only root may");
  const engine = await createEngine();
  t.after(() => engine.stop());
  const app = withCalls(engine.connect());
  const voice = voicemail({ folder });
  const left = Promise.withResolvers<LeaveOutcome>();
  app.onCall("300", async (call) => left.resolve(await voice.mailbox("300").leave(call)));
  const caller = await placeCaller(engine.connect(), "300");
  await caller.press("#");
  await caller.hears("beep");
  const sound = fileURLToPath(new URL("../sounds/voicemail/en/main.gsm", import.meta.url));
  await caller.say(sound);
  await caller.hears("voicemail/en/sorry");
  const failed = await left.promise;
  assert.ok(failed.kind === "failed" && failed.error.code === "file-failed", JSON.stringify(failed));
  assert.match(failed.error.message, /ENOSPC|no space/i);
  assert.deepEqual(await voice.mailbox("300").messages(), []);
  assert.deepEqual(await readdir(join(folder, "300", ".incoming")), []);
});
