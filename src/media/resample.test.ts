import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createResampler, type SampleRateHz } from "./index.ts";

const PEAK = 16000;

function sine(hz: number, rateHz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) =>
    Math.round(PEAK * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
}

/** Power ratio in dB of the sine of a frequency, fitted, to all the rest; and its gain in dB. */
function measure(samples: Int16Array, hz: number, rateHz: number): { snrDb: number; gainDb: number } {
  const w = (2 * Math.PI * hz) / rateHz;
  let c = 0;
  let s = 0;
  samples.forEach((x, i) => {
    c += (2 * x * Math.cos(w * i)) / samples.length;
    s += (2 * x * Math.sin(w * i)) / samples.length;
  });
  let rest = 0;
  samples.forEach((x, i) => {
    rest += (x - c * Math.cos(w * i) - s * Math.sin(w * i)) ** 2 / samples.length;
  });
  const power = (c * c + s * s) / 2;
  return { snrDb: 10 * Math.log10(power / rest), gainDb: 10 * Math.log10((2 * power) / PEAK ** 2) };
}

const pairs: [SampleRateHz, SampleRateHz][] = [
  [8000, 16000],
  [8000, 32000],
  [16000, 8000],
  [16000, 32000],
  [32000, 8000],
  [32000, 16000],
];

test("a tone of up to 0.85 of the lower band edge keeps its level and has 85 dB over all errors", () => {
  for (const [from, to] of pairs) {
    for (const part of [0.1, 0.25, 0.5, 0.75, 0.85]) {
      const hz = (part * Math.min(from, to)) / 2;
      const heard = createResampler(from, to).push(sine(hz, from, from));
      const { snrDb, gainDb } = measure(heard.subarray(to / 4, (to * 3) / 4), hz, to);
      assert.ok(snrDb > 85, `${from} to ${to} at ${hz} Hz: ${snrDb} dB`);
      assert.ok(Math.abs(gainDb) < 0.01, `${from} to ${to} at ${hz} Hz: gain ${gainDb} dB`);
    }
  }
});

test("what the lower rate cannot hold is 80 dB down", () => {
  for (const hz of [4600, 5000, 6000, 7500]) {
    const heard = createResampler(16000, 8000)
      .push(sine(hz, 16000, 16000))
      .subarray(200);
    const power = heard.reduce((sum, x) => sum + x * x, 0) / heard.length;
    assert.ok(power < (PEAK ** 2 / 2) * 1e-8, `${hz} Hz leaves ${power}`);
  }
});

test("how a stream is cut into blocks makes no difference", () => {
  const input = sine(700, 8000, 1000);
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 12 }),
      (pair, cuts) => {
        const whole = createResampler(...pair).push(input);
        const resampler = createResampler(...pair);
        const parts: number[] = [];
        let at = 0;
        for (const cut of [...cuts, input.length]) {
          parts.push(...resampler.push(input.subarray(at, at + cut)));
          at += cut;
        }
        assert.deepEqual(Int16Array.from(parts), whole);
      },
    ),
    { numRuns: 50 },
  );
});

test("full-scale input saturates instead of wrapping round", () => {
  const square = Int16Array.from({ length: 800 }, (_, i) => (i % 40 < 20 ? 32767 : -32768));
  const heard = createResampler(8000, 16000).push(square).subarray(100);
  for (let i = 1; i < heard.length; i++) {
    assert.ok(Math.abs((heard[i] ?? 0) - (heard[i - 1] ?? 0)) < 60000);
  }
});

test("equal rates pass samples through", () => {
  const input = sine(700, 8000, 160);
  assert.equal(createResampler(8000, 8000).push(input), input);
});
