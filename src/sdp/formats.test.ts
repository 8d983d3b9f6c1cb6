import assert from "node:assert/strict";
import { test } from "node:test";
import { codecOfFormat, formatOfCodec, rtpFormats, staticCodecs } from "./formats.ts";

test("every format is found again from its encoding, clock, channels and fmtp", () => {
  for (const row of rtpFormats) {
    assert.equal(codecOfFormat(row.format), row);
    assert.equal(formatOfCodec(row), row.format);
  }
});

test("encoding names are compared without case", () => {
  assert.equal(formatOfCodec({ encoding: "pcma", clockRateHz: 8000, channels: 1 }), "alaw");
  assert.equal(formatOfCodec({ encoding: "OPUS", clockRateHz: 48000, channels: 2 }), "opus");
});

test("L16 is slin only at the rate and with the channels it really has", () => {
  assert.equal(formatOfCodec({ encoding: "L16", clockRateHz: 8000, channels: 1 }), "slin");
  assert.equal(formatOfCodec({ encoding: "L16", clockRateHz: 16000, channels: 1 }), "slin/16000");
  assert.equal(formatOfCodec({ encoding: "L16", clockRateHz: 44100, channels: 1 }), undefined);
  assert.equal(codecOfFormat("slin")?.staticPayload, undefined);
});

test("the mode of iLBC and the alignment of AMR make different formats", () => {
  const ilbc = { encoding: "iLBC", clockRateHz: 8000, channels: 1 };
  assert.equal(formatOfCodec(ilbc), "ilbc30");
  assert.equal(formatOfCodec({ ...ilbc, fmtp: "mode=20" }), "ilbc20");
  const amr = { encoding: "AMR", clockRateHz: 8000, channels: 1 };
  assert.equal(formatOfCodec(amr), "amr");
  assert.equal(formatOfCodec({ ...amr, fmtp: "mode-set=7; octet-align=1" }), "amr-o");
});

test("a static number of a format means that format by RFC 3551 too", () => {
  for (const { format, staticPayload } of rtpFormats) {
    if (staticPayload === undefined) continue;
    const codec = staticCodecs.get(staticPayload);
    assert.ok(codec, format);
    assert.equal(formatOfCodec(codec), format);
  }
});

test("a name that has no RTP encoding is not known", () => {
  for (const name of ["", "slin/11025", "mp3", "toString", "__proto__"]) {
    assert.equal(codecOfFormat(name), undefined);
  }
  assert.equal(codecOfFormat("g722")?.format, "g722/16000");
});
