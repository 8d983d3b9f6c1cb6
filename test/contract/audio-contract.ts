/** The contract of sound between the app and a leg, run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger, Yate } from "yayts";
import { decodeAlaw } from "yayts/media";
import {
  type AttachAudioOptions,
  type AudioAttachment,
  attachAudio,
  recordLoop,
} from "../../src/call/audio/index.ts";
import { codes, createParty, frameOf, type Party, soundOf, until } from "./audio-party.ts";

export interface AudioSubject {
  connect(): Promise<Yate>;
  stop(): Promise<void>;
}

interface Stage {
  readonly yate: Yate;
  readonly party: Party;
  readonly logged: string[];
  attach(options?: Partial<AttachAudioOptions>): Promise<AudioAttachment>;
}

const quiet = 0xd5;
const voice = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(6000 * Math.sin(i / 6) * Math.cos(i / 70)));
const isSound = (payload: Uint8Array): boolean => payload.some((code) => Math.abs(decodeAlaw(code)) > 100);

/** Sockets of this process that are open for UDP, and timers that keep it alive. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /UDP|Timeout|FS/.test(kind));
}

const stories: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "what the party says comes as frames, unchanged, and its silence keeps time": async ({ party, attach }) => {
    const audio = await attach();
    const heard: number[] = [];
    const kinds: string[] = [];
    const times: number[] = [];
    const startMs = performance.now();
    const reading = (async () => {
      for await (const { samples, kind, atMs } of audio.frames()) {
        assert.equal(samples.length, 160);
        kinds.push(kind);
        times.push(atMs);
        if (kind === "heard") heard.push(samples[80] ?? 0);
      }
    })();
    await delay(100);
    await party.talk(codes.slice(0, 40));
    // Both engine and app hold sound back, and conceal its end.
    await delay(400);
    await audio.close();
    await reading;
    const tookMs = performance.now() - startMs;
    assert.deepEqual(
      heard.slice(0, 36),
      codes.slice(0, 36).map((code) => decodeAlaw(code)),
    );
    assert.equal(kinds[0], "absent");
    assert.equal(kinds.at(-1), "absent");
    assert.ok(Math.abs(kinds.length * 20 - tookMs) < 120, `${kinds.length} frames in ${tookMs} ms`);
    for (const [i, at] of times.entries()) if (i > 0) assert.equal(at - (times[i - 1] ?? 0), 20);
    // The embedded engine conceals the end of the party's packets with some of its own.
    assert.ok(audio.figures.packetsReceived >= 40 && audio.figures.packetsReceived <= 43);
    assert.equal(audio.figures.lost, 0);
  },

  "what is written is heard block by block, and its mark tells when": async ({ party, attach }) => {
    const audio = await attach();
    const startMs = performance.now();
    const written = audio.write(soundOf(codes.slice(0, 30)));
    assert.equal(audio.queuedMs, 600);
    const mark = await audio.mark("end");
    const tookMs = performance.now() - startMs;
    assert.equal(mark.kind, "played");
    assert.equal(mark.name, "end");
    assert.ok(tookMs >= 620 && tookMs < 1000, `${tookMs} ms`);
    assert.deepEqual(await written, { kind: "written" });
    const packets = await party.heardPackets(30);
    assert.deepEqual(
      packets.slice(0, 30).map(({ payload }) => [payload.length, payload[80]]),
      codes.slice(0, 30).map((code) => [160, code]),
    );
    assert.equal(packets[0]?.marker, true);
    // Sound that nobody wrote is not sent.
    await delay(150);
    assert.equal(party.heard.filter(({ payload }) => isSound(payload)).length, 30);
  },

  "after a pause the timestamps tell how long it was": async ({ party, attach }) => {
    const audio = await attach();
    await audio.write(soundOf(codes.slice(0, 5)));
    await audio.mark("first");
    await delay(200);
    await audio.write(soundOf(codes.slice(5, 10)));
    const packets = (await party.heardPackets(10)).slice(0, 10);
    const steps = packets.slice(1).map((packet, i) => packet.timestamp - (packets[i]?.timestamp ?? 0));
    assert.deepEqual(steps.filter((step) => step === 160).length, 8);
    assert.ok((steps[4] ?? 0) > 160 + 160 * 8 && (steps[4] ?? 0) < 160 * 20, String(steps));
  },

  "write waits until little is queued, and a queue without end is refused": async ({ attach }) => {
    const audio = await attach({ lowWaterMs: 100, maxQueuedMs: 1000 });
    const startMs = performance.now();
    assert.deepEqual(await audio.write(voice(40)), { kind: "written" });
    assert.ok(performance.now() - startMs < 20);
    assert.deepEqual(await audio.write(voice(500)), { kind: "written" });
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 400 && tookMs < 800, `${tookMs} ms`);
    assert.ok(audio.queuedMs < 100);
    const refused = await audio.write(voice(1000));
    assert.ok(refused.kind === "failed" && refused.error.code === "overflow");
    assert.throws(() => audio.write([1, 2] as unknown as Int16Array), /bad-argument/);
  },

  "clear stops the sound within 40 ms, and tells how much was not heard": async ({ party, attach }) => {
    const audio = await attach();
    const lateMs: number[] = [];
    for (let i = 0; i < 12; i++) {
      const writing = audio.write(voice(3000));
      const [heard, unheard] = [audio.mark("soon"), audio.mark("late")];
      await delay(200 + i * 7);
      const clearedAtMs = performance.now();
      const clearedMs = audio.clear();
      assert.ok(clearedMs > 2600 && clearedMs < 2840, `${clearedMs} ms`);
      assert.equal(audio.queuedMs, 0);
      assert.deepEqual(await writing, { kind: "cleared" });
      assert.deepEqual(await unheard, { kind: "cleared", name: "late" });
      assert.deepEqual(await heard, { kind: "cleared", name: "soon" });
      await delay(150);
      const last = party.heard.findLast(({ payload }) => isSound(payload));
      lateMs.push((last?.arrivalMs ?? 0) - clearedAtMs);
    }
    lateMs.sort((a, b) => a - b);
    // The one that a busy machine spoils is not ours.
    assert.ok((lateMs.at(-2) ?? 0) <= 40, `the last sound came ${lateMs} ms after clear`);
  },

  "what is written right after clear is heard from its first frame on, and nothing of before": async ({
    party,
    attach,
  }) => {
    const audio = await attach();
    for (let i = 0; i < 5; i++) {
      void audio.write(soundOf(Array.from({ length: 50 }, () => codes[0] ?? quiet)));
      await delay(150 + i * 7);
      audio.clear();
      party.heard.length = 0;
      void audio.write(soundOf(codes.slice(10, 20)));
      assert.equal((await audio.mark("end")).kind, "played");
      await delay(80);
      const heard = party.heard.map(({ payload }) => payload[80] ?? 0);
      const first = heard.indexOf(codes[10] ?? 0);
      assert.ok(first === 0 || first === 1, `${heard}`);
      assert.deepEqual(heard.slice(first, first + 10), codes.slice(10, 20));
    }
  },

  "marks before what is cleared are played": async ({ attach }) => {
    const audio = await attach();
    void audio.write(voice(100));
    const first = audio.mark("first");
    void audio.write(voice(1000));
    const second = audio.mark("second");
    await delay(180);
    audio.clear();
    assert.equal((await first).kind, "played");
    assert.equal((await second).kind, "cleared");
    assert.equal((await audio.mark("nothing")).kind, "played");
  },

  "an echo comes back soon": async ({ party, attach }) => {
    const audio = await attach();
    audio.onFrame(({ samples, kind }) => void (kind === "heard" && audio.write(samples)));
    await delay(60);
    const startMs = performance.now();
    await party.talk(codes.slice(0, 20));
    await party.heardPackets(18);
    const first = party.heard.find(({ payload }) => payload[80] === codes[0]);
    const tookMs = (first?.arrivalMs ?? 0) - startMs;
    assert.ok(tookMs > 0 && tookMs < 300, `${tookMs} ms`);
    assert.deepEqual(
      party.heard.slice(0, 18).map(({ payload }) => payload[80]),
      codes.slice(0, 18),
    );
  },

  "mu-law and linear sound work alike": async ({ party, attach }) => {
    for (const format of ["mulaw", "slin"] as const) {
      const audio = await attach({ format });
      const heard: number[] = [];
      audio.onFrame(({ samples, kind }) => void (kind === "heard" && heard.push(samples[80] ?? 0)));
      party.heard.length = 0;
      await Promise.all([party.talk(codes.slice(0, 10)), audio.write(soundOf(codes.slice(20, 30)))]);
      await audio.mark("end");
      await until("it was heard", () => heard.length >= 8);
      for (const [i, value] of heard.slice(0, 8).entries())
        assert.ok(Math.abs(value - decodeAlaw(codes[i] ?? 0)) < 150, `${format} ${heard}`);
      const packets = await party.heardPackets(10);
      for (const [i, { payload }] of packets.slice(0, 10).entries()) {
        const value = decodeAlaw(payload[80] ?? 0);
        assert.ok(Math.abs(value - decodeAlaw(codes[20 + i] ?? 0)) < 300, `${format} ${value}`);
      }
      await audio.close();
    }
  },

  "a tone that played on the leg is no hindrance, and neither is an earlier attachment": async (stage) => {
    const { yate, party, attach } = stage;
    await yate
      .msg("chan.masquerade", { message: "chan.attach", id: party.leg, source: "tone/dial" })
      .dispatch();
    const first = await attach();
    await yate
      .msg("chan.masquerade", { message: "chan.attach", id: party.leg, source: "tone/dial" })
      .dispatch();
    const second = await attach();
    assert.deepEqual(await first.ended, { kind: "replaced" });
    assert.deepEqual(await first.write(voice(20)), { kind: "closed" });
    await first.close();
    // What was under way of the tone comes late on a busy machine.
    await delay(300);
    party.heard.length = 0;
    await second.write(soundOf(codes.slice(0, 10)));
    const packets = await party.heardPackets(10);
    assert.deepEqual(
      packets.slice(0, 10).map(({ payload }) => payload[80]),
      codes.slice(0, 10),
    );
  },

  "close takes the sound off the leg, which stays": async ({ yate, party, attach }) => {
    const audio = await attach();
    void audio.write(voice(1000));
    const mark = audio.mark("end");
    const frames = audio.frames();
    const next = frames.next();
    await audio.close();
    await audio.close();
    assert.deepEqual(await audio.ended, { kind: "closed" });
    assert.deepEqual(await mark, { kind: "closed", name: "end" });
    assert.equal((await next).done, true);
    assert.equal((await audio.frames().next()).done, true);
    assert.equal(audio.clear(), 0);
    const status = await yate.msg("engine.status", { module: "yrtp" }).dispatch();
    assert.match(status.retvalue, /chans=1,/, "that of the party alone");
    assert.ok(!status.retvalue.includes(`=${party.leg}`));
    const again = await attach();
    assert.equal(again.over, false);
  },

  "the hang-up ends everything, and leaves nothing behind": async ({ party, attach }) => {
    const before = held();
    const audio = await attach();
    assert.notDeepEqual(held(), before);
    const writing = audio.write(voice(5000));
    const mark = audio.mark("end");
    const reading = (async () => {
      let count = 0;
      for await (const _ of audio.frames()) count++;
      return count;
    })();
    await delay(100);
    await party.hangup();
    assert.deepEqual(await audio.ended, { kind: "hangup" });
    assert.deepEqual(await mark, { kind: "closed", name: "end" });
    assert.deepEqual(await writing, { kind: "closed" });
    assert.ok((await reading) >= 3);
    assert.deepEqual(await audio.mark("late"), { kind: "closed", name: "late" });
    await audio.close();
    await until("nothing is left", () => held().length <= before.length);
  },

  "a leg that is gone, before or while it is attached, is a failure": async ({ yate, party }) => {
    const before = held();
    const attaching = attachAudio({ yate, leg: party.leg });
    const hangup = party.hangup();
    const outcome = await attaching;
    await hangup;
    if (outcome.kind === "attached") assert.deepEqual(await outcome.audio.ended, { kind: "hangup" });
    else assert.match(outcome.error.code, /abandoned|no-audio/);
    const late = await attachAudio({ yate, leg: party.leg });
    assert.ok(late.kind === "failed" && late.error.code === "no-audio");
    assert.match(late.error.message, /does not know this leg/);
    await until("nothing is left", () => held().length <= before.length);
  },

  "a signal ends it before, while and after it is attached": async ({ yate, party }) => {
    const before = held();
    for (const afterMs of [-1, 0, 1, 100]) {
      const control = new AbortController();
      if (afterMs < 0) control.abort("enough");
      else setTimeout(() => control.abort("enough"), afterMs);
      const outcome = await attachAudio({ yate, leg: party.leg, signal: control.signal });
      if (outcome.kind === "attached") {
        assert.deepEqual(await outcome.audio.ended, { kind: "aborted" });
        await outcome.audio.close();
      } else assert.equal(outcome.error.code, "abandoned");
    }
    await until("nothing is left", () => held().length <= before.length);
    const status = await yate.msg("engine.status", { module: "yrtp" }).dispatch();
    assert.ok(!status.retvalue.includes(`=${party.leg}`), status.retvalue);
  },

  "addresses that cannot be, and arguments that make no sense, are told": async ({ yate, party }) => {
    const { leg } = party;
    for (const host of ["nowhere", ""]) {
      const outcome = await attachAudio({ yate, leg, host });
      assert.ok(outcome.kind === "failed" && outcome.error.code === "no-audio", host);
    }
    const phone = await attachAudio({ yate, leg: "sip/1" });
    assert.ok(phone.kind === "failed" && phone.error.message.includes("attach to its peer"));
    const none = await attachAudio({ yate, leg: "" });
    assert.equal(none.kind, "failed");
    await assert.rejects(attachAudio({ yate, leg, lowWaterMs: Number.NaN }), /bad-argument/);
    await assert.rejects(attachAudio({ yate, leg, format: "opus" as "alaw" }), /bad-argument/);
  },

  "strangers and garbage are counted, and told once": async ({ yate, party, attach, logged }) => {
    const asked = yate.onwatch(
      "chan.attach",
      (m) => m.get("id") === party.leg && m.get("remoteport") !== undefined,
    );
    const audio = await attach();
    const port = Number((await asked).get("remoteport"));
    const status = await yate.msg("engine.status", { module: "yrtp" }).dispatch();
    assert.ok(status.retvalue.includes(audio.rtpId));
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.bind(0, "127.0.0.1", resolve));
    for (let i = 0; i < 50; i++) stranger.send(Buffer.alloc(i * 7, i), port, "127.0.0.1");
    await until("they came", () => audio.figures.strangers === 50);
    stranger.close();
    assert.equal(logged.filter((line) => line.includes("are dropped")).length, 1);
    await party.talk(codes.slice(0, 10));
    await until("the party is heard all the same", () => audio.figures.packetsReceived >= 10);
    assert.equal(audio.figures.malformed, 0);
  },

  "a listener that throws, and one that is too slow, harm nobody": async ({ party, attach, logged }) => {
    const audio = await attach();
    const frames = audio.frames({ maxQueuedMs: 100 });
    let heard = 0;
    audio.onFrame(() => {
      throw new Error("mistake");
    });
    const leave = audio.onFrame(({ kind }) => void (kind === "heard" && heard++));
    await party.talk(codes.slice(0, 20));
    await delay(60);
    leave();
    assert.ok(heard >= 15);
    assert.equal(frames.queued, 5);
    assert.ok(frames.dropped > 10);
    assert.equal(audio.figures.framesDropped, frames.dropped);
    assert.equal(logged.filter((line) => line.includes("mistake")).length, 1);
    const { done } = await frames.next();
    assert.equal(done, false);
    await frames.return();
    assert.equal((await frames.next()).done, true);
    assert.throws(() => audio.frames({ maxQueuedMs: 0 }), /bad-argument/);
  },

  "the party is recorded on the left, what it heard on the right": async ({ party, attach }) => {
    const folder = await mkdtemp(join(tmpdir(), "yayts-audio-"));
    try {
      const audio = await attach();
      const to = join(folder, "in/both.wav");
      const recording = recordLoop({ audio, to, stereo: true, maxMs: 600, trimSilence: false });
      await delay(40);
      void audio.write(soundOf(codes.slice(40, 50)));
      await party.talk(codes.slice(0, 10));
      const end = await recording;
      assert.ok(end.kind === "finished" && end.by === "max");
      assert.deepEqual([end.durationMs, end.file], [600, to]);
      const bytes = await readFile(to);
      assert.equal(bytes.length, 44 + 600 * 8 * 4);
      assert.equal(bytes.toString("latin1", 0, 4), "RIFF");
      assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
      assert.equal(bytes.readUInt32LE(40), bytes.length - 44);
      const samples = new Int16Array(
        bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length),
      );
      const side = (of: 0 | 1): Set<number> => new Set(samples.filter((_, i) => i % 2 === of));
      for (const code of codes.slice(0, 9)) assert.ok(side(0).has(frameOf(code)[0] ?? 0));
      for (const code of codes.slice(40, 50)) assert.ok(side(1).has(frameOf(code)[0] ?? 0));
      assert.ok(!side(1).has(frameOf(codes[3] ?? quiet)[0] ?? 0));
    } finally {
      await rm(folder, { recursive: true });
    }
  },

  "a message is recorded until the party is silent, presses a key or hangs up": async ({ party, attach }) => {
    const audio = await attach();
    const said = codes.slice(30, 55);
    const silent = recordLoop({ audio, silenceMs: 700, initialSilenceMs: 3000, beep: true });
    await delay(500);
    await party.talk(said);
    const first = await silent;
    assert.ok(first.kind === "finished" && first.by === "silence" && first.spoken);
    assert.ok(first.durationMs >= 700 && first.durationMs < 1300, `${first.durationMs} ms`);
    assert.equal(first.samples?.length, first.durationMs * 8);
    assert.ok(
      party.heard.some(({ payload }) => isSound(payload)),
      "the beep",
    );
    const nothing = await recordLoop({ audio, silenceMs: 300 });
    assert.ok(nothing.kind === "finished" && nothing.by === "silence" && !nothing.spoken);
    const key = await recordLoop({ audio, finishOn: delay(200, "#") });
    assert.ok(key.kind === "finished" && key.by === "key" && key.key === "#");
    const control = new AbortController();
    setTimeout(() => control.abort(), 100);
    const stopped = await recordLoop({ audio, signal: control.signal });
    assert.ok(stopped.kind === "finished" && stopped.by === "stopped");
    const gone = recordLoop({ audio, maxMs: 5000, beep: true });
    await delay(100);
    await party.hangup();
    const last = await gone;
    assert.ok(last.kind === "finished" && last.by === "hangup");
    const late = await recordLoop({ audio, to: join(tmpdir(), "never.wav"), beep: true });
    assert.ok(late.kind === "finished" && late.by === "hangup" && late.file === undefined);
  },
};

export function audioContract(title: string, start: () => Promise<AudioSubject>): void {
  describe(`sound of a leg on ${title}`, { timeout: 120_000 }, () => {
    let subject: AudioSubject;
    before(async () => {
      subject = await start();
    });
    after(() => subject?.stop());

    for (const [promise, story] of Object.entries(stories)) {
      it(promise, { timeout: 20_000 }, async () => {
        const yate = await subject.connect();
        const logged: string[] = [];
        const note = (text: string): void => void logged.push(text);
        const log: Logger = { debug() {}, info() {}, warn: note, error: note };
        try {
          await using party = await createParty(yate);
          const attached: AudioAttachment[] = [];
          try {
            await story({
              yate,
              party,
              logged,
              async attach(options = {}) {
                const outcome = await attachAudio({ yate, leg: party.leg, log, ...options });
                if (outcome.kind === "failed") throw outcome.error;
                attached.push(outcome.audio);
                return outcome.audio;
              },
            });
          } finally {
            for (const audio of attached) await audio.close();
          }
        } finally {
          yate.abort();
        }
      });
    }

    it("the loss of the engine ends it", { timeout: 20_000 }, async () => {
      const own = await start();
      const yate = await own.connect();
      const party = await createParty(yate);
      const outcome = await attachAudio({ yate, leg: party.leg });
      assert.ok(outcome.kind === "attached");
      const mark = outcome.audio.mark("x");
      assert.equal((await mark).kind, "played");
      yate.abort();
      assert.deepEqual(await outcome.audio.ended, { kind: "disconnected" });
      const late = await attachAudio({ yate, leg: party.leg });
      assert.equal(late.kind, "failed");
      party.close();
      await own.stop();
    });
  });
}
