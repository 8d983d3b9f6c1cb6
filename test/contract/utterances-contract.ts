/** The contract of speech against an app that speaks itself (barge-in), run over the embedded engine and a real YATE. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { utterances, withCalls, type Yate } from "yayts";
import { decodeAlaw, encodeAlaw } from "yayts/media";
import { attachAudio } from "../../src/call/audio/index.ts";
import type { AudioSubject } from "./audio-contract.ts";
import { createParty } from "./audio-party.ts";
import { Calling } from "./call-sound-contract.ts";

const isSound = (payload: Uint8Array): boolean => payload.some((code) => Math.abs(decodeAlaw(code)) > 100);
const voice = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(6000 * Math.sin(i / 6) * Math.cos(i / 70)));
/** Loud enough for speech: steps from frame to frame. */
const shout = (frames: number): number[] =>
  Array.from({ length: frames }, (_, i) => encodeAlaw(i % 2 ? 16_000 : -16_000));

export function utterancesContract(title: string, start: () => Promise<AudioSubject>): void {
  describe(`utterances over ${title}`, { timeout: 60_000 }, () => {
    let subject: AudioSubject;
    let yate: Yate;
    before(async () => {
      subject = await start();
      yate = await subject.connect();
    });
    after(async () => {
      yate.abort();
      await subject.stop();
    });

    it("who talks over the app hears it stop within 40 ms of being noticed, and is listened to", async (t) => {
      await using party = await createParty(yate);
      const attached = await attachAudio({ yate, leg: party.leg });
      assert.ok(attached.kind === "attached");
      await using audio = attached.audio;
      const speech = utterances(audio);
      let noticedAtMs = 0;
      speech.onSpeech(() => {
        noticedAtMs = performance.now();
        audio.clear();
      });
      const [stopMs, noticeMs]: [number[], number[]] = [[], []];
      for (let i = 0; i < 8; i++) {
        void audio.write(voice(3000));
        const mark = audio.mark("whole");
        await delay(200 + i * 7);
        const beganAtMs = performance.now();
        await party.talk(shout(20));
        const heard = await speech.listen(1000);
        assert.ok(heard.kind === "utterance" && heard.utterance.by === "silence");
        const { startMs, endMs, samples } = heard.utterance;
        assert.ok(endMs - startMs >= 340 && endMs - startMs <= 520, `${endMs - startMs} ms of speech`);
        assert.ok(samples.length >= (endMs - startMs) * 8);
        assert.equal((await mark).kind, "cleared");
        const last = party.heard.findLast(({ payload }) => isSound(payload));
        stopMs.push((last?.arrivalMs ?? 0) - noticedAtMs);
        noticeMs.push(noticedAtMs - beganAtMs);
      }
      for (const list of [stopMs, noticeMs]) list.sort((a, b) => a - b);
      const round = (list: number[]): string => list.map((ms) => Math.round(ms)).join(" ");
      t.diagnostic(`noticed after ${round(noticeMs)} ms, silent ${round(stopMs)} ms after that`);
      // The one that a busy machine spoils is not ours.
      assert.ok((stopMs.at(-2) ?? 0) <= 40, `the last sound came ${round(stopMs)} ms after`);
      assert.ok((noticeMs.at(-2) ?? 0) <= 250, `noticed after ${round(noticeMs)} ms`);
    });

    it("the hang-up in the middle of a word gives what was said until then, and ends the loop", async () => {
      await using party = await createParty(yate);
      const attached = await attachAudio({ yate, leg: party.leg });
      assert.ok(attached.kind === "attached");
      const speech = utterances(attached.audio);
      await party.talk(shout(15));
      await party.hangup();
      const all: string[] = [];
      for await (const { by } of speech) all.push(by);
      assert.deepEqual(all, ["end"]);
      assert.deepEqual(await speech.listen(1000), { kind: "ended" });
    });

    it("a prompt that clear() or close() cuts off tells so, and what was to follow is not played", async (t) => {
      const callers = await subject.connect();
      const app = withCalls(await subject.connect());
      t.after(() => {
        app.abort();
        callers.abort();
      });
      const calling = new Calling(app, callers);
      await app.setlocal("engine.version");
      const { call, caller } = await calling.answered();
      for (const cut of ["clear", "close"] as const) {
        const opened = await call.audio();
        assert.ok(opened.kind === "open");
        const playing = call.play(["en/unavailable", "en/unavailable", "en/unavailable"]);
        while (opened.audio.queuedMs === 0) await delay(5);
        await delay(500);
        void opened.audio[cut]();
        const end = await playing;
        assert.ok(end.kind === "stopped" && end.by === "app", `${cut}: ${JSON.stringify(end)}`);
        assert.ok(end.playedMs > 100 && end.playedMs < 1200, `${cut}: ${end.playedMs} ms`);
      }
      const opened = await call.audio();
      const playing = call.play(["en/unavailable", "en/unavailable"]);
      await delay(300);
      await caller.hangup();
      assert.equal((await playing).kind, "hangup");
      assert.ok(opened.kind === "open" && opened.audio.over);
    });
  });
}
