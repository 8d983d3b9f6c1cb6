import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  alawToSlin,
  createDtmfDetector,
  type DetectedDigit,
  detectDigits,
  dtmfFrequencies,
  GsmDecoder,
  GsmEncoder,
  mulawToSlin,
  samplesOf,
  slinToAlaw,
  slinToMulaw,
} from "./index.ts";

const KEYS = Object.keys(dtmfFrequencies);

function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./vectors/${name}`, import.meta.url)));
}

/** A key between silences, the high tone `twist` times the low one, in white noise of a peak. */
function keyPress(
  key: string,
  {
    ms = 60,
    start = 500,
    low = 4000,
    twist = 1,
    noise = 0,
  }: { ms?: number; start?: number; low?: number; twist?: number; noise?: number },
): Int16Array {
  const [f1, f2] = dtmfFrequencies[key] ?? [0, 0];
  const length = ms * 8;
  let seed = 1;
  return Int16Array.from({ length: start + length + 800 }, (_, i) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const hiss = noise * (seed / 1073741824 - 1);
    const n = i - start;
    if (n < 0 || n >= length) return hiss;
    return (
      hiss +
      low * Math.sin((2 * Math.PI * f1 * n) / 8000) +
      low * twist * Math.sin((2 * Math.PI * f2 * n) / 8000 + 1)
    );
  });
}

function heard(samples: Int16Array): string {
  return detectDigits(samples)
    .map(({ digit }) => digit)
    .join("");
}

test("all sixteen keys of sox are heard, with their times", () => {
  const digits = detectDigits(mulawToSlin(vector("dtmf.mulaw")));
  assert.equal(digits.map(({ digit }) => digit).join(""), "123A456B789C*0#D");
  digits.forEach(({ startSample, endSample }, i) => {
    const start = 400 + i * 1440;
    assert.ok(Math.abs(startSample - start) < 60, `${startSample} for ${start}`);
    assert.ok(Math.abs((endSample ?? 0) - start - 640) < 60, `${endSample} for ${start + 640}`);
  });
});

test("a key of 50 ms is heard and one of 30 ms is not, wherever it falls", () => {
  for (const key of KEYS) {
    for (let start = 400; start < 436; start += 5) {
      assert.equal(heard(keyPress(key, { ms: 50, start })), key);
      assert.equal(heard(keyPress(key, { ms: 30, start })), "");
    }
  }
});

test("keys are heard through A-law, mu-law and GSM", () => {
  for (const key of KEYS) {
    const press = keyPress(key, { ms: 80 });
    assert.equal(heard(alawToSlin(slinToAlaw(press))), key);
    assert.equal(heard(mulawToSlin(slinToMulaw(press))), key);
    assert.equal(heard(new GsmDecoder().decode(new GsmEncoder().encode(press))), key);
  }
});

test("soft keys, 6 dB of twist either way and noise 17 dB below are no hindrance", () => {
  for (const key of KEYS) {
    assert.equal(heard(keyPress(key, { low: 400 })), key);
    assert.equal(heard(keyPress(key, { twist: 2 })), key);
    assert.equal(heard(keyPress(key, { twist: 0.5 })), key);
    assert.equal(heard(keyPress(key, { noise: 1000 })), key);
  }
});

test("a single tone, excess twist, and tones between the frequencies are no keys", () => {
  assert.equal(heard(keyPress("5", { twist: 0 })), "");
  assert.equal(heard(keyPress("5", { twist: 4, low: 2000 })), "");
  assert.equal(heard(keyPress("5", { twist: 0.25 })), "");
  const between = Int16Array.from(
    { length: 4000 },
    (_, i) => 4000 * (Math.sin((2 * Math.PI * 735 * i) / 8000) + Math.sin((2 * Math.PI * 1270 * i) / 8000)),
  );
  assert.equal(heard(between), "");
});

test("speech has no keys in it", () => {
  const digits = Array.from({ length: 10 }, (_, i) => mulawToSlin(vector(`digits/${i}.mulaw`)));
  assert.equal(heard(samplesOf(vector("speech.slin"))), "");
  for (const digit of digits) assert.equal(heard(digit), "");
});

test("a short drop-out does not double a key, a pause does", () => {
  const press = keyPress("7", { ms: 200 });
  const gap = (ms: number): Int16Array => {
    const copy = press.slice();
    copy.fill(0, 1200, 1200 + ms * 8);
    return copy;
  };
  assert.equal(heard(gap(3)), "7");
  assert.equal(heard(gap(40)), "77");
});

test("a key is told when it is accepted and again when it has ended, however the stream is cut", () => {
  const stream = mulawToSlin(vector("dtmf.mulaw").subarray(0, 4400));
  const whole = createDtmfDetector().feed(stream);
  assert.deepEqual(
    whole.map(({ digit, endSample }) => `${digit}${endSample === undefined ? "+" : "-"}`),
    ["1+", "1-", "2+", "2-", "3+", "3-"],
  );
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 10 }), (cuts) => {
      const detector = createDtmfDetector();
      const parts: DetectedDigit[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        parts.push(...detector.feed(stream.subarray(at, at + cut)));
        at += cut;
      }
      assert.deepEqual(parts, whole);
    }),
    { numRuns: 50 },
  );
});

test("below the least level nothing is a key", () => {
  assert.equal(detectDigits(keyPress("1", { low: 1000 }), { minRms: 1500 }).length, 0);
});
