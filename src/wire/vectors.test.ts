import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { escapeField, parseAppLine, parseEngineLine, parseParams, unescapeField } from "./index.ts";
import { createLineSplitter } from "./line-splitter.ts";

interface SplitterVector {
  readonly does: string;
  /** Each character is a byte. */
  readonly bytes: string;
  readonly lines: readonly string[];
  readonly limit?: number;
  readonly overflow?: boolean;
}

interface EscapeVector {
  readonly text?: string;
  readonly field: string;
  readonly error?: number;
}

interface LineVector {
  readonly line: string;
  /** Null stands for undefined. */
  readonly is: Readonly<Record<string, unknown>>;
  readonly params?: readonly string[];
}

function load<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"));
}

/** The parts of a parsed line that mean something, in the form of the vectors. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

const feeds: Readonly<Record<string, (bytes: Buffer) => Iterable<Uint8Array>>> = {
  whole: (bytes) => [bytes],
  "byte by byte": (bytes) => [...bytes].map((byte) => Uint8Array.of(byte)),
  "in threes": (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(i * 3, i * 3 + 3)),
};

describe("the line splitter", () => {
  for (const vector of load<SplitterVector>("splitter")) {
    for (const [how, pieces] of Object.entries(feeds)) {
      test(`${vector.does}, fed ${how}`, () => {
        const lines: string[] = [];
        const splitter = createLineSplitter((line) => lines.push(line), vector.limit);
        let ok = true;
        for (const piece of pieces(Buffer.from(vector.bytes, "latin1"))) ok = splitter.push(piece) && ok;
        assert.deepEqual(lines, vector.lines);
        assert.equal(ok, !vector.overflow);
      });
    }
  }
});

describe("escaping", () => {
  for (const { text, field, error } of load<EscapeVector>("escape")) {
    test(`${JSON.stringify(field)} means ${error === undefined ? JSON.stringify(text) : "nothing"}`, () => {
      assert.equal(unescapeField(field), error ?? text);
      if (text !== undefined) assert.equal(escapeField(text), field);
    });
  }
});

describe("an app's line", () => {
  for (const { line, is } of load<LineVector>("app-lines")) {
    test(`${JSON.stringify(line)} is ${is.kind}`, () => {
      const parsed = plain(parseAppLine(line)) as { kind: string };
      assert.deepEqual(parsed.kind === "bad" ? { kind: "bad" } : parsed, is);
    });
  }
});

describe("an engine's line", () => {
  for (const { line, is, params } of load<LineVector>("engine-lines")) {
    test(`${JSON.stringify(line)} is ${is.kind}`, () => {
      const parsed = parseEngineLine(line);
      assert.deepEqual(parsed.kind === "unknown" ? { kind: "unknown" } : plain(parsed), is);
      if (params) assert.deepEqual(parseParams("rawParams" in parsed ? parsed.rawParams : ""), params);
    });
  }
});
