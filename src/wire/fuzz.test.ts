import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  createLineSplitter,
  encodeText,
  formatAppLine,
  formatEngineLine,
  parseAppLine,
  parseEngineLine,
  parseParams,
} from "./index.ts";

/** Lines at least fed to the readers; the seed is fixed so that a failure can be had again. */
const wantedLines = 1_000_000;
const limitMs = 120_000;
const seed = Number(process.env.YAYTS_FUZZ_SEED ?? 20_261_123);

/** A small generator of numbers from a seed (xorshift, 32 bits). */
function createRandom(start: number): (below: number) => number {
  let state = start | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const random = createRandom(seed);
const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;

function load(name: string): string[] {
  const vectors: { line: string }[] = JSON.parse(
    readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"),
  );
  return vectors.map(({ line }) => line);
}

const sown = [...load("app-lines"), ...load("engine-lines")].map((line) => Buffer.from(encodeText(line)));
const keywords = [
  "%%>message:",
  "%%<message:",
  "%%>install:",
  "%%<setlocal:",
  "%%>debug:",
  "Error in: ",
  "%%<install:",
];
const tokens = [
  "%",
  "%%",
  "%z",
  "%}",
  "%@",
  "%M",
  ":",
  "::",
  "=",
  "true",
  "false",
  "0x",
  "-1",
  " ",
  "\r",
  "\t",
  "\xff",
  "\xc3\xa9",
  "\xed\xa0\x80",
  "999999999999",
];

/** A line out of the grammar, or a mutation of a known one. Never has an end in it, may be empty. */
function makeLine(): Buffer {
  if (random(4) === 0) {
    let line: string = pick(keywords);
    for (let i = random(12); i > 0; i--)
      line += random(2) ? pick(tokens) : String.fromCharCode(32 + random(95));
    return Buffer.from(line, "latin1");
  }
  const line = Buffer.from(pick(sown));
  for (let changes = 1 + random(4); changes > 0 && line.length > 0; changes--) {
    const at = random(line.length);
    switch (random(4)) {
      case 0:
        line[at] = random(256);
        break;
      case 1:
        line.copy(line, at, random(line.length));
        break;
      case 2:
        line.write(pick(tokens), at, "latin1");
        break;
      default:
        line.reverse().copy(line, random(line.length), at);
        line.reverse();
    }
  }
  for (let i = 0; i < line.length; i++) if (line[i] === 10 || line[i] === 0) line[i] = 0x3a;
  return line;
}

/** Reads a line both ways and back: what was read must be readable again, with the same meaning. */
function check(line: string): void {
  const app = parseAppLine(line);
  const engine = parseEngineLine(line);
  if ("rawParams" in engine) assert.equal(parseParams(engine.rawParams).length % 2, 0);
  if (random(16) !== 0) return;
  // Reading what was written from what was read gives the same again, unless a CR would end the line (as after another
  // CR or before a NUL: no engine sends that). Only whole answers can be written.
  if (line.endsWith("\r")) return;
  if (app.kind !== "bad" && (app.kind !== "answer" || app.complete)) {
    const again = parseAppLine(formatAppLine(app));
    if (app.kind === "message" || app.kind === "answer") assert.deepEqual(again, app, JSON.stringify(line));
    else assert.equal(again.kind, app.kind, JSON.stringify(line));
  }
  if (engine.kind !== "unknown")
    assert.deepEqual(parseEngineLine(formatEngineLine(engine)), engine, JSON.stringify(line));
}

test("a million mutated lines neither crash nor hang the readers", { timeout: limitMs }, (t) => {
  let made = 0;
  let seen = 0;
  const splitter = createLineSplitter((line) => {
    seen++;
    check(line);
  }, 1 << 20);
  while (made < wantedLines) {
    const lines: Buffer[] = [];
    for (let i = 0; i < 500; i++, made++) lines.push(makeLine(), Buffer.of(random(20) ? 10 : 0));
    const all = Buffer.concat(lines);
    for (let at = 0; at < all.length; ) {
      const size = 1 + random(4096);
      assert.ok(splitter.push(all.subarray(at, at + size)));
      at += size;
    }
  }
  assert.ok(seen > made * 0.9);
  assert.equal(splitter.pendingBytes, 0);
  t.diagnostic(`${made} lines made, ${seen} not empty and read, seed ${seed}`);
});

test("a long line takes time in proportion to its length", { timeout: limitMs }, () => {
  const timeOf = (line: string): number => {
    const start = process.cpuUsage();
    for (let i = 0; i < 4; i++) {
      parseAppLine(line);
      const engine = parseEngineLine(line);
      if ("rawParams" in engine) parseParams(engine.rawParams);
    }
    const used = process.cpuUsage(start);
    return (used.user + used.system) / 1000;
  };
  const size = 1 << 20;
  const slowMs = 3000;
  for (const unit of [":", "a:", "a=b:", "%%", "%", "%z", "=", ":="]) {
    for (const start of ["%%>message:1::n::", "%%<message:1:true:n::", "%%<message:1:true:n::k=", ""]) {
      const ms = timeOf(start + unit.repeat(size / unit.length));
      assert.ok(ms < slowMs, `${JSON.stringify(start + unit)}… took ${ms} ms`);
    }
  }
});

test("a chunk of very many lines takes time in proportion to its length", { timeout: limitMs }, () => {
  for (const [each, last] of [
    ["a\n", "\0"],
    ["a\0", "\n"],
    ["\n", "\0"],
    ["é\r\n", "\0"],
  ] as const) {
    const chunk = Buffer.from(each.repeat(1 << 20) + last);
    let seen = 0;
    const start = process.cpuUsage();
    assert.ok(createLineSplitter(() => seen++).push(chunk));
    const used = process.cpuUsage(start);
    assert.equal(seen, each === "\n" ? 0 : 1 << 20);
    assert.ok(used.user + used.system < 3_000_000, `${JSON.stringify(each)} took ${used.user} µs`);
  }
});

test("a line that comes byte by byte takes time in proportion to its length", { timeout: limitMs }, () => {
  const seen: number[] = [];
  const splitter = createLineSplitter((line) => seen.push(line.length), 1 << 21);
  const byte = Uint8Array.of(0x61);
  const length = 1 << 20;
  for (let i = 0; i < length; i++) splitter.push(byte);
  assert.equal(splitter.pendingBytes, length);
  splitter.push(Uint8Array.of(10));
  assert.deepEqual(seen, [length]);
});
