import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../engine/index.ts";
import { createOneShotTone, samplesOf } from "../../media/index.ts";
import { createCadence, parseToneSteps, readToneLanguages } from "./tone-languages.ts";

const config = parseConfig(
  `
[general]
lang=at
[at]
alias=tirol,vorarlberg
dial=420
busy=420/400,0/400
[de]
dial=425
bad=425/x
[itu]
ring=400/1000,0/1000
`,
  "tonegen.conf",
);

function play(text: string, blocks: number, repeat = true): Int16Array {
  const cadence = createCadence(parseToneSteps(text) ?? [], repeat);
  const samples: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const block = cadence.next();
    if (!block) break;
    samples.push(...samplesOf(block));
  }
  return Int16Array.from(samples);
}

/** [milliseconds, whether there is sound], run by run. */
function runs(samples: Int16Array): [number, boolean][] {
  const found: [number, boolean][] = [];
  for (let at = 0; at < samples.length; at += 40) {
    const loud = samples.subarray(at, at + 40).some((sample) => Math.abs(sample) > 1000);
    const last = found.at(-1);
    if (last && last[1] === loud) last[0] += 5;
    else found.push([5, loud]);
  }
  return found;
}

test("the language asked for comes first, then the configured one, then itu", () => {
  const reports: string[] = [];
  const languages = readToneLanguages(config, (text) => reports.push(text));
  assert.equal(languages.find("dial", "de")?.name, "de/dial");
  assert.equal(languages.find("dt", "de")?.name, "de/dial");
  assert.equal(languages.find("busy", "de")?.name, "at/busy");
  assert.equal(languages.find("busy", "tirol")?.name, "tirol/busy");
  assert.equal(languages.find("ring", undefined)?.name, "ring");
  assert.equal(languages.find("busy", "itu"), undefined, "the built-in one");
  assert.equal(languages.find("info", "de"), undefined);
  assert.equal(reports.length, 1);
  assert.match(reports[0] ?? "", /line 10: bad=425\/x/);
});

test("a cadence keeps its times exactly and goes round", () => {
  assert.deepEqual(runs(play("420/330,0/170", 100)), [
    [330, true],
    [170, false],
    [330, true],
    [170, false],
    [330, true],
    [170, false],
    [330, true],
    [170, false],
  ]);
});

test("steps marked with ! are played in the first pass only, and alone they end", () => {
  assert.deepEqual(runs(play("!400/100,!0/100,400/200,0/200", 50)), [
    [100, true],
    [100, false],
    [200, true],
    [200, false],
    [200, true],
    [200, false],
  ]);
  assert.equal(play("!400/100,!0/50", 50).length, 1280, "150 ms, filled up to whole blocks");
});

test("a single step is a steady tone", () => {
  const steady = createOneShotTone("*425");
  const expected = Array.from({ length: 100 }, () => [
    ...samplesOf(steady?.next() ?? new Uint8Array(0)),
  ]).flat();
  assert.deepEqual([...play("425/333", 100)], expected);
});

test("without repeat there is one pass", () => {
  assert.equal(play("420/400,0/400", 1000, false).length, 6400);
});
