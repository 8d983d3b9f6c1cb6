import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  alawToSlin,
  bestAlignment,
  correlation,
  createOneShotTone,
  GsmDecoder,
  GsmEncoder,
  identify,
  type KnownSound,
  mulawToSlin,
  samplesOf,
  slinToAlaw,
  slinToMulaw,
} from "./index.ts";

const digits: KnownSound[] = Array.from({ length: 10 }, (_, i) => ({
  name: String(i),
  samples: mulawToSlin(new Uint8Array(readFileSync(new URL(`./vectors/digits/${i}.mulaw`, import.meta.url)))),
}));

function digit(name: string): Int16Array {
  const found = digits.find((known) => known.name === name);
  assert.ok(found);
  return found.samples;
}

/** Says digits with 100 ms pauses and a little noise, at 0.7 of the volume. */
function say(text: string): { heard: Int16Array; starts: number[] } {
  const starts: number[] = [];
  const heard = new Int16Array(8000 * text.length);
  let at = 803;
  for (const name of text) {
    starts.push(at / 8);
    heard.set(digit(name), at);
    at += digit(name).length + 800;
  }
  let seed = 1;
  return {
    heard: heard.map((x) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return x * 0.7 + (seed / 1073741824 - 1) * 20;
    }),
    starts,
  };
}

const lines: [string, (samples: Int16Array) => Int16Array][] = [
  ["linear", (samples) => samples],
  ["A-law", (samples) => alawToSlin(slinToAlaw(samples))],
  ["mu-law", (samples) => mulawToSlin(slinToMulaw(samples))],
  ["GSM", (samples) => new GsmDecoder().decode(new GsmEncoder().encode(samples))],
];

test("spoken digits are told apart, in order and with their times, through every codec", () => {
  const { heard, starts } = say("31415926535897932384620");
  for (const [name, line] of lines) {
    const found = identify(line(heard), digits);
    assert.equal(found.map((sound) => sound.name).join(""), "31415926535897932384620", name);
    found.forEach(({ startMs, score }, i) => {
      assert.ok(Math.abs(startMs - (starts[i] ?? 0)) < 1, `${name}: ${startMs} for ${starts[i]}`);
      assert.ok(score >= 0.9, `${name}: ${score}`);
    });
  }
});

test("a digit that was not said is not found, and no other digit comes near", () => {
  for (const [name, line] of lines) {
    for (const said of digits) {
      const heard = line(say(said.name).heard);
      for (const other of digits) {
        const { score } = bestAlignment(heard, other.samples);
        assert.ok(
          other === said ? score >= 0.9 : score < 0.65,
          `${name}: ${other.name} in ${said.name}: ${score}`,
        );
      }
    }
  }
});

test("alignment is exact to the sample, gain and offset do not matter", () => {
  const prompt = digit("7");
  const heard = new Int16Array(20000);
  heard.set(
    prompt.map((x) => x / 3 + 200),
    9876,
  );
  const { offsetSamples, score } = bestAlignment(heard, prompt);
  assert.equal(offsetSamples, 9876);
  assert.ok(score > 0.99, String(score));
});

test("a sound that began a little before the recording has a start below 0", () => {
  const prompt = digit("5");
  const { offsetSamples, score } = bestAlignment(prompt.subarray(300), prompt);
  assert.equal(offsetSamples, -300);
  assert.ok(score > 0.9, String(score));
});

test("beeps are found exactly, also those too high for the coarse rate", () => {
  for (const spec of ["1400+1900/300", "440/300", "1000/200", "dtmf/5"]) {
    const beep = createOneShotTone(spec);
    const samples: number[] = [];
    for (let block = beep?.next(); block; block = beep?.next()) samples.push(...samplesOf(block));
    const heard = new Int16Array(16000);
    heard.set(samples, 5003);
    const [found] = identify(heard, [{ name: spec, samples: Int16Array.from(samples) }, ...digits]);
    assert.deepEqual([found?.name, found?.startMs], [spec, 5003 / 8]);
  }
});

test("a sound that is repeated twenty times is found twenty times", () => {
  const text = "9".repeat(20);
  const found = identify(say(text).heard, digits);
  assert.equal(found.map((sound) => sound.name).join(""), text);
});

test("silence, nothing, and a recording shorter than the sound give no match and do not throw", () => {
  for (const heard of [new Int16Array(8000), new Int16Array(0), new Int16Array(100).fill(5)]) {
    assert.deepEqual(identify(heard, digits), []);
    assert.equal(bestAlignment(heard, digit("1")).score, 0);
  }
  assert.deepEqual(identify(digit("1"), []), []);
  assert.deepEqual(identify(digit("1"), [{ name: "empty", samples: new Int16Array(0) }]), []);
});

test("correlation is 1 for the same shape, −1 for its inverse, 0 for a constant", () => {
  const x = digit("3");
  assert.ok(
    Math.abs(
      correlation(
        x,
        x.map((v) => v / 2 + 100),
      ) - 1,
    ) < 0.01,
  );
  assert.ok(
    Math.abs(
      correlation(
        x,
        x.map((v) => -v),
      ) + 1,
    ) < 1e-9,
  );
  assert.equal(correlation(x, new Int16Array(x.length).fill(7)), 0);
  assert.equal(correlation(x, new Int16Array(0)), 0);
});

test("a sound of which a stalled machine lost pieces, or said some twice, is still found", () => {
  const packet = 160;
  for (const said of digits) {
    const { heard } = say(said.name);
    const torn: number[] = [];
    for (let at = 0, n = 0; at < heard.length; at += packet, n++) {
      // Two packets in a row are lost, and later one comes twice.
      if (n % 19 >= 9 && n % 19 < 11) continue;
      const samples = heard.subarray(at, at + packet);
      torn.push(...samples, ...(n % 19 === 16 ? samples : []));
    }
    // Next to nothing, and not centred on 0.
    torn.push(...Array.from({ length: 16_000 }, (_, i) => 40 + (i % 7 === 0 ? 1 : 0)));
    const found = identify(Int16Array.from(torn), digits, { torn: true });
    assert.deepEqual(
      found.map(({ name }) => name),
      [said.name],
    );
    assert.ok((found[0]?.score ?? 2) <= 1);
  }
});
