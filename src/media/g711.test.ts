import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  alawToMulaw,
  alawToSlin,
  decodeAlaw,
  decodeMulaw,
  encodeAlaw,
  encodeMulaw,
  mulawToAlaw,
  mulawToSlin,
  slinToAlaw,
  slinToMulaw,
} from "./index.ts";

interface Reference {
  /** First sample and code of each run of equal codes, from −32768 up. */
  slinToAlaw: [number, number][];
  slinToMulaw: [number, number][];
  alawToSlin: number[];
  mulawToSlin: number[];
  alawToMulaw: number[];
  mulawToAlaw: number[];
}
const reference: Reference = JSON.parse(
  readFileSync(new URL("./vectors/g711-reference.json", import.meta.url), "utf8"),
);
const ramp = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
const codes = Uint8Array.from({ length: 256 }, (_, i) => i);

function runs(encoded: Uint8Array): [number, number][] {
  const result: [number, number][] = [];
  encoded.forEach((code, i) => {
    if (code !== encoded[i - 1]) result.push([i - 32768, code]);
  });
  return result;
}

test("every one of the 65,536 samples gets the code that the reference engine gives it", () => {
  assert.deepEqual(runs(slinToAlaw(ramp)), reference.slinToAlaw);
  assert.deepEqual(runs(slinToMulaw(ramp)), reference.slinToMulaw);
});

test("every code decodes as in the reference engine", () => {
  assert.deepEqual([...alawToSlin(codes)], reference.alawToSlin);
  assert.deepEqual([...mulawToSlin(codes)], reference.mulawToSlin);
});

test("every code crosses to the other law as in the reference engine", () => {
  assert.deepEqual([...alawToMulaw(codes)], reference.alawToMulaw);
  assert.deepEqual([...mulawToAlaw(codes)], reference.mulawToAlaw);
});

test("an A-law code survives decoding and encoding, a mu-law code but for the faintest negative ones", () => {
  for (let code = 0; code < 256; code++) {
    assert.equal(encodeAlaw(decodeAlaw(code)), code);
    // The reference engine moves −8…−112 a step away from 0, and has one zero only.
    const faint = decodeMulaw(code) < 0 && decodeMulaw(code) >= -112;
    const expected = code === 0x7f ? 0xff : faint ? code - 1 : code;
    assert.equal(encodeMulaw(decodeMulaw(code)), expected, String(code));
  }
});

test("encoding keeps the order of samples", () => {
  const sample = fc.integer({ min: -32768, max: 32767 });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      assert.ok(decodeAlaw(encodeAlaw(low)) <= decodeAlaw(encodeAlaw(high)));
      assert.ok(decodeMulaw(encodeMulaw(low)) <= decodeMulaw(encodeMulaw(high)));
    }),
  );
});
