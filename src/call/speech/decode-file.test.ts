import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, createTranslator, packSound, parseFormat, soundWriter } from "../../media/index.ts";
import { decodeFile } from "./decode-file.ts";

const options = { maxSamples: 8000 * 60 };
const fixture = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

/** Frequency by the zero crossings upwards, and level in dB of full scale, of the middle of a sound. */
function heard(samples: Int16Array): { readonly frequencyHz: number; readonly levelDb: number } {
  const middle = samples.subarray(samples.length >> 2, (samples.length * 3) >> 2);
  let crossings = 0;
  for (let i = 1; i < middle.length; i++) if ((middle[i - 1] ?? 0) < 0 && (middle[i] ?? 0) >= 0) crossings++;
  const rms = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
  return { frequencyHz: (crossings * 8000) / middle.length, levelDb: 20 * Math.log10(rms / 23_170) };
}

async function check440(bytes: Uint8Array, name: string, ms: number, toleranceMs = 0): Promise<void> {
  const outcome = await decodeFile(bytes, name, options);
  assert.ok(outcome.kind === "decoded", outcome.kind === "failed" ? outcome.text : "");
  assert.ok(Math.abs(outcome.samples.length / 8 - ms) <= toleranceMs, `${outcome.samples.length / 8} ms`);
  const { frequencyHz, levelDb } = heard(outcome.samples);
  assert.ok(Math.abs(frequencyHz - 440) < 8, `${frequencyHz} Hz`);
  assert.ok(Math.abs(levelDb + 6) < 1, `${levelDb} dB`);
}

// Half a second of 440 Hz at −6 dB, made by sox, lame, oggenc and opusenc. The first has no count of its padding.
for (const [name, toleranceMs] of [
  ["mono-22k.mp3", 80],
  ["stereo-44k.mp3", 1],
  ["mono-44k.ogg", 1],
  ["mono.opus", 1],
] as const) {
  test(`${name} is decoded to the tone that it holds`, () => check440(fixture(name), name, 500, toleranceMs));

  test(`${name} is told by its bytes, whatever its name`, () =>
    check440(fixture(name), "welcome.wav", 500, toleranceMs));

  test(`${name} cut in the middle is truncated, and in its header at least no sound`, async () => {
    const whole = fixture(name);
    for (const part of [0.99, 0.9, 0.6, 0.3]) {
      const outcome = await decodeFile(whole.subarray(0, Math.floor(whole.length * part)), name, options);
      assert.equal(outcome.kind === "failed" && outcome.reason, "truncated", `${part} of it`);
    }
    for (let length = 1; length < 60; length++) {
      const outcome = await decodeFile(whole.subarray(0, length), name, options);
      assert.ok(outcome.kind === "failed" && ["truncated", "not-audio", "empty"].includes(outcome.reason));
    }
  });

  test(`${name} without the package that decodes it says which one to install`, async () => {
    const importPackage = (): Promise<unknown> => Promise.reject(new Error("Cannot find package"));
    const outcome = await decodeFile(fixture(name), name, { ...options, importPackage });
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.reason, "decoder-missing");
    assert.match(
      outcome.text,
      /npm install (mpg123-decoder|@wasm-audio-decoders\/ogg-vorbis|@evan\/opus) \(Cannot find/,
    );
  });
}

interface Wave {
  readonly tag: number;
  readonly bits: number;
  readonly rateHz: number;
  readonly channels: number;
}

const toneAt = (rateHz: number, i: number): number => 0.5012 * Math.sin((2 * Math.PI * 440 * i) / rateHz);

