import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeExactly, encodeExactly } from "../base/index.ts";
import { isPlain } from "./escape.ts";
import {
  type AppLine,
  createLineSplitter,
  decodeText,
  type EngineLine,
  encodedLength,
  encodeText,
  escapeField,
  escapeName,
  formatAppLine,
  formatEngineAnswer,
  formatEngineLine,
  parseAppLine,
  parseEngineLine,
  parseParams,
  unescapeField,
  unescapeLeniently,
  unescapeName,
} from "./index.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text)),
);
/** Text as it can come over a wire: decoded from bytes without NUL. */
const text = bytes.map((all) => decodeText(all.filter((byte) => byte !== 0)));
/** Text that travels unescaped and comes back unchanged. */
const literal = text.map((all) => decodeText(encodeText(all.replace(/[\n\r:]/g, ""))));
const trimmed = literal.map((all) => all.trim());
const name = text.filter((all) => all !== "");
const params = fc
  .uniqueArray(name, { maxLength: 8 })
  .chain((names) =>
    fc
      .array(text, { minLength: names.length, maxLength: names.length })
      .map((values) => names.flatMap((key, i) => [key, values[i] ?? ""])),
  );
const timeSec = fc.integer({ min: 0, max: 0xffff_ffff });

const appLine: fc.Arbitrary<AppLine> = fc.oneof(
  fc.record({ kind: fc.constant("message" as const), id: text, timeSec, name: text, retvalue: text, params }),
  fc.record({
    kind: fc.constant("answer" as const),
    id: literal,
    complete: fc.constant(true),
    handled: fc.boolean(),
    name: fc.oneof(name, fc.constant(undefined)),
    retvalue: text,
    changes: fc
      .array(fc.tuple(name, fc.option(text, { nil: undefined })), { maxLength: 6 })
      .map((list) => list.flat()),
  }),
  fc.record({
    kind: fc.constant("install" as const),
    priority: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
    name: literal,
    filter: fc.option(fc.record({ name, value: text }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constantFrom("uninstall" as const, "watch" as const, "unwatch" as const),
    name: literal,
  }),
  fc.record({
    kind: fc.constant("setlocal" as const),
    name: literal.filter((all) => all !== ""),
    value: trimmed,
  }),
  fc.record({ kind: fc.constant("output" as const), text: trimmed }),
  fc.record({ kind: fc.constant("debug" as const), level: fc.integer({ min: 1, max: 10 }), text }),
  fc.constant({ kind: "quit" as const }),
);

const engineLine: fc.Arbitrary<EngineLine> = fc.oneof(
  fc.record({
    kind: fc.constant("message" as const),
    id: literal,
    timeSec,
    name: text,
    retvalue: text,
    rawParams: literal,
  }),
  fc.record({
    kind: fc.constant("answer" as const),
    id: name,
    handled: fc.boolean(),
    name: text,
    retvalue: text,
    rawParams: literal,
  }),
  fc.record({
    kind: fc.constant("notification" as const),
    handled: fc.boolean(),
    name: text,
    retvalue: text,
    rawParams: literal,
  }),
  fc.record({
    kind: fc.constantFrom("installed" as const, "uninstalled" as const),
    priority: fc.integer(),
    name: literal,
    ok: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("watched" as const, "unwatched" as const),
    name: literal,
    ok: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("local" as const), name: literal, value: literal, ok: fc.boolean() }),
  fc.constant({ kind: "quitting" as const }),
  fc.record({ kind: fc.constant("error" as const), line: literal }),
);

/** Sends one line through bytes and a splitter. */
function overTheWire(line: string): string {
  const seen: string[] = [];
  const splitter = createLineSplitter((one) => seen.push(one), 1 << 20);
  assert.ok(splitter.push(encodeText(`${line}\n`)));
  assert.equal(seen.length, 1);
  return seen[0] ?? "";
}

test("any bytes come back unchanged after decoding and encoding", () => {
  fc.assert(
    fc.property(bytes, (all) => assert.deepEqual([...encodeText(decodeText(all))], [...all])),
    { numRuns: 5000 },
  );
});

test("decoding with and without the platform's help is the same", () => {
  fc.assert(
    fc.property(bytes, (all) => {
      const decoded = decodeText(all);
      assert.equal(decodeExactly(all, 0, all.length), decoded);
      assert.deepEqual([...encodeExactly(decoded)], [...encodeText(decoded)]);
      assert.equal(encodedLength(decoded), all.length);
    }),
    { numRuns: 5000 },
  );
});

test("UTF-8 is decoded as the platform does, and what it replaces is kept as bytes", () => {
  fc.assert(
    fc.property(bytes, (all) => {
      const platform = new TextDecoder("utf-8", { ignoreBOM: true }).decode(all);
      if (!platform.includes("\ufffd")) assert.equal(decodeText(all), platform);
      else assert.notEqual(decodeText(all), "");
    }),
    { numRuns: 5000 },
  );
});

test("a lone surrogate that stands for no byte goes out as U+FFFD", () => {
  assert.deepEqual([...encodeText("a\ud800")], [0x61, 0xef, 0xbf, 0xbd]);
  assert.deepEqual([...encodeText("\udc00")], [0xef, 0xbf, 0xbd]);
  assert.equal(encodedLength("a\ud800"), 4);
});

test("every text comes back from escaping", () => {
  fc.assert(
    fc.property(text, (all) => {
      assert.equal(unescapeField(escapeField(all)), all);
      assert.equal(unescapeName(escapeName(all)), all);
      assert.equal(unescapeLeniently(escapeName(all)), all);
      assert.equal(isPlain(all), unescapeField(all) === all && !all.includes("%"));
    }),
    { numRuns: 5000 },
  );
});

test("reading leniently gives the strict reading wherever there is one", () => {
  fc.assert(
    fc.property(text, (all) => {
      const strict = unescapeName(all);
      if (typeof strict === "string") assert.equal(unescapeLeniently(all), strict);
    }),
    { numRuns: 5000 },
  );
});

test("every line of an app comes back over the wire", () => {
  fc.assert(
    fc.property(appLine, (line) =>
      assert.deepEqual(parseAppLine(overTheWire(formatAppLine(line))), structuredClone(line)),
    ),
    { numRuns: 5000 },
  );
});

test("every line of an engine comes back over the wire", () => {
  fc.assert(
    fc.property(engineLine, (line) =>
      assert.deepEqual(parseEngineLine(overTheWire(formatEngineLine(line))), structuredClone(line)),
    ),
    { numRuns: 5000 },
  );
});

test("parameters keep order, repeats and bytes from an engine to an app", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text), { maxLength: 8 }), (pairs) => {
      const parsed = parseEngineLine(overTheWire(formatEngineAnswer("1", true, "n", "", pairs.flat())));
      assert.deepEqual(parseParams("rawParams" in parsed ? parsed.rawParams : "none"), pairs.flat());
    }),
    { numRuns: 5000 },
  );
});
