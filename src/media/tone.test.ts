import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  createDescribedTone,
  createOneShotTone,
  createTone,
  detectDigits,
  dtmfFrequencies,
  samplesOf,
  standardTones,
  type ToneGenerator,
} from "./index.ts";

interface Recording {
  blocks: number;
  sha256: string;
}
const reference: { endless: Record<string, Recording>; oneShot: Record<string, Recording> } = JSON.parse(
  readFileSync(new URL("./vectors/tone-reference.json", import.meta.url), "utf8"),
);

function take(generator: ToneGenerator | undefined, blocks: number): Uint8Array[] {
  assert.ok(generator);
  const result: Uint8Array[] = [];
  for (let i = 0; i < blocks; i++) {
    const block = generator.next();
    if (!block) break;
    result.push(block);
  }
  return result;
}

function samples(generator: ToneGenerator | undefined, blocks = 1000): Int16Array {
  return samplesOf(new Uint8Array(Buffer.concat(take(generator, blocks))));
}

function sha256(blocks: Uint8Array[]): string {
  return createHash("sha256").update(Buffer.concat(blocks)).digest("hex");
}

/** Amplitude of a frequency in samples at 8 kHz. */
function amplitude(x: Int16Array, hz: number): number {
  let c = 0;
  let s = 0;
  x.forEach((value, i) => {
    c += value * Math.cos((2 * Math.PI * hz * i) / 8000);
    s += value * Math.sin((2 * Math.PI * hz * i) / 8000);
  });
  return (2 * Math.hypot(c, s)) / x.length;
}

test("endless tones are, sample by sample, what the reference engine plays in 12 seconds", () => {
  for (const [name, { blocks, sha256: expected }] of Object.entries(reference.endless)) {
    assert.equal(sha256(take(createTone(name), blocks)), expected, name);
  }
});

test("one-shot tones are, sample by sample, what the reference engine plays, and end with the sound", () => {
  for (const [spec, { blocks, sha256: expected }] of Object.entries(reference.oneShot)) {
    const heard = take(createOneShotTone(spec), spec.startsWith("*") ? blocks : 1000);
    assert.equal(heard.length, blocks, spec);
    assert.equal(sha256(heard), expected, spec);
  }
});

test("the dial tone goes on without a jump", () => {
  const heard = samples(createTone("dial"), 200);
  for (let i = 19; i < heard.length; i++) assert.equal(heard[i], heard[i - 19]);
  assert.equal(Math.max(...heard), 9965);
});

test("the information tone has its three frequencies, each 330 ms", () => {
  const heard = samples(createTone("info"), 103);
  for (const [i, hz] of [941.2, 1454.5, 1777.8].entries()) {
    const start = i * 2880;
    assert.ok(amplitude(heard.slice(start, start + 2640), hz) > 9900, String(hz));
    assert.ok(heard.subarray(start + 2640, start + 2880).every((x) => x === 0));
  }
});

test("every name and alias is found whatever its case and blanks", () => {
  for (const { name, aliases, oneShotOnly } of standardTones) {
    for (const alias of [name, ...aliases]) {
      assert.equal(createTone(` ${alias.toUpperCase()} `) === undefined, oneShotOnly, alias);
      assert.ok(createOneShotTone(alias), alias);
    }
  }
});

test("as source only cadenced names are known", () => {
  for (const name of ["dtmf/5", "5", "440", "callwaiting", "unknown", "", "cadence/1", "*dial"]) {
    assert.equal(createTone(name), undefined, name);
  }
});

test("a string of keys is heard as those keys, with silence for what is none", () => {
  const keys = Object.keys(dtmfFrequencies).join("");
  const heard = samples(createOneShotTone(`dtmfstr/${keys}`));
  assert.equal(heard.length, (keys.length * 160 + 40) * 8);
  assert.equal(
    detectDigits(heard)
      .map(({ digit }) => digit)
      .join(""),
    keys,
  );
  const gap = samples(createOneShotTone("dtmfstr/1x2"));
  const [first, second] = detectDigits(gap);
  assert.ok(first && second);
  assert.ok(Math.abs(second.startSample - first.startSample - 320 * 8) < 60);
});

test("computed tones have 5000 a component, and sum and modulation differ", () => {
  const sum = samples(createOneShotTone("440+620/500"));
  assert.equal(sum.length, 4000);
  assert.ok(Math.abs(amplitude(sum, 440) - 5000) < 5);
  assert.ok(Math.abs(amplitude(sum, 620) - 5000) < 5);
  const modulated = samples(createOneShotTone("125*2000"));
  assert.ok(Math.abs(amplitude(modulated, 2000) - 5000) < 5);
  assert.ok(Math.abs(amplitude(modulated, 1875) - 1250) < 5);
  assert.ok(amplitude(modulated, 125) < 5);
});

test("0 is silence, a negative number noise of that level, and a time is rounded up to 20 ms", () => {
  const quiet = samples(createOneShotTone("0/205"));
  assert.equal(quiet.length, 220 * 8);
  assert.ok(quiet.every((x) => x === 0));
  const noise = samples(createOneShotTone("-10"));
  const rms = Math.sqrt(noise.reduce((total, x) => total + x * x, 0) / noise.length);
  assert.ok(rms > 33 && rms < 39, String(rms));
  assert.ok(noise.every((x) => Math.abs(x) <= 63));
});

test("a leading * repeats for ever", () => {
  assert.equal(samples(createOneShotTone("*440/100"), 1000).length, 160000);
  assert.equal(samples(createOneShotTone("*busy"), 1000).length, 160000);
  assert.equal(samples(createOneShotTone("dtmf/*")).length, 1600);
  assert.equal(samples(createOneShotTone("*dtmfstr/12")).length, 2880);
});

test("a described tone plays its parts in turn, those with ! in the first pass only", () => {
  const heard = samples(createDescribedTone("!1000/100, 440/100, 0/60"), 26);
  const loud = (startMs: number, hz: number): boolean =>
    amplitude(heard.slice(startMs * 8, (startMs + 60) * 8), hz) > 4900;
  assert.ok(loud(0, 1000) && loud(100, 440) && loud(260, 440) && loud(420, 440));
  assert.ok(!(loud(200, 440) || loud(360, 440)));
  assert.equal(samples(createDescribedTone("!440/100,!0/40")).length, 140 * 8);
  assert.equal(createDescribedTone("440/100,what"), undefined);
});

test("what means nothing is undefined, and no text throws", () => {
  for (const spec of ["", "440+", "cadence/1", "dtmf/x", "dtmfstr/", "440/", "440+-2", "*"]) {
    const made = createOneShotTone(spec);
    assert.equal(made === undefined, spec !== "*", spec);
  }
  fc.assert(fc.property(fc.string(), (spec) => void createOneShotTone(spec)?.next()));
});
