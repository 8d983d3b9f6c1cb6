import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { docExamples } from "./doc-examples.ts";
import { findCommentFences, findFences } from "./doc-fences.ts";

const page = (...lines: string[]): string => lines.join("\n");

describe("fences of documentation", () => {
  it("are found with their line and mark; other languages are left alone", () => {
    const text = page(
      "# Title",
      "```ts",
      "a();",
      "b();",
      "```",
      "```sh",
      "npm test",
      "```",
      "```ts run",
      "c();",
      "```",
    );
    assert.deepEqual(findFences(text), {
      fences: [
        { line: 3, mode: "check", code: "a();\nb();" },
        { line: 10, mode: "run", code: "c();" },
      ],
      complaints: [],
    });
  });

  it("keep their code when they stand in a list, and show fences inside longer fences as text", () => {
    const text = page(
      "- so:",
      "  ```ts",
      "  if (x) {",
      "    y();",
      "  }",
      "  ```",
      "````md",
      "```ts",
      "no",
      "```",
      "````",
    );
    assert.deepEqual(findFences(text).fences, [{ line: 3, mode: "check", code: "if (x) {\n  y();\n}" }]);
  });

  it("are only left out with a reason, and a mark with a slip of the pen is a complaint", () => {
    const text = page(
      "```ts no-check pseudo code",
      "~",
      "```",
      "```ts no-check",
      "~",
      "```",
      "```ts nocheck",
      "~",
      "```",
    );
    const { fences, complaints } = findFences(text);
    assert.deepEqual(
      fences.map(({ mode }) => mode),
      ["skip"],
    );
    assert.deepEqual(
      complaints.map((complaint) => complaint.replace(/^(\d+):.*?(reason|unknown).*/, "$1 $2")),
      ["4 reason", "7 unknown"],
    );
  });

  it("without an end are a complaint", () => {
    assert.deepEqual(findFences("x\n```ts\na();").complaints, ["2: this fence has no end"]);
  });

  it("are found in TSDoc and nowhere else in a source", () => {
    const source = page(
      "/**",
      " * Adds.",
      " * @example",
      " * ```ts",
      " * const t = `a * b`;",
      " *   add(1);",
      " * ```",
      " */",
      "export const text = `",
      "```ts",
      "not an example",
      "```",
      "`;",
      "/** One line. */",
    );
    assert.deepEqual(findCommentFences(source).fences, [
      { line: 5, mode: "check", code: "const t = `a * b`;\n  add(1);" },
    ]);
  });
});

describe("the check of documentation examples", () => {
  const check = async (files: Record<string, string>): ReturnType<typeof docExamples> => {
    const base = mkdtempSync(join(tmpdir(), "yayts-docs-"));
    try {
      mkdirSync(join(base, "src"));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(base, name), text);
      return await docExamples(base);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  };

  it("accepts good examples and counts them", async () => {
    const readme = page(
      "```ts",
      "const a: number = 1;",
      "a.toFixed();",
      "```",
      "```ts run",
      "await 1;",
      "```",
    );
    const { ok, note, report } = await check({ "README.md": readme });
    assert.equal(report, "");
    assert.equal(note, "2 checked, 1 of them run, 0 left out");
    assert.ok(ok);
  });

  it("names the page and line of one that does not compile, and of one in a source", async () => {
    const readme = page(
      "# T",
      "",
      "```ts",
      "const a: number = 1;",
      'const b: number = "x";',
      "a + b;",
      "```",
    );
    const source = page("/**", " * ```ts", " * nowhere();", " * ```", " */", "export {};");
    const { ok, report = "" } = await check({ "README.md": readme, "src/a.ts": source });
    assert.equal(ok, false);
    assert.match(report, /^README\.md\(5,7\): error TS2322/m);
    assert.match(report, /^src\/a\.ts\(3,\d+\): error TS2304/m);
  });

  it("runs what is marked so and reports a failure with its output", async () => {
    const readme = page("```ts run", "", 'throw new Error("did not work");', "```");
    const { ok, report = "" } = await check({ "README.md": readme });
    assert.equal(ok, false);
    assert.match(report, /README\.md:2: the example failed/);
    assert.match(report, /did not work/);
  });
});
