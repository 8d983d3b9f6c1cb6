import assert from "node:assert/strict";
import { test } from "node:test";
import { opusFrameSamples, opusLossPackets, opusPacketMs } from "../media/index.ts";
import { createOpusLibrary } from "./opus.ts";

const tone = Int16Array.from({ length: opusFrameSamples }, (_, i) =>
  Math.round(8000 * Math.sin((2 * Math.PI * 450 * i) / 16_000)),
);

function level(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

test("without the package there is no codec, and what to install is said", async () => {
  const opus = createOpusLibrary(() => Promise.reject(new Error("Cannot find package\nmore about it")));
  assert.equal(opus.missing, undefined, "nobody has asked yet");
  assert.equal(await opus.load(), undefined);
  assert.equal(opus.loaded, undefined);
  assert.equal(
    opus.missing,
    "opus needs the package @evan/opus: npm install @evan/opus (Cannot find package)",
  );
});

test("what is something else under its name is not taken for it", async () => {
  const opus = createOpusLibrary(() => Promise.resolve({ Encoder: class {} }));
  assert.equal(await opus.load(), undefined);
  assert.match(opus.missing ?? "", /npm install @evan\/opus \(it has no Encoder and Decoder\)/);
});

test("the package is imported once, whoever asks", async () => {
  let imports = 0;
  const opus = createOpusLibrary(() => {
    imports++;
    return import("@evan/opus");
  });
  const [one, other] = await Promise.all([opus.load(), opus.load()]);
  assert.ok(one);
  assert.equal(one, other);
  assert.equal(opus.loaded, one);
  assert.equal(imports, 1);
});

test("20 ms are encoded as speech of 16 kHz at about 24 kbit/s, and decoded; a loss is made up", async () => {
  const codec = await createOpusLibrary().load();
  assert.ok(codec);
  const encoder = codec.createEncoder();
  const decoder = codec.createDecoder();
  let bytes = 0;
  let packet: Uint8Array = new Uint8Array(0);
  let heard: Int16Array = new Int16Array(0);
  for (let i = 0; i < 50; i++) {
    packet = encoder.encode(tone);
    bytes += packet.length;
    assert.equal(opusPacketMs(packet), 20);
    heard = decoder.decode(packet);
    assert.equal(heard.length, opusFrameSamples);
  }
  assert.ok(bytes * 8 < 30_000, `${bytes * 8} bit/s`);
  assert.ok(Math.abs(level(heard) / level(tone) - 1) < 0.3, String(level(heard)));
  const [lost] = opusLossPackets(packet, 20).map((empty) => decoder.decode(empty));
  assert.equal(lost?.length, opusFrameSamples);
  assert.ok(level(lost ?? heard) > level(tone) / 4);
  assert.throws(() => decoder.decode(Uint8Array.of(3, 255, 1)));
});
