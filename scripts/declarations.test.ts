import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { readExports } from "./declarations.ts";
import { compare } from "./exports.ts";
import { capture, root, tool } from "./process.ts";

/** Sources in every form an index of ours may have; tsc makes the declarations, so the forms are its own. */
const sources = {
  "one.ts": `
    /** Says so. export const notThis = 1; */
    export function one(): number { return 1; }
    export async function* many(): AsyncGenerator<number> { yield 1; }
    export abstract class Shape {}
    export const both: { a: 1 } = { a: 1 };
    export type both = typeof both;
    export const hidden: number = 2;
    export default one;`,
  "two.ts": `
    export interface Two { readonly a: string }
    export type Alias<T> = T | Two;
    export { one as renamed } from "./one.ts";`,
  "index.ts": `
    import { many } from "./one.ts";
    import type { Alias } from "./two.ts";
    export { one, Shape, type both } from "./one.ts";
    export * from "./two.ts";
    export * as everything from "./one.ts";
    export { many };
    export type { Alias as Other };
    const local: string = "";
    export { local as own };`,
};

describe("the snapshot of exports", () => {
  it("reads names and kinds from what tsc emits", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yayts-exports-"));
    try {
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
      const compilerOptions = { composite: false, rootDir: ".", outDir: "dist" };
      const config = { extends: resolve(root, "src/tsconfig.base.json"), compilerOptions, include: ["."] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      const { ok, output } = await capture(tool("tsc"), ["-p", folder]);
      assert.ok(ok, output);
      assert.deepEqual(readExports(join(folder, "dist/index.d.ts")), {
        Alias: "type",
        Other: "type",
        Shape: "class",
        Two: "interface",
        both: "const + type",
        everything: "namespace",
        many: "function",
        one: "function",
        own: "const",
        renamed: "function",
      });
      assert.equal(readExports(join(folder, "dist/one.d.ts")).default, "value");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("tells what was added, taken away and changed", () => {
    const before = { ".": { a: "function", b: "const", c: "type" } };
    const now = { ".": { a: "function", b: "function", d: "class" }, "./new": { e: "type" } };
    assert.deepEqual(compare(before, now), [
      "~ . b: was const, is function",
      "- . c (type)",
      "+ . d (class)",
      "+ ./new e (type)",
    ]);
    assert.deepEqual(compare(now, now), []);
  });
});
