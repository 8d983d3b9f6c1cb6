import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  byteSwap,
  createTranslator,
  mediaFormats,
  packSound,
  parseFormat,
  readSoundHeader,
  type SoundHeader,
  type SoundLayout,
  samplesOf,
  soundFileKind,
  soundWriter,
  unpackSound,
} from "./index.ts";

function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./vectors/${name}`, import.meta.url)));
}

function header(fileName: string, bytes: Uint8Array, complete = true): SoundHeader {
  const kind = soundFileKind(fileName);
  assert.ok(kind, fileName);
  return readSoundHeader(kind, bytes, complete);
}

function layout(fileName: string, bytes: Uint8Array): SoundLayout {
  const found = header(fileName, bytes);
  assert.ok(found.kind === "sound", JSON.stringify(found));
  return found;
}

/** All sound of a file in its media format. */
function sound(fileName: string, bytes: Uint8Array): { format: string; bytes: Uint8Array } {
  const found = layout(fileName, bytes);
  const end = found.dataLength === undefined ? bytes.length : found.dataOffset + found.dataLength;
  return { format: found.format.name, bytes: unpackSound(found)(bytes.subarray(found.dataOffset, end)) };
}

const speech = vector("speech.slin");
/** The 50 ms of speech that most vectors hold. */
const excerpt = speech.subarray(4800, 5600);

test("the ending of a name chooses container and format", () => {
  const endings: [string, string][] = [
    ["a.slin", "raw slin"],
    ["a", "raw slin"],
    ["dir.u/a", "raw slin"],
    ["a.xyz", "raw slin"],
    ["a.mulaw", "raw mulaw"],
    ["a.u", "raw mulaw"],
    ["a.A", "raw alaw"],
    ["a.a", "raw slin"],
    ["a.gsm", "raw gsm"],
    ["a.2slin", "raw 2*slin"],
    ["a.au", "au slin"],
    ["a.wav", "wav slin"],
  ];
  for (const [name, expected] of endings) {
    const kind = soundFileKind(name);
    assert.equal(kind && `${kind.container} ${kind.format.name}`, expected, name);
  }
  assert.equal(soundFileKind("a.g729"), undefined);
});

test("files of sox are read: linear and both laws, wav and au", () => {
  for (const name of ["pcm.wav", "pcm.au"]) {
    assert.deepEqual(sound(name, vector(name)), { format: "slin", bytes: excerpt.slice() }, name);
  }
  for (const codec of ["alaw", "mulaw"]) {
    const wav = sound(`${codec}.wav`, vector(`${codec}.wav`));
    assert.equal(wav.format, codec);
    assert.equal(wav.bytes.length, 400);
    assert.deepEqual(sound(`${codec}.au`, vector(`${codec}.au`)), wav);
    const linear = samplesOf(createTranslator(codec, "slin")?.translate(wav.bytes) ?? new Uint8Array(0));
    const said = samplesOf(excerpt.slice());
    linear.forEach((x, i) => {
      assert.ok(Math.abs(x - (said[i] ?? 0)) <= 16 + Math.abs(x) / 16);
    });
  }
});

test("a stereo file at 16 kHz is read", () => {
  const { format, bytes } = sound("x.wav", vector("pcm16k-stereo.wav"));
  assert.equal(format, "2*slin/16000");
  assert.equal(bytes.length, 3200);
});

test("a GSM file of sox gives the plain frames", () => {
  const { format, bytes } = sound("gsm.wav", vector("gsm.wav"));
  assert.equal(format, "gsm");
  assert.deepEqual(bytes.subarray(0, 330), vector("speech.gsm").slice(0, 330));
});

test("what cannot be played is an error value with its reason", () => {
  const bad: [string, RegExp][] = [
    ["pcm24.wav", /24 bits/],
    ["pcm44k.wav", /44100 Hz/],
  ];
  for (const [name, reason] of bad) {
    const found = header(name, vector(name));
    assert.ok(found.kind === "unsupported");
    assert.match(found.reason, reason);
  }
  const au = vector("pcm.au").slice();
  au[15] = 24;
  assert.deepEqual(header("x.au", au), { kind: "unsupported", reason: "au encoding 24" });
});

test("an extensible format is read by its inner tag", () => {
  const plain = vector("pcm.wav");
  const wav = new Uint8Array(68 + 800);
  wav.set(plain.subarray(0, 36));
  const view = new DataView(wav.buffer);
  view.setUint32(16, 40, true);
  view.setUint16(20, 0xfffe, true);
  view.setUint16(36, 22, true);
  view.setUint16(38, 16, true);
  wav.set([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 44);
  wav.set(plain.subarray(36), 60);
  assert.deepEqual(sound("x.wav", wav), { format: "slin", bytes: excerpt.slice() });
});

test("odd and unknown chunks around the sound are skipped", () => {
  const plain = vector("pcm.wav");
  const odd = [0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0];
  const wav = Uint8Array.of(
    ...plain.subarray(0, 12),
    ...odd,
    ...plain.subarray(12, 36),
    ...odd,
    ...plain.subarray(36),
    ...odd,
  );
  assert.deepEqual(sound("x.wav", wav), { format: "slin", bytes: excerpt.slice() });
});

test("a cut file plays as far as it goes, and a length that is still open means to the end", () => {
  const plain = vector("pcm.wav");
  assert.deepEqual(sound("x.wav", plain.subarray(0, 244)).bytes, excerpt.slice(0, 200));
  for (const open of [0, 0xffffffff]) {
    const wav = plain.slice();
    new DataView(wav.buffer).setUint32(40, open, true);
    assert.equal(layout("x.wav", wav).dataLength, undefined);
  }
});

test("a header fed bit by bit asks for more until it is whole", () => {
  for (const name of ["pcm.wav", "gsm.wav", "pcm.au"]) {
    const bytes = vector(name);
    const whole = layout(name, bytes);
    for (let length = 0; length < bytes.length; length++) {
      const found = header(name, bytes.subarray(0, length), false);
      if (found.kind === "more") assert.ok(found.needBytes > length && found.needBytes <= whole.dataOffset);
      else assert.deepEqual(found, whole);
    }
    const cut = header(name, bytes.subarray(0, 20), true);
    assert.equal(cut.kind, "unsupported");
  }
});

test("a file without the header that its ending promises is raw slin from the start", () => {
  assert.equal(layout("x.au", speech).dataOffset, 0);
  assert.equal(layout("x.wav", speech).format.name, "slin");
});

test("no bytes make the reader throw", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("pcm.wav", "gsm.wav", "pcm.au"),
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(60),
      (name, noise, at) => {
        const bytes = vector(name);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), at);
        header(name, bytes);
        header(name, noise, false);
      },
    ),
  );
});

test("what is written is read back, for every container and format", () => {
  for (const container of ["raw", "au", "wav"] as const) {
    for (const format of mediaFormats()) {
      const writer = soundWriter(container, format);
      assert.equal(writer === undefined, container === "au" && format.codec === "gsm");
      if (!writer) continue;
      // Two GSM frames fill a block of a wav file.
      const data = format.codec === "gsm" ? vector("speech.gsm").slice(0, 66 * 5) : speech.slice(0, 640);
      const packed = packSound(writer)(data);
      const { patches, trailer } = writer.finish(packed.length);
      const file = Uint8Array.of(...writer.header, ...packed, ...trailer);
      if (container === "raw") {
        assert.deepEqual(file, data);
        continue;
      }
      assert.equal(layout(`x.${container}`, file).dataLength, undefined);
      for (const { offset, bytes } of patches) file.set(bytes, offset);
      const found = layout(`x.${container}`, file);
      assert.equal(found.dataLength, packed.length);
      assert.deepEqual(sound(`x.${container}`, file), { format: format.name, bytes: data }, format.name);
    }
  }
});

test("a written wav file is, byte for byte, what sox writes", () => {
  for (const [name, format] of [
    ["pcm.wav", "slin"],
    ["alaw.wav", "alaw"],
    ["mulaw.wav", "mulaw"],
    ["gsm.wav", "gsm"],
    ["pcm16k-stereo.wav", "2*slin/16000"],
  ] as const) {
    const expected = vector(name);
    const found = layout(name, expected);
    const writer = soundWriter("wav", parseFormat(format) ?? found.format);
    assert.ok(writer && found.dataLength !== undefined);
    const data = expected.subarray(found.dataOffset, found.dataOffset + found.dataLength);
    const { patches, trailer } = writer.finish(data.length);
    const file = Uint8Array.of(...writer.header, ...data, ...trailer);
    for (const { offset, bytes } of patches) file.set(bytes, offset);
    assert.deepEqual(file, expected, name);
  }
});

test("an au header is 32 bytes with an open size until the end", () => {
  const format = parseFormat("slin/16000");
  assert.ok(format);
  const writer = soundWriter("au", format);
  assert.ok(writer);
  assert.equal(
    Buffer.from(writer.header).toString("latin1"),
    ".snd\0\0\0\x20\xff\xff\xff\xff\0\0\0\x03\0\0\x3e\x80\0\0\0\x01yayts\0\0\0",
  );
  assert.deepEqual(writer.finish(258).patches, [{ offset: 8, bytes: Uint8Array.of(0, 0, 1, 2) }]);
});

test("swapping bytes twice gives the samples back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(byteSwap(byteSwap(bytes)), bytes.slice(0, bytes.length & ~1));
    }),
  );
});
