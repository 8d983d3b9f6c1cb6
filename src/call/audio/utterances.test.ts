import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeSound } from "yayts/testing";
import type { AudioEnd, AudioFrame } from "./audio.ts";
import { type Utterance, type UtterancesOptions, utterances } from "./index.ts";

const prompt = (name: string): Int16Array => {
  const url = new URL(`../../../sounds/${name}.gsm`, import.meta.url);
  return decodeSound(url.pathname, readFileSync(url));
};
const pause = (ms: number): Int16Array => new Int16Array(ms * 8);

/** The party of a call whose time goes by frame by frame, as fast as it can. */
class Party {
  readonly #listeners: Set<(frame: AudioFrame) => void> = new Set();
  readonly #ended: PromiseWithResolvers<AudioEnd> = Promise.withResolvers<AudioEnd>();
  readonly ended: Promise<AudioEnd> = this.#ended.promise;
  nowMs = 1000;

  get listeners(): number {
    return this.#listeners.size;
  }

  onFrame(fn: (frame: AudioFrame) => void): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  /** Says all of it; frames are filled up with silence. */
  say(...sounds: readonly Int16Array[]): void {
    for (const sound of sounds) {
      for (let at = 0; at < sound.length; at += 160) {
        const samples = new Int16Array(160);
        samples.set(sound.subarray(at, at + 160));
        for (const fn of [...this.#listeners]) fn({ samples, kind: "heard", atMs: this.nowMs });
        this.nowMs += 20;
      }
    }
  }

  hangup(): void {
    this.#ended.resolve({ kind: "hangup" });
  }
}

async function collect(party: Party, talk: () => void, options?: UtterancesOptions): Promise<Utterance[]> {
  const speech = utterances(party, options);
  talk();
  party.hangup();
  const all: Utterance[] = [];
  for await (const utterance of speech) all.push(utterance);
  assert.equal(party.listeners, 0);
  return all;
}

/** Where the needle is in the hay, sample by sample; −1 for nowhere. */
function find(hay: Int16Array, needle: Int16Array): number {
  return Buffer.from(hay.buffer, hay.byteOffset, hay.byteLength).indexOf(
    Buffer.from(needle.buffer, needle.byteOffset, needle.byteLength),
  );
}

test("each thing said between two silences is an utterance, whole, with a little of what was around it", async () => {
  const party = new Party();
  const said = ["en/welcome", "digits/en/7", "en/thank-you"].map(prompt);
  const startsMs: number[] = [];
  const all = await collect(party, () => {
    for (const sound of said) {
      party.say(pause(1000));
      startsMs.push(party.nowMs);
      party.say(sound);
    }
    party.say(pause(1000));
  });
  assert.equal(all.length, 3);
  for (const [i, { samples, startMs, endMs, by }] of all.entries()) {
    const sound = said[i] ?? pause(0);
    const lengthMs = sound.length / 8;
    assert.equal(by, "silence");
    assert.ok(
      Math.abs(startMs - (startsMs[i] ?? 0)) <= 100,
      `${i} begins ${startMs - (startsMs[i] ?? 0)} ms late`,
    );
    assert.ok(endMs > startMs && endMs <= (startsMs[i] ?? 0) + lengthMs + 20);
    assert.ok(samples.length >= (endMs - startMs + 200) * 8 && samples.length <= (endMs - startMs + 420) * 8);
    // All of it that can be heard: without the ends that fade in and out.
    const loud = sound.subarray(
      sound.findIndex((x) => Math.abs(x) > 600),
      sound.findLastIndex((x) => Math.abs(x) > 600),
    );
    assert.ok(find(samples, loud) >= 0, `${i} is cut`);
  }
});

test("who speaks is noticed within 140 ms, once an utterance", async () => {
  const party = new Party();
  const speech = utterances(party);
  const noticed: { startMs: number; afterMs: number }[] = [];
  let beganMs = 0;
  const stop = speech.onSpeech((startMs) => noticed.push({ startMs, afterMs: party.nowMs + 20 - beganMs }));
  for (const name of ["en/welcome", "en/goodbye", "digits/en/3"]) {
    party.say(pause(1000));
    const sound = prompt(name);
    beganMs = party.nowMs + sound.findIndex((x) => Math.abs(x) > 600) / 8;
    party.say(sound);
  }
  assert.equal(noticed.length, 3);
  for (const { afterMs } of noticed) assert.ok(afterMs <= 140, `${afterMs} ms`);
  assert.equal(speech.speaking, true);
  party.say(pause(1000));
  assert.equal(speech.speaking, false);
  stop();
  party.say(prompt("en/welcome"));
  assert.equal(noticed.length, 3);
  party.hangup();
});

test("pauses up to the hangover are part of what is said, longer ones are not", async () => {
  const two = [prompt("digits/en/4"), prompt("digits/en/5")] as const;
  const talk = (party: Party, ms: number) => () =>
    party.say(pause(500), two[0], pause(ms), two[1], pause(1200));
  for (const [ms, hangoverMs, count] of [
    [300, 600, 1],
    [900, 600, 2],
    [300, 200, 2],
    [700, 1000, 1],
  ] as const) {
    const party = new Party();
    const all = await collect(party, talk(party, ms), { hangoverMs });
    assert.equal(all.length, count, `${ms} ms of pause, ${hangoverMs} ms of hangover`);
  }
});

test("speech without end comes in pieces that join without a gap", async () => {
  const party = new Party();
  const sound = Int16Array.from(
    { length: 5 * 8000 },
    (_, i) => 9000 * Math.sin(i / 3) * Math.sin(i / 700 + 1),
  );
  const all = await collect(
    party,
    () => party.say(pause(600), sound, pause(900), prompt("digits/en/1"), pause(900)),
    { maxMs: 2000 },
  );
  assert.deepEqual(
    all.map(({ by }) => by),
    ["max", "max", "silence", "silence"],
  );
  const pieces = all.slice(0, 3);
  for (const [i, { startMs }] of pieces.entries()) if (i > 0) assert.equal(startMs, pieces[i - 1]?.endMs);
  const joined = Int16Array.from(pieces.flatMap(({ samples }) => [...samples]));
  assert.ok(find(joined, sound) >= 0);
  assert.ok(pieces.every(({ startMs, endMs }) => endMs - startMs <= 2000));
});

test("a piece of nothing but the silence after the last one is none", async () => {
  const party = new Party();
  const sound = Int16Array.from(
    { length: 2000 * 8 },
    (_, i) => 9000 * Math.sin(i / 3) * Math.sin(i / 700 + 1),
  );
  const all = await collect(party, () => party.say(pause(600), sound, pause(2000)), { maxMs: 2000 });
  assert.deepEqual(
    all.map(({ by }) => by),
    ["max"],
  );
});

test("what is being said at the end of the audio is not lost, nor what waits to be taken", async () => {
  const party = new Party();
  const all = await collect(party, () =>
    party.say(pause(500), prompt("digits/en/9"), pause(900), prompt("en/welcome")),
  );
  assert.deepEqual(
    all.map(({ by }) => by),
    ["silence", "end"],
  );
  assert.equal(all[1]?.endMs, party.nowMs);
});

test("listen tells when nobody begins to speak in time, and waits for who has begun", async () => {
  const party = new Party();
  const speech = utterances(party);
  const silent = speech.listen(2000);
  const patient = speech.listen(4000);
  party.say(pause(1900));
  const state = await Promise.race([silent, "not yet"]);
  assert.equal(state, "not yet");
  party.say(pause(200));
  assert.deepEqual(await silent, { kind: "silence" });
  // Begins before its time is over, and is longer than that.
  party.say(prompt("en/welcome"), prompt("en/press-a-key"), pause(800));
  const heard = await patient;
  assert.ok(heard.kind === "utterance" && heard.utterance.endMs > heard.utterance.startMs + 1000);
  party.hangup();
  assert.deepEqual(await speech.listen(1000), { kind: "ended" });
  await assert.rejects(speech.listen(0), /silenceMs/);
});

test("a loop that is left takes its listener away, and one that is too slow loses the oldest", async () => {
  const party = new Party();
  const speech = utterances(party, { maxQueued: 2 });
  for (const digit of [1, 2, 3, 4]) party.say(pause(800), prompt(`digits/en/${digit}`));
  party.say(pause(800));
  assert.deepEqual([speech.queued, speech.dropped], [2, 2]);
  const startsMs: number[] = [];
  for await (const { startMs } of speech) {
    startsMs.push(startMs);
    if (startsMs.length === 2) break;
  }
  assert.ok((startsMs[1] ?? 0) > (startsMs[0] ?? 0));
  assert.equal(party.listeners, 0);
  assert.equal((await speech.next()).done, true);
});

test("what a listener to the beginning of speech throws ends the loop, which throws it", async () => {
  const party = new Party();
  const speech = utterances(party);
  speech.onSpeech(() => {
    throw new Error("mistake");
  });
  const next = speech.next();
  party.say(pause(500), prompt("en/welcome"), pause(900));
  await assert.rejects(next, /mistake/);
  await assert.rejects(speech.next(), /mistake/);
  assert.equal(party.listeners, 0);
});

test("clicks, noise and silence are no utterances, and options that make no sense are told", async () => {
  const party = new Party();
  let state = 1;
  const noise = Int16Array.from({ length: 5 * 8000 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 400 * (state / 2 ** 31 - 1);
  });
  const click = Int16Array.from({ length: 160 }, (_, i) => (i < 40 ? 20_000 : 0));
  assert.deepEqual(
    await collect(party, () => party.say(pause(500), click, pause(900), noise, pause(500))),
    [],
  );
  for (const options of [{ preRollMs: -1 }, { maxMs: 0 }, { maxQueued: Number.NaN }])
    assert.throws(() => utterances(party, options), /bad-argument/);
});
