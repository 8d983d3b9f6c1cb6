import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesForMs, canonicalFormat, mediaFormats, msForBytes, parseFormat, silence } from "./index.ts";

test("a name gives channels, codec and rate, and missing parts are 1 and 8000", () => {
  const format = parseFormat("2*slin/16000");
  assert.deepEqual(
    format && [format.codec, format.channels, format.sampleRateHz, format.frameBytes, format.frameMs],
    ["slin", 2, 16000, 640, 10],
  );
  assert.equal(parseFormat("alaw")?.frameBytes, 80);
  assert.equal(parseFormat("mulaw/32000")?.frameBytes, 320);
  assert.equal(parseFormat("gsm")?.frameMs, 20);
});

test("every spelling of a format leads to the same object", () => {
  assert.equal(parseFormat("1*slin/8000"), parseFormat("slin"));
  assert.equal(canonicalFormat("2*alaw/8000"), "2*alaw");
});

test("what is no format of ours is undefined", () => {
  for (const name of [
    "",
    "g729",
    "slin/44100",
    "3*slin",
    "gsm/16000",
    "2*gsm",
    "slin/",
    "*slin",
    "2*alaw/16000",
  ]) {
    assert.equal(parseFormat(name), undefined, name);
  }
});

test("no text makes the parser throw", () => {
  fc.assert(fc.property(fc.string(), (name) => void parseFormat(name)));
});

test("the canonical name of every format parses to it", () => {
  assert.equal(mediaFormats().length, 15);
  for (const format of mediaFormats()) assert.equal(parseFormat(format.name), format);
});

test("bytes for a time are whole units, and the time of those bytes is not longer", () => {
  const formats = fc.constantFrom(...mediaFormats());
  fc.assert(
    fc.property(formats, fc.double({ min: 0, max: 10000, noNaN: true }), (format, ms) => {
      const bytes = bytesForMs(format, ms);
      assert.equal(bytes % format.unitBytes, 0);
      assert.ok(msForBytes(format, bytes) <= ms + 1e-6);
      assert.ok(msForBytes(format, bytes + format.unitBytes) > ms);
    }),
  );
});

test("silence has the length asked for and the codec's silence byte", () => {
  const format = parseFormat("alaw");
  assert.ok(format);
  assert.deepEqual(silence(format, 1), new Uint8Array(8).fill(0xd5));
});
