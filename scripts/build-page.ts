import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, formatMessages } from "esbuild";
import { root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const source = resolve(root, "page");
const target = resolve(root, "dist/console/page");

/** What the browser loads, by its name there. Threads and worklets are modules of their own. */
const entryPoints: readonly { readonly in: string; readonly out: string }[] = [
  { in: "src/main.tsx", out: "app" },
  { in: "src/styles/app.css", out: "app" },
  { in: "src/socket/socket-worker.ts", out: "socket" },
  { in: "src/phone/worklets/speaker.ts", out: "speaker" },
  { in: "src/phone/worklets/mic.ts", out: "mic" },
];

/** Whether the page is as new as what it is made of. */
export function pageIsFresh(): boolean {
  const made = resolve(target, "app.js");
  if (!existsSync(made)) return false;
  const madeMs = statSync(made).mtimeMs;
  const folders = [
    "page/{src,index.html}/**",
    "page/index.html",
    "src/{trace,console,base,bus,media}/**/*.ts",
  ];
  return globSync(folders, { cwd: root }).every((path) => statSync(resolve(root, path)).mtimeMs <= madeMs);
}

/** Bundles the console's browser app into dist/console/page. */
export async function buildPage(): Promise<StepResult> {
  try {
    const { metafile, outputFiles } = await build({
      absWorkingDir: source,
      entryPoints: [...entryPoints],
      outdir: target,
      bundle: true,
      minify: true,
      metafile: true,
      write: false,
      format: "esm",
      target: "es2023",
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "none",
      logLevel: "silent",
    });
    const files = new Map<string, Uint8Array | string>([
      ...outputFiles.map(({ path, contents }) => [path, contents] as const),
      [resolve(target, "licences.txt"), licencesOf(Object.keys(metafile.inputs))],
      [resolve(target, "index.html"), readFileSync(resolve(source, "index.html"))],
    ]);
    // Only now, and each in its place: a page that works, and is open somewhere, is not replaced by none.
    mkdirSync(target, { recursive: true });
    for (const [path, content] of files) writeFileSync(path, content);
    for (const name of readdirSync(target))
      if (!files.has(resolve(target, name))) rmSync(resolve(target, name), { recursive: true });
    return { ok: true, report: "" };
  } catch (error) {
    const { errors = [] } = error as { errors?: Parameters<typeof formatMessages>[0] };
    return {
      ok: false,
      report: (await formatMessages(errors, { kind: "error" })).join("\n") || String(error),
    };
  }
}

/** The licences of the packages of which there is code in the page, as these want it. */
function licencesOf(inputs: readonly string[]): string {
  const packages = new Set(
    inputs.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[0] ?? []),
  );
  return [...packages]
    .sort()
    .map((path) => {
      const folder = resolve(source, path);
      const { name, version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
      const [file] = globSync("{LICENSE,LICENCE,COPYING}*", { cwd: folder });
      if (!file) throw new Error(`${name} has no licence file, which the page must carry`);
      return `${name} ${version}\n\n${readFileSync(resolve(folder, file), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * Bytes of the page as a browser gets it: each file compressed by itself.
 * @throws an Error when it is not built
 */
export function compressedPageBytes(): number {
  const loaded = globSync("*.{html,js,css}", { cwd: target });
  if (loaded.length === 0) throw new Error("the page is not built: npm run build");
  return loaded
    .map((file) => gzipSync(readFileSync(resolve(target, file)), { level: 9 }).length)
    .reduce((all, bytes) => all + bytes, 0);
}

if (import.meta.main) await runAlone(buildPage());
