import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const src = resolve(root, "src");

/**
 * Layer → what it may import. The compiler enforces it through the references of src/<layer>/tsconfig.json; this
 * table is the second place to change, so that nobody widens a layer in passing.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ["base"],
  bus: ["base"],
  client: ["base", "wire", "bus"],
  flow: ["base", "bus"],
  media: ["base"],
  sdp: ["base"],
  sip: ["base"],
  rtp: ["base", "media"],
  trace: ["base", "bus"],
  call: ["base", "bus", "flow", "rtp", "media"],
  engine: ["base", "wire", "bus", "media"],
  modules: ["base", "wire", "bus", "client", "flow", "media", "sdp", "sip", "rtp", "trace", "call", "engine"],
  testing: [
    "base",
    "wire",
    "bus",
    "client",
    "flow",
    "media",
    "sdp",
    "sip",
    "rtp",
    "trace",
    "call",
    "engine",
    "modules",
  ],
  console: ["base", "wire", "bus", "client", "flow", "media", "rtp", "trace", "call"],
  cli: [
    "base",
    "wire",
    "bus",
    "client",
    "flow",
    "media",
    "sdp",
    "sip",
    "rtp",
    "trace",
    "call",
    "engine",
    "modules",
    "testing",
    "console",
  ],
};
const layers = Object.keys(allowed);
/** These see neither Node nor a browser. */
const pure = ["base", "wire", "bus", "flow", "media", "sdp", "sip", "rtp", "trace"];

interface LayerConfig {
  readonly compilerOptions: { readonly types?: string[] };
  readonly references: { readonly path: string }[];
}

const configOf = (layer: string): LayerConfig =>
  JSON.parse(readFileSync(join(src, layer, "tsconfig.json"), "utf8"));

const tsc = (folder: string, args: readonly string[]): string => {
  const program = resolve(root, "node_modules/typescript/bin/tsc");
  const options = { cwd: folder, encoding: "utf8" } as const;
  return spawnSync(process.execPath, [program, ...args, "--pretty", "false"], options).stdout;
};

describe("the layers", () => {
  it("are the folders of src, with the references the table allows and no Node in the pure ones", () => {
    const folders = globSync("*/tsconfig.json", { cwd: src }).map((path) => dirname(path));
    assert.deepEqual(folders.sort(), [...layers].sort());
    for (const layer of layers) {
      const { compilerOptions, references } = configOf(layer);
      assert.deepEqual(
        references.map(({ path }) => path.replace("../", "")),
        allowed[layer],
        `references of ${layer}`,
      );
      assert.deepEqual(
        compilerOptions.types ?? [],
        pure.includes(layer) ? [] : ["node"],
        `types of ${layer}`,
      );
    }
  });

  it("cannot import what the table does not allow: the compiler refuses every such import", () => {
    const folder = mkdtempSync(join(tmpdir(), "yayts-layers-"));
    try {
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      mkdirSync(join(folder, "src"));
      cpSync(join(src, "tsconfig.base.json"), join(folder, "src/tsconfig.base.json"));
      for (const layer of layers) {
        mkdirSync(join(folder, "src", layer));
        const config = { extends: "../tsconfig.base.json", ...configOf(layer) };
        // Without Node's types, which would have to be installed there; the pure layers lack them anyway.
        const compilerOptions = { ...config.compilerOptions, types: [] };
        writeFileSync(
          join(folder, "src", layer, "tsconfig.json"),
          JSON.stringify({ ...config, compilerOptions }),
        );
        writeFileSync(
          join(folder, "src", layer, "index.ts"),
          `export const ${layer}: string = "${layer}";\n`,
        );
        const others = layers.filter((other) => other !== layer);
        for (const other of others) {
          const code = `import { ${other} } from "../${other}/index.ts";\nexport const x: string = ${other};\n`;
          writeFileSync(join(folder, "src", layer, `uses-${other}.ts`), code);
        }
      }
      writeFileSync(join(folder, "src/base/uses-node.ts"), 'import "node:fs";\nexport {};\n');
      const references = layers.map((layer) => ({ path: `./src/${layer}` }));
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ files: [], references }));

      const output = tsc(folder, ["-b"]);

      const refused = (file: string): boolean =>
        new RegExp(`^src/${file}\\(\\d+,\\d+\\): error`, "m").test(output);
      assert.ok(refused("base/uses-node.ts"), `node:fs in base\n${output}`);
      for (const layer of layers) {
        for (const other of layers.filter((one) => one !== layer)) {
          const file = `${layer}/uses-${other}.ts`;
          assert.equal(refused(file), !allowed[layer]?.includes(other), `${file}\n${output}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("import each other only by the index, name no layer they do not refer to, and never the package itself", () => {
    const { dependencies = {} } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
    const complaints: string[] = [];
    for (const path of globSync("*/**/*.ts", { cwd: src }).filter((path) => !path.endsWith(".test.ts"))) {
      const [layer = ""] = path.split(sep);
      const text = readFileSync(join(src, path), "utf8");
      // Declarations at the start of a line, and the imports inside types and functions; not what comments show.
      const code = text.replace(/^\s*(\/?\*|\/\/).*$/gm, "");
      for (const [, specifier = ""] of code.matchAll(
        /(?:\bfrom |^import |\bimport\()\s*["']([^"']+)["']/gm,
      )) {
        const complaint = judge(specifier, join(src, path), layer, Object.keys(dependencies));
        if (complaint) complaints.push(`src/${path}: ${specifier}: ${complaint}`);
      }
    }
    assert.deepEqual(complaints, []);
  });
});

/** What is wrong with an import, if anything. */
function judge(
  specifier: string,
  file: string,
  layer: string,
  dependencies: readonly string[],
): string | undefined {
  if (specifier.startsWith(".")) {
    const [target = "", ...rest] = relative(src, resolve(dirname(file), specifier)).split(sep);
    if (target === layer) return undefined;
    if (!allowed[layer]?.includes(target)) return `${layer} may not import it`;
    return rest.join("/") === "index.ts" ? undefined : "import another layer by its index.ts";
  }
  if (builtinModules.includes(specifier.replace(/^node:/, "").split("/")[0] ?? "")) {
    return pure.includes(layer) ? `${layer} is pure` : undefined;
  }
  const known = dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return known ? undefined : "not a dependency of the package";
}
