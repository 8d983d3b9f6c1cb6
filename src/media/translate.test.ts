import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  bytesOf,
  correlation,
  createTranslator,
  mediaFormats,
  samplesOf,
  type Translator,
  translationCost,
} from "./index.ts";

const speech = new Uint8Array(readFileSync(new URL("./vectors/speech.slin", import.meta.url)));

function translator(from: string, to: string): Translator {
  const made = createTranslator(from, to);
  assert.ok(made, `${from} to ${to}`);
  return made;
}

test("costs are those of the reference engine's conversions and chains", () => {
  const costs: [string, string, number | undefined][] = [
    ["slin", "slin", 0],
    ["slin", "alaw", 1],
    ["alaw/16000", "mulaw/16000", 1],
    ["slin", "slin/32000", 2],
    ["slin", "2*slin", 1],
    ["2*slin/16000", "slin/16000", 2],
    ["2*mulaw", "2*slin", 1],
    ["gsm", "slin", 5],
    ["gsm", "mulaw", 6],
    ["alaw", "mulaw/16000", 4],
    ["2*alaw", "slin", 3],
    ["gsm", "alaw/32000", 8],
    ["slin", "2*slin/16000", 3],
    // Four steps: to linear, to mono, to the other rate, to A-law.
    ["2*alaw", "alaw/16000", undefined],
    ["slin", "g729", undefined],
    ["nothing", "slin", undefined],
  ];
  for (const [from, to, cost] of costs) assert.equal(translationCost(from, to), cost, `${from} to ${to}`);
});

test("there is a translator exactly where there is a cost", () => {
  for (const from of mediaFormats()) {
    for (const to of mediaFormats()) {
      assert.equal(createTranslator(from, to) === undefined, translationCost(from, to) === undefined);
    }
  }
});

test("equal formats pass the very block through", () => {
  const block = new Uint8Array(160);
  assert.equal(translator("alaw", "alaw").translate(block), block);
});

test("every way there and back from slin keeps the speech", () => {
  for (const format of mediaFormats()) {
    const there = createTranslator("slin", format);
    const back = createTranslator(format, "slin");
    if (!(there && back)) continue;
    const heard = samplesOf(back.translate(there.translate(speech)));
    assert.ok(Math.abs(heard.length - speech.length / 2) <= 160, format.name);
    // Changing the rate delays by 35 samples of the higher rate a step; half a sample costs some correlation.
    const delay = Math.ceil({ 8000: 0, 16000: 35, 32000: 52.5 }[format.sampleRateHz]);
    const score = correlation(heard.subarray(delay), samplesOf(speech));
    const least = format.codec === "gsm" || format.sampleRateHz === 32000 ? 0.9 : 0.99;
    assert.ok(score > least, `${format.name}: ${score}`);
  }
});

test("how a stream is cut into blocks makes no difference, odd bytes and cut frames included", () => {
  const formats = mediaFormats().filter(({ name }) => translationCost("slin", name) !== undefined);
  const input = speech.subarray(4800, 4800 + 3200);
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }),
      (format, cuts) => {
        const whole = translator("slin", format.name).translate(input);
        const piecemeal = translator("slin", format.name);
        const parts: number[] = [];
        let at = 0;
        for (const cut of [...cuts, input.length]) {
          parts.push(...piecemeal.translate(input.subarray(at, at + cut)));
          at += cut;
        }
        assert.deepEqual(Uint8Array.from(parts), whole);
      },
    ),
  );
});

test("no bytes make a translator throw", () => {
  const formats = mediaFormats();
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.constantFrom(...formats),
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 4 }),
      (from, to, blocks) => {
        const made = createTranslator(from, to);
        for (const block of blocks) made?.translate(block);
      },
    ),
  );
});

test("two channels average to one and one is doubled to two", () => {
  const stereo = translator("slin", "2*slin").translate(bytesOf(Int16Array.of(5, -7)));
  assert.deepEqual([...samplesOf(stereo)], [5, 5, -7, -7]);
  const mono = translator("2*slin", "slin").translate(bytesOf(Int16Array.of(32767, 32767, 100, -300)));
  assert.deepEqual([...samplesOf(mono)], [32767, -100]);
});
