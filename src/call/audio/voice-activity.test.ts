import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createTranslator, parseFormat, samplesOf } from "yayts/media";
import { createVoiceActivity, type VoiceEvent } from "./index.ts";

const sounds = fileURLToPath(new URL("../../../sounds/", import.meta.url));

function prompt(path: string): Int16Array {
  const [gsm, slin] = [parseFormat("gsm"), parseFormat("slin")];
  assert.ok(gsm && slin);
  const translator = createTranslator(gsm, slin);
  assert.ok(translator);
  return samplesOf(translator.translate(readFileSync(join(sounds, path)))).slice();
}

const prompts: readonly string[] = ["en", "pl"].flatMap((language) =>
  readdirSync(join(sounds, language))
    .filter((name) => name.endsWith(".gsm"))
    .map((name) => `${language}/${name}`),
);

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Noise = (i: number) => number;
const random = seeded(7);
let brown = 0;
const noises: Readonly<Record<string, Noise>> = {
  white: () => random() * 2 - 1,
  // Nearer to a room's.
  brown: () => {
    brown = 0.95 * brown + 0.3 * (random() * 2 - 1);
    return brown;
  },
  hum: (i) => Math.sin((2 * Math.PI * 50 * i) / 8000) + 0.5 * Math.sin((2 * Math.PI * 150 * i) / 8000),
};

const rms = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

/** Silence, the prompt, silence, in noise that is so much fainter than the prompt. */
function scene(
  speech: Int16Array,
  noise: Noise,
  snrDb: number,
): { samples: Int16Array; fromMs: number; toMs: number } {
  const [before, after] = [16_000, 16_000];
  const made = Float64Array.from({ length: before + speech.length + after }, (_, i) => noise(i));
  const power = Math.sqrt(made.reduce((sum, x) => sum + x * x, 0) / made.length);
  const scale = rms(speech) / power / 10 ** (snrDb / 20);
  const samples = Int16Array.from(made, (x, i) => {
    const sum = scale * x + (speech[i - before] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
  const loud = 0.15 * rms(speech);
  const first = speech.findIndex((x) => Math.abs(x) > loud);
  const last = speech.findLastIndex((x) => Math.abs(x) > loud);
  return { samples, fromMs: (before + first) / 8, toMs: (before + last) / 8 };
}

function eventsOf(samples: Int16Array): VoiceEvent[] {
  const activity = createVoiceActivity();
  const events: VoiceEvent[] = [];
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    const event = activity.push(samples.subarray(at, at + 160));
    if (event) events.push(event);
  }
  return events;
}

for (const [name, noise] of Object.entries(noises)) {
  for (const snrDb of [30, 20, 15]) {
    test(`every prompt is heard as speech, begun and ended in time, in ${name} noise ${snrDb} dB below it`, () => {
      const startsOffMs: number[] = [];
      const endsOffMs: number[] = [];
      for (const path of prompts) {
        const { samples, fromMs, toMs } = scene(prompt(path), noise, snrDb);
        const events = eventsOf(samples);
        const [first] = events;
        const last = events.at(-1);
        assert.ok(first?.kind === "speech-started", `${path}: nothing heard`);
        assert.ok(last?.kind === "speech-ended", `${path}: no end`);
        startsOffMs.push(Math.abs(first.atMs - fromMs));
        endsOffMs.push(Math.abs(last.atMs - toMs));
        assert.ok(events.length <= 4, `${path}: ${JSON.stringify(events)}`);
      }
      const worst = (values: number[]): number =>
        values.sort((a, b) => a - b)[Math.floor(values.length * 0.9)] ?? 0;
      // In strong noise a soft beginning, as of an f, cannot be told from it.
      assert.ok(worst(startsOffMs) <= (snrDb < 20 ? 250 : 120), `starts ${startsOffMs}`);
      assert.ok(worst(endsOffMs) <= 250, `ends ${endsOffMs}`);
    });
  }
}

test("speech is heard from the first frame on", () => {
  for (const path of prompts) {
    const speech = prompt(path);
    const first = speech.findIndex((x) => Math.abs(x) > 0.3 * rms(speech));
    const events = eventsOf(speech.subarray(first));
    assert.ok(
      events[0]?.kind === "speech-started" && events[0].atMs <= 200,
      `${path} ${JSON.stringify(events[0])}`,
    );
  }
});

test("noise alone is no speech, also when it becomes ten times as strong for good", () => {
  for (const noise of Object.values(noises)) {
    for (const level of [30, 300, 1500]) {
      const samples = Int16Array.from({ length: 80_000 }, (_, i) => level * noise(i));
      assert.deepEqual(eventsOf(samples), []);
    }
  }
  const rising = Int16Array.from(
    { length: 160_000 },
    (_, i) => (i < 60_000 ? 100 : 1000) * (random() * 2 - 1),
  );
  const events = eventsOf(rising);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["speech-started", "speech-ended"],
  );
  assert.ok((events[1]?.atMs ?? 0) < 60_000 / 8 + 4000, "it gets used to it within four seconds");
});

test("silence, also of many minutes, and clicks are no speech", () => {
  const clicks = new Int16Array(8000 * 60);
  for (let at = 4000; at < clicks.length; at += 8000) clicks.fill(15_000, at, at + 200);
  assert.deepEqual(eventsOf(clicks), []);
  assert.deepEqual(eventsOf(new Int16Array(8000 * 600)), []);
});

test("silence that was made between words of a noisy line does not make its noise speech", () => {
  // What a phone with voice activity detection of its own sends: noise comes and goes with the speech.
  const noisy = Int16Array.from({ length: 8000 * 20 }, (_, i) =>
    i % 16_000 < 8000 && i > 24_000 ? 0 : 600 * (random() * 2 - 1),
  );
  assert.deepEqual(eventsOf(noisy), []);
});

test("pauses up to the hangover belong to the speech, longer ones do not", () => {
  const word = prompt("en/goodbye.gsm");
  const activity = (pauseMs: number): string[] => {
    const samples = new Int16Array(8000 + 2 * word.length + pauseMs * 8 + 2400);
    samples.set(word, 8000);
    samples.set(word, 8000 + word.length + pauseMs * 8);
    const detector = createVoiceActivity({ hangoverMs: 1000 });
    const kinds: string[] = [];
    for (let at = 0; at + 160 <= samples.length; at += 160) {
      const event = detector.push(samples.subarray(at, at + 160));
      if (event) kinds.push(event.kind);
    }
    return kinds;
  };
  assert.deepEqual(activity(400), ["speech-started"]);
  assert.deepEqual(activity(1500), ["speech-started", "speech-ended", "speech-started"]);
});

test("the same frames give the same events, and times are those of the frames", () => {
  const { samples } = scene(prompt("en/welcome.gsm"), noises.hum ?? (() => 0), 20);
  assert.deepEqual(eventsOf(samples), eventsOf(samples));
  const detector = createVoiceActivity();
  const events: VoiceEvent[] = [];
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    const event = detector.push(samples.subarray(at, at + 160), 1_000_000 + at / 8);
    if (event) events.push(event);
  }
  assert.deepEqual(
    events,
    eventsOf(samples).map((event) => ({ ...event, atMs: event.atMs + 1_000_000 })),
  );
});
