/** The contract of recording whole calls, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type CallKitOptions, callRecords, silence, withCalls, type Yate, type YateWithCalls } from "yayts";
import { identify, readSoundHeader, samplesOf } from "yayts/media";
import { installPhone, loadPrompts } from "yayts/testing";
import { Calling, type Pair } from "./call-sound-contract.ts";
import type { ContractSubject } from "./yate-contract.ts";

export function callRecordingContract(
  title: string,
  start: () => Promise<ContractSubject>,
  options: CallKitOptions = {},
): void {
  describe(`recordings of calls over ${title}`, { timeout: 90_000 }, () => {
    let subject: ContractSubject;
    let app: YateWithCalls;
    let callers: Yate;
    let calling: Calling;
    let folder = "";
    const file = (name: string): string => join(folder, name);

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "yayts-call-recording-"));
      subject = await start();
      app = withCalls(await subject.connect(), { cacheFolder: join(folder, "cache"), ...options });
      callers = await subject.connect();
      calling = new Calling(app, callers);
      await app.setlocal("engine.version");
    });
    after(async () => {
      app.abort();
      callers.abort();
      await subject.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("both sides are in a .wav, each in its time, also what was silent between", async () => {
      const { call, caller } = await calling.answered();
      const to = file("new/stereo.wav");
      const recording = call.recordCall({ to, stereo: true });
      await say({ call, caller }, "digits/en/4");
      await call.play(["digits/1", silence(1000), "digits/2"]);
      await say({ call, caller }, "digits/en/5");
      const end = await recording.stop();
      assert.ok(end.kind === "recorded" && end.by === "stopped" && end.where === "app", JSON.stringify(end));
      assert.deepEqual([end.file, end.files], [to, [to]]);
      assert.deepEqual(await readdir(file("new")), ["stereo.wav"]);
      const [party, heard] = await sidesOf(to);
      assert.ok(Math.abs((party?.length ?? 0) / 8 - end.durationMs) < 2);
      const [four, five] = await timesOf(party, ["digits/en/4", "digits/en/5"]);
      const [one, two] = await timesOf(heard, ["digits/en/1", "digits/en/2"]);
      assert.ok(four !== undefined && one !== undefined && two !== undefined && five !== undefined);
      const lengths = await lengthsOf();
      const expected = {
        one: four + (lengths.get("digits/en/4") ?? 0),
        two: one + (lengths.get("digits/en/1") ?? 0) + 1000,
        five: two + (lengths.get("digits/en/2") ?? 0),
      };
      const off = [one - expected.one, two - expected.two, five - expected.five].map(Math.round);
      assert.ok(
        off.every((ms) => Math.abs(ms) < 300),
        `off by ${off} ms`,
      );
      await caller.hangup();
    });

    it("it goes on in a conference and after it, and ends whole with the hang-up", async () => {
      const [one, other] = [await calling.answered(), await calling.answered()];
      const to = file("moved.wav");
      const recording = one.call.recordCall({ to });
      await one.call.play("digits/1");
      const room = app.conference("recorded", { lonely: true });
      const joined = one.call.join(room, { leaveOn: "#" });
      const stays = other.call.join(room);
      while (room.members.length < 2) await delay(10);
      await say(other, "digits/en/6");
      await say(one, "digits/en/7");
      await one.caller.press("#");
      await joined;
      // Pauses that are shorter than what the embedded engine gathers may be heard a moment later, within a word.
      await one.call.play([silence(700), "digits/8"]);
      await one.caller.hangup();
      const end = await recording;
      assert.ok(end.kind === "recorded" && end.by === "hangup", JSON.stringify(end));
      const [mixed, none] = await sidesOf(to);
      assert.equal(none, undefined, "it is mono");
      const names = ["digits/en/1", "digits/en/6", "digits/en/7", "digits/en/8"];
      const times = await timesOf(mixed, names);
      assert.ok(
        times.every((ms, i) => ms !== undefined && ms > (times[i - 1] ?? -100)),
        `${times}`,
      );
      await other.caller.hangup();
      await stays;
    });

    it("the record of the call says where it is", async () => {
      const { call, caller } = await calling.answered();
      const records = callRecords(callers);
      const to = file("recorded.wav");
      const recording = call.recordCall({ to });
      await call.play("digits/1");
      await caller.hangup();
      await recording;
      for await (const record of records)
        if (record.id === caller.id) {
          assert.equal(record.recording, to);
          break;
        }
    });

    it("a new recording ends the one before", async () => {
      const { call, caller } = await calling.answered();
      const first = call.recordCall({ to: file("first.wav") });
      await call.play("digits/1");
      const second = call.recordCall({ to: file("second.wav") });
      const ended = await first;
      assert.ok(ended.kind === "recorded" && ended.by === "stopped");
      await call.play("digits/2");
      await caller.hangup();
      const end = await second;
      assert.ok(end.kind === "recorded" && end.by === "hangup");
      const [sound] = await sidesOf(file("second.wav"));
      assert.deepEqual(
        (await timesOf(sound, ["digits/en/1", "digits/en/2"])).map((ms) => ms !== undefined),
        [false, true],
      );
    });

    it("a hang-up before it is told; one at its beginning leaves no parts of it", async () => {
      const before = await calling.answered();
      await before.caller.hangup();
      await before.call.ended;
      assert.equal((await before.call.recordCall({ to: file("never.wav") })).kind, "hangup");
      const beginning = await calling.answered();
      await mkdir(file("beginning"));
      const recording = beginning.call.recordCall({ to: file("beginning/it.wav") });
      await beginning.caller.hangup();
      const end = await recording;
      assert.ok(["recorded", "hangup"].includes(end.kind), JSON.stringify(end));
      if (end.kind === "recorded" && end.where === "app")
        assert.deepEqual(await readdir(file("beginning")), ["it.wav"]);
    });

    it("its signal ends it, before it begins too", async () => {
      const { call, caller } = await calling.answered();
      const end = await call.recordCall({ to: file("signal.wav"), signal: AbortSignal.abort() });
      assert.ok(end.kind === "recorded" && end.by === "stopped" && end.durationMs < 500, JSON.stringify(end));
      await caller.hangup();
    });

    it("files that the app does not see are told as the engine's", async () => {
      const fresh = withCalls(await subject.connect());
      const phone = await installPhone(callers, "7000");
      const calls = fresh.call("7000");
      const called = await phone.ring();
      called.answer();
      const outcome = await calls;
      assert.ok(outcome.kind === "answered");
      const to = file("elsewhere/it.wav");
      const recording = outcome.call.recordCall({ to });
      const parts = ["party", "heard"].map((side) => file(`elsewhere/it.${side}.au`));
      for (const part of parts) {
        while (
          !(await rm(part).then(
            () => true,
            () => false,
          ))
        )
          await delay(10);
      }
      const end = await recording.stop();
      assert.ok(end.kind === "recorded" && end.where === "engine", JSON.stringify(end));
      assert.deepEqual([end.file, end.files], [parts[0], parts]);
      await outcome.call.hangup();
      phone.remove();
      fresh.abort();
    });

    it("what cannot be written is told, and the call goes on", async () => {
      const { call, caller } = await calling.answered();
      const codec = await call.recordCall({ to: file("it.g729") });
      assert.ok(codec.kind === "failed" && codec.error.code === "no-media");
      const stereo = await call.recordCall({ to: file("it.gsm"), stereo: true });
      assert.ok(stereo.kind === "failed" && stereo.error.code === "no-media");
      await writeFile(file("plain"), "");
      await call.play("digits/1");
      const recording = call.recordCall({ to: file("plain/it.wav") });
      const end = await recording.stop();
      assert.ok(end.kind === "failed" && end.error.code === "file-failed", JSON.stringify(end));
      await symlink("/dev/full", file("full.wav"));
      const filling = call.recordCall({ to: file("full.wav") });
      assert.equal((await call.play("digits/2")).kind, "completed");
      const full = await filling.stop();
      assert.ok(full.kind === "failed" && full.error.code === "file-failed", JSON.stringify(full));
      assert.match(full.error.message, /ENOSPC.* What was recorded is in .*full\.party\.au/s);
      await caller.hangup();
    });
  });
}

const sounds = fileURLToPath(new URL("../../sounds", import.meta.url));

async function say({ caller }: Pair, prompt: string): Promise<void> {
  await caller.say(`${sounds}/${prompt}.gsm`);
}

/** The channels of a .wav. */
async function sidesOf(path: string): Promise<Int16Array[]> {
  const bytes = await readFile(path);
  const kind = { container: "wav" as const, format: { name: "slin" } as never };
  const header = readSoundHeader(kind, bytes, true);
  assert.ok(header.kind === "sound", path);
  assert.equal(header.dataLength, bytes.length - header.dataOffset, "the header tells the right length");
  const all = samplesOf(Uint8Array.from(bytes.subarray(header.dataOffset)));
  const { channels } = header.format;
  return Array.from({ length: channels }, (_, side) => all.filter((_sample, i) => i % channels === side));
}

/** When prompts are heard first, in milliseconds. */
async function timesOf(
  sound: Int16Array | undefined,
  names: readonly string[],
): Promise<(number | undefined)[]> {
  const known = (await loadPrompts()).filter(({ name }) => names.includes(name));
  const found = identify(sound ?? new Int16Array(0), known);
  return names.map((name) => found.find((one) => one.name === name)?.startMs);
}

async function lengthsOf(): Promise<Map<string, number>> {
  return new Map((await loadPrompts()).map(({ name, samples }) => [name, samples.length / 8]));
}
