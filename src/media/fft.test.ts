import assert from "node:assert/strict";
import { test } from "node:test";
import { Fft } from "./fft.ts";
import { SlidingCorrelation } from "./sliding-correlation.ts";

test("the transform equals the sum that defines it, for even and odd powers of two, and the inverse undoes it", () => {
  for (const size of [2, 4, 8, 32, 64]) {
    const re = Float64Array.from({ length: size }, (_, i) => Math.sin(i * i + 1));
    const im = Float64Array.from({ length: size }, (_, i) => Math.cos(3 * i));
    const [tr, ti] = [re.slice(), im.slice()];
    const fft = new Fft(size);
    fft.transform(tr, ti);
    for (let k = 0; k < size; k++) {
      let r = 0;
      let m = 0;
      for (let n = 0; n < size; n++) {
        const w = (-2 * Math.PI * k * n) / size;
        r += (re[n] ?? 0) * Math.cos(w) - (im[n] ?? 0) * Math.sin(w);
        m += (re[n] ?? 0) * Math.sin(w) + (im[n] ?? 0) * Math.cos(w);
      }
      assert.ok(Math.hypot(r - (tr[k] ?? 0), m - (ti[k] ?? 0)) < 1e-9, `${size}: ${k}`);
    }
    fft.transform(ti, tr);
    for (let n = 0; n < size; n++) assert.ok(Math.abs((tr[n] ?? 0) / size - (re[n] ?? 0)) < 1e-9);
  }
});

test("sliding correlation equals the direct one at every offset, for short and long templates", () => {
  const signal = Float64Array.from({ length: 20000 }, (_, i) => Math.sin(i * 0.37) * Math.sin(i * i * 1e-5));
  const sliding = new SlidingCorrelation(signal);
  for (const length of [64, 600, 1500, 3000, 5000]) {
    const template = signal.slice(4321, 4321 + length).map((x, i) => x + Math.cos(i * 0.9));
    const scores = sliding.scores(template);
    assert.equal(scores.length, signal.length - length + 1);
    for (let offset = 0; offset < scores.length; offset += 977) {
      let ab = 0;
      let aa = 0;
      let bb = 0;
      for (let i = 0; i < length; i++) {
        const a = signal[offset + i] ?? 0;
        const b = template[i] ?? 0;
        ab += a * b;
        aa += a * a;
        bb += b * b;
      }
      assert.ok(Math.abs((scores[offset] ?? 0) - ab / Math.sqrt(aa * bb)) < 1e-6, `${length} at ${offset}`);
    }
  }
});
