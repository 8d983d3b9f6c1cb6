import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, correlation, GsmDecoder, GsmEncoder, gsmToWav49, samplesOf, wav49ToGsm } from "./index.ts";

function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./vectors/${name}`, import.meta.url)));
}

test("speech encodes to the very bits of libgsm", () => {
  assert.deepEqual(new GsmEncoder().encode(samplesOf(vector("speech.slin"))), vector("speech.gsm"));
});

test("full-scale noise and square bursts encode to the very bits of libgsm", () => {
  assert.deepEqual(new GsmEncoder().encode(samplesOf(vector("harsh.slin"))), vector("harsh.gsm"));
});

test("speech, noise and random frames decode to the very samples of libgsm", () => {
  for (const name of ["speech", "harsh", "random"]) {
    const decoded = new GsmDecoder().decode(vector(`${name}.gsm`));
    assert.deepEqual(bytesOf(decoded), vector(`${name}-decoded.slin`), name);
  }
});

test("frame by frame gives the same as all at once", () => {
  const samples = samplesOf(vector("speech.slin"));
  const encoder = new GsmEncoder();
  const decoder = new GsmDecoder();
  const frames: number[] = [];
  const decoded: number[] = [];
  for (let at = 0; at < samples.length; at += 160) {
    const frame = encoder.encode(samples.subarray(at, at + 160));
    frames.push(...frame);
    decoded.push(...decoder.decode(frame));
  }
  assert.deepEqual(Uint8Array.from(frames), vector("speech.gsm"));
  assert.deepEqual(Int16Array.from(decoded), samplesOf(vector("speech-decoded.slin")));
});

test("decoded speech resembles what was said", () => {
  assert.ok(correlation(samplesOf(vector("speech.slin")), samplesOf(vector("speech-decoded.slin"))) > 0.9);
});

test("a frame without signature plays as silence and does not disturb the next", () => {
  const frame = vector("speech.gsm").subarray(0, 33);
  const broken = Uint8Array.of(...new Uint8Array(33), ...frame);
  const decoded = new GsmDecoder().decode(broken);
  assert.ok(decoded.subarray(0, 160).every((sample) => sample === 0));
  assert.deepEqual(decoded.slice(160), new GsmDecoder().decode(frame));
});

test("WAV49 and plain frames turn into each other without loss", () => {
  const frames = vector("random.gsm").subarray(0, 24 * 33);
  assert.equal(gsmToWav49(frames).length, 12 * 65);
  assert.deepEqual(wav49ToGsm(gsmToWav49(frames)), frames);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 65, maxLength: 65 }), (block) => {
      assert.deepEqual(gsmToWav49(wav49ToGsm(block)), block);
    }),
  );
});

test("a WAV49 file of sox decodes like the plain frames of the same speech", () => {
  const file = vector("gsm.wav");
  const decoded = new GsmDecoder().decode(wav49ToGsm(file.subarray(file.length - 326, file.length - 1)));
  assert.deepEqual(decoded, new GsmDecoder().decode(vector("speech.gsm").subarray(0, 330)));
});
