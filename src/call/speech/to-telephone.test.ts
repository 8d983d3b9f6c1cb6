import assert from "node:assert/strict";
import { test } from "node:test";
import { createTelephoneSink, TooLong, toTelephoneRate } from "./to-telephone.ts";

function tone(frequencyHz: number, rateHz: number, ms: number, level = 0.5): Float32Array {
  const count = Math.round((rateHz * ms) / 1000);
  return Float32Array.from(
    { length: count },
    (_, i) => level * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz),
  );
}

/** Takes a sound in blocks of uneven length. */
function through(samples: Float32Array, rateHz: number, blockSamples = 1234): Int16Array {
  const sink = createTelephoneSink(Number.POSITIVE_INFINITY);
  for (let at = 0; at < samples.length; at += blockSamples) {
    sink.push([samples.subarray(at, at + blockSamples)], rateHz);
  }
  return sink.finish();
}

/** What is left of the result when the tone that it should be is taken away, in dB under the tone; edges left out. */
function signalToNoiseDb(samples: Int16Array, frequencyHz: number, level = 0.5): number {
  const wanted = tone(frequencyHz, 8000, samples.length / 8, level);
  let signal = 0;
  let noise = 0;
  for (let i = 400; i < samples.length - 400; i++) {
    signal += (wanted[i] ?? 0) ** 2;
    noise += ((samples[i] ?? 0) / 32768 - (wanted[i] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

for (const rateHz of [
  4000, 6000, 8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 44_056, 96_000, 192_000,
]) {
  test(`a tone at ${rateHz} Hz comes out at 8 kHz in time, 70 dB clear, and as long as it was`, () => {
    const samples = through(tone(1000, rateHz, 500), rateHz);
    assert.equal(samples.length, Math.ceil((Math.round(rateHz / 2) * 8000) / rateHz));
    assert.ok(signalToNoiseDb(samples, 1000) > 70, `${signalToNoiseDb(samples, 1000)} dB`);
  });
}

for (const rateHz of [16_000, 44_100, 48_000]) {
  test(`what a telephone cannot carry of ${rateHz} Hz is 70 dB down, and 3.3 kHz is all there`, () => {
    for (const frequencyHz of [4200, 5000, 7000]) {
      const left = through(tone(frequencyHz, rateHz, 500), rateHz).subarray(400, -400);
      const rms = Math.sqrt(left.reduce((sum, sample) => sum + sample * sample, 0) / left.length);
      assert.ok(20 * Math.log10(rms / 11_585) < -70, `${frequencyHz} Hz: ${rms}`);
    }
    assert.ok(signalToNoiseDb(through(tone(3300, rateHz, 500), rateHz), 3300) > 60);
  });
}

test("the blocks in which a sound comes make no difference", () => {
  const sound = tone(700, 44_100, 300);
  const whole = through(sound, 44_100, sound.length);
  for (const blockSamples of [1, 7, 160, 4096]) {
    assert.deepEqual(through(sound, 44_100, blockSamples), whole, `blocks of ${blockSamples}`);
  }
  const fast = tone(700, 192_000, 20);
  assert.deepEqual(through(fast, 192_000, 1), through(fast, 192_000, fast.length));
});

test("channels are averaged, and what is over full scale is limited", () => {
  const sink = createTelephoneSink(Number.POSITIVE_INFINITY);
  sink.push([Float32Array.of(0.5, 2, -3), Float32Array.of(-0.25, 2, -3)], 8000);
  assert.deepEqual([...sink.finish()], [4096, 32_767, -32_768]);
});

test("a change of rate within a sound is followed", () => {
  const sink = createTelephoneSink(Number.POSITIVE_INFINITY);
  sink.push([tone(500, 16_000, 100)], 16_000);
  sink.push([tone(500, 44_100, 100)], 44_100);
  sink.push([tone(500, 8000, 100)], 8000);
  assert.equal(sink.finish().length, 2400);
});

test("more than the limit is refused while it comes", () => {
  const sink = createTelephoneSink(1000);
  sink.push([new Float32Array(1000)], 8000);
  assert.throws(() => sink.push([new Float32Array(1)], 8000), TooLong);
});

test("samples at 8 kHz are passed on as they are", async () => {
  const samples = Int16Array.of(1, 2, 3);
  assert.equal(await toTelephoneRate(samples, 8000), samples);
  assert.equal((await toTelephoneRate(new Int16Array(22_050), 22_050)).length, 8000);
});