/** Half a second of the tone as a wav file. */
function wave({ tag, bits, rateHz, channels }: Wave, extensible = false): Uint8Array {
  const bytes = bits / 8;
  const frames = rateHz / 2;
  const formatBytes = extensible ? 40 : 16;
  const data = 28 + formatBytes;
  const view = new DataView(new ArrayBuffer(data + frames * channels * bytes));
  const text = (at: number, word: string): void => {
    for (let i = 0; i < 4; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, "RIFF");
  text(8, "WAVE");
  text(12, "fmt ");
  view.setUint32(16, formatBytes, true);
  view.setUint16(20, extensible ? 0xfffe : tag, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint16(34, bits, true);
  if (extensible) view.setUint16(44, tag, true);
  text(data - 8, "data");
  view.setUint32(data - 4, frames * channels * bytes, true);
  for (let i = 0; i < frames * channels; i++) {
    const at = data + i * bytes;
    const value = toneAt(rateHz, Math.floor(i / channels));
    const scaled = Math.round(value * 2 ** (bits - 1));
    if (tag === 3 && bits === 32) view.setFloat32(at, value, true);
    else if (tag === 3) view.setFloat64(at, value, true);
    else if (bits === 8) view.setUint8(at, scaled + 128);
    else for (let b = 0; b < bytes; b++) view.setUint8(at + b, (scaled >> (8 * b)) & 255);
  }
  return new Uint8Array(view.buffer);
}

for (const format of [
  { tag: 1, bits: 8, rateHz: 11_024, channels: 1 },
  { tag: 1, bits: 16, rateHz: 8000, channels: 1 },
  { tag: 1, bits: 16, rateHz: 44_100, channels: 2 },
  { tag: 1, bits: 24, rateHz: 48_000, channels: 2 },
  { tag: 1, bits: 32, rateHz: 22_050, channels: 6 },
  { tag: 3, bits: 32, rateHz: 48_000, channels: 1 },
  { tag: 3, bits: 64, rateHz: 96_000, channels: 2 },
]) {
  const { tag, bits, rateHz, channels } = format;
  test(`a wav of ${channels} channels of ${bits} bits (format ${tag}) at ${rateHz} Hz is decoded, also as an extensible one`, async () => {
    await check440(wave(format), "x.wav", 500);
    await check440(wave(format, true), "x.wav", 500);
  });
}

/** The tone in a format of the engine, in a container as the engine's recorder writes it. */
function recorded(container: "wav" | "au" | "raw", name: string): Uint8Array {
  const format = parseFormat(name);
  const layout = format && soundWriter(container, format);
  const translator = createTranslator("slin", name);
  assert.ok(layout && translator);
  const samples = Int16Array.from({ length: 4160 }, (_, i) => 32_768 * toneAt(8000, i));
  const sound = packSound(layout)(translator.translate(bytesOf(samples)));
  const { patches, trailer } = layout.finish(sound.length);
  const file = Buffer.concat([layout.header, sound, trailer]);
  for (const { offset, bytes } of patches) file.set(bytes, offset);
  return file;
}

for (const [container, format, name] of [
  ["wav", "slin", "x.wav"],
  ["wav", "alaw", "x.wav"],
  ["wav", "mulaw", "x.wav"],
  ["wav", "gsm", "x.wav"],
  ["wav", "2*slin", "x.wav"],
  ["au", "slin", "x.au"],
  ["au", "alaw", "x.au"],
  ["au", "mulaw", "x.au"],
  ["au", "slin/16000", "x.au"],
  ["raw", "slin", "x.slin"],
  ["raw", "alaw", "x.alaw"],
  ["raw", "mulaw", "x.mulaw"],
  ["raw", "gsm", "x.gsm"],
] as const) {
  test(`${format} in ${name}, as engines record it, is decoded`, () =>
    check440(recorded(container, format), name, 520));
}

test("a file that ends before the sound that it promises is truncated", async () => {
  const files = [
    [wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 }).subarray(0, 4000), "x.wav"],
    [recorded("au", "slin").subarray(0, 4000), "x.au"],
    [recorded("raw", "gsm").subarray(0, 40), "x.gsm"],
    [recorded("raw", "slin").subarray(0, 41), "x.slin"],
  ] as const;
  for (const [bytes, name] of files) {
    const outcome = await decodeFile(bytes, name, options);
    assert.equal(outcome.kind === "failed" && outcome.reason, "truncated", name);
  }
});

test("a wav from a pipe, whose header knows no length, is played to its end", async () => {
  for (const length of [0, 0xffffffff, 0x7ffff000]) {
    const bytes = wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 });
    new DataView(bytes.buffer).setUint32(40, length, true);
    await check440(bytes, "x.wav", 500);
  }
});

test("what is no sound, or of a kind that nobody can play, is not audio", async () => {
  const strange = wave({ tag: 0x55, bits: 16, rateHz: 8000, channels: 1 });
  const channels = wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 });
  channels[22] = 99;
  const rate = wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 });
  new DataView(rate.buffer).setUint32(24, 4_000_000_000, true);
  const noData = wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 }).subarray(0, 40);
  for (const [bytes, name] of [
    [Buffer.from("this is a text\n"), "x.wav"],
    [Buffer.from("<html>not found</html>"), "x.mp3"],
    [strange, "x.wav"],
    [channels, "x.wav"],
    [rate, "x.wav"],
    [noData, "x.wav"],
    [Uint8Array.of(0xff, 0xfb), "x.mp3"],
  ] as const) {
    const outcome = await decodeFile(bytes, name, options);
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.reason, "not-audio");
    assert.ok(outcome.text.startsWith(`${name}: it cannot be played: `), outcome.text);
  }
});

test("no bytes, or a header and no sound, are empty", async () => {
  const silentWave = wave({ tag: 1, bits: 16, rateHz: 8000, channels: 1 }).slice(0, 44);
  new DataView(silentWave.buffer).setUint32(40, 0, true);
  for (const [bytes, name] of [
    [new Uint8Array(0), "x.gsm"],
    [silentWave, "x.wav"],
  ] as const) {
    const outcome = await decodeFile(bytes, name, options);
    assert.equal(outcome.kind === "failed" && outcome.reason, "empty");
  }
});

test("a sound over the limit is too large", async () => {
  for (const name of ["stereo-44k.mp3", "mono.opus"]) {
    const outcome = await decodeFile(fixture(name), name, { maxSamples: 1000 });
    assert.equal(outcome.kind === "failed" && outcome.reason, "too-large");
  }
});

test("damaged files end in an outcome, never in an exception", async () => {
  const files = ["mono-22k.mp3", "mono-44k.ogg", "mono.opus"].map((name) => [name, fixture(name)] as const);
  files.push(
    ["x.wav", wave({ tag: 1, bits: 16, rateHz: 8000, channels: 2 })],
    ["x.au", recorded("au", "alaw")],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      async ([name, bytes], changes) => {
        const damaged = Uint8Array.from(bytes);
        // Most of what can go wrong is in the first bytes.
        for (const [at, value] of changes) damaged[at % (at % 2 === 0 ? 100 : damaged.length)] = value;
        const { kind } = await decodeFile(damaged, name, options);
        assert.ok(kind === "decoded" || kind === "failed");
      },
    ),
    { numRuns: 200 },
  );
});
