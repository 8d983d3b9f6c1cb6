import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "yayts";
import { createEngine, type EmbeddedEngine } from "yayts/engine";
import { decodeAlaw } from "yayts/media";
import { codes, createParty, type Party, soundOf, until } from "../../../test/contract/audio-party.ts";
import { type AudioAttachment, attachAudio, createRecording, type Recording, recordLoop } from "./index.ts";

const timed = { timeout: 20_000 };

describe("recordings in the app", timed, () => {
  const folder = mkdtempSync(join(tmpdir(), "yayts-recording-"));
  let engine: EmbeddedEngine;
  let yate: Yate;
  let party: Party;
  let audio: AudioAttachment;

  before(async () => {
    engine = await createEngine();
    yate = engine.connect();
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    party = await createParty(yate);
    const attached = await attachAudio({ yate, leg: party.leg });
    assert.ok(attached.kind === "attached");
    audio = attached.audio;
  });
  afterEach(async () => {
    await audio.close();
    await party[Symbol.asyncDispose]();
    // Nothing of the test is left: no socket, no timer.
    const kinds = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind.startsWith("UDP"));
    await until("all sockets are closed", () => kinds().length === 0);
  });

  const begin = async (options: Omit<Parameters<typeof createRecording>[0], "audio">): Promise<Recording> => {
    const outcome = await createRecording({ audio, ...options });
    assert.ok(outcome.kind === "recording");
    return outcome.recording;
  };

  it("blocks are given as they come, and end with the recording", timed, async () => {
    const recording = await begin({});
    const blocks: Int16Array[] = [];
    const reading = (async () => {
      for await (const block of recording.blocks) blocks.push(block);
    })();
    await party.talk(codes.slice(0, 15));
    await delay(100);
    const end = await recording.stop();
    await reading;
    assert.ok(end.kind === "finished" && end.by === "stopped" && end.file === undefined);
    assert.equal(blocks.length * 20, end.durationMs);
    const heard = new Set(blocks.map((block) => block[80] ?? 0));
    for (const code of codes.slice(0, 14)) assert.ok(heard.has(decodeAlaw(code)));
    assert.deepEqual(await recording.stop(), end);
  });

  it("stereo blocks have both sides, those of one beat together", timed, async () => {
    const recording = await begin({ stereo: true });
    const blocks: Int16Array[] = [];
    const reading = (async () => {
      for await (const block of recording.blocks) blocks.push(block);
    })();
    await delay(60);
    void audio.write(soundOf(codes.slice(20, 30)));
    await audio.mark("end");
    await recording.stop();
    await reading;
    assert.ok(blocks.every(({ length }) => length === 320));
    const right = blocks.map((block) => block[161] ?? 0).filter((value) => value !== 0);
    assert.deepEqual(
      right,
      codes.slice(20, 30).map((code) => decodeAlaw(code)),
    );
    assert.ok(blocks.every((block) => block[160] === 0));
  });

  it("the hang-up at the start, in the middle and at the end leaves a whole file", timed, async () => {
    const start = await createRecording({ audio, to: join(folder, "start.wav") });
    assert.ok(start.kind === "recording");
    const middle = await begin({ to: join(folder, "middle.wav") });
    await Promise.all([party.talk(codes.slice(0, 20)), delay(200).then(() => start.recording.stop())]);
    const late = await begin({ to: join(folder, "late.wav") });
    await party.hangup();
    const end = await middle.ended;
    assert.ok(end.kind === "finished" && end.by === "hangup");
    assert.ok(end.durationMs >= 380);
    assert.equal(statSync(join(folder, "middle.wav")).size, 44 + end.durationMs * 16);
    const lateEnd = await late.stop();
    assert.ok(lateEnd.kind === "finished" && lateEnd.by === "hangup");
    assert.equal(statSync(join(folder, "late.wav")).size, 44 + lateEnd.durationMs * 16);
    const never = await begin({ to: join(folder, "never.wav") });
    assert.deepEqual(await never.ended, { kind: "finished", by: "hangup", durationMs: 0 });
    assert.throws(() => statSync(join(folder, "never.wav")));
  });

  it(
    "a folder that cannot be written is a failure at once, a full disk one at that moment; the call goes on",
    timed,
    async () => {
      const refused = await createRecording({ audio, to: "/proc/nowhere/x.wav" });
      assert.ok(refused.kind === "failed" && refused.error.code === "file-failed");
      const loop = await recordLoop({ audio, to: "/proc/nowhere/x.wav", beep: true });
      assert.ok(loop.kind === "failed" && loop.error.code === "file-failed" && loop.durationMs === 0);
      const full = await begin({ to: "/dev/full" });
      const end = await full.ended;
      assert.ok(end.kind === "failed" && end.error.code === "file-failed", JSON.stringify(end));
      assert.match(end.error.message, /ENOSPC/);
      const looped = await recordLoop({ audio, to: "/dev/full" });
      assert.ok(looped.kind === "failed" && looped.error.code === "file-failed");
      assert.equal(audio.over, false);
    },
  );

  it("the maximum, the signal and the end of the attachment end it", timed, async () => {
    const max = await (await begin({ maxMs: 105 })).ended;
    assert.deepEqual(max, { kind: "finished", by: "max", durationMs: 100 });
    const control = new AbortController();
    const stopped = await begin({ signal: control.signal });
    await delay(50);
    control.abort();
    const end = await stopped.ended;
    assert.ok(end.kind === "finished" && end.by === "stopped");
    const closed = await begin({});
    await audio.close();
    const last = await closed.ended;
    assert.ok(last.kind === "finished" && last.by === "stopped");
    await assert.rejects(createRecording({ audio, maxMs: 0 }), /bad-argument/);
    await assert.rejects(recordLoop({ audio, silenceMs: -1 }), /bad-argument/);
  });

  it("silence at the end is cut off, the speech before it is whole", timed, async () => {
    const to = join(folder, "trimmed.wav");
    const loop = recordLoop({ audio, to, silenceMs: 800 });
    await delay(100);
    await party.talk(codes.slice(30, 55));
    const end = await loop;
    assert.ok(end.kind === "finished" && end.by === "silence" && end.spoken);
    const bytes = readFileSync(to);
    assert.equal(bytes.length, 44 + end.durationMs * 16);
    const samples = new Int16Array(
      bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length),
    );
    const last = samples.findLastIndex((sample) => Math.abs(sample) > 1000) / 8;
    assert.ok(end.durationMs - last > 100 && end.durationMs - last < 400, `${end.durationMs} ${last}`);
    for (const code of codes.slice(30, 54)) assert.ok(samples.includes(decodeAlaw(code)));
  });

  it("a key in the beep ends it before it began, and the beep too", timed, async () => {
    const control = new AbortController();
    const startMs = performance.now();
    setTimeout(() => control.abort("5"), 60);
    const end = await recordLoop({ audio, beep: true, finishOn: control.signal });
    assert.ok(end.kind === "finished" && end.by === "key" && end.key === "5");
    assert.ok(performance.now() - startMs < 200);
    assert.equal(audio.queuedMs, 0);
    const unkept = Promise.reject(new Error("nobody waits for keys any more"));
    const on = await recordLoop({ audio, maxMs: 100, finishOn: unkept });
    assert.ok(on.kind === "finished" && on.by === "max");
  });
});
