import { cpSync, existsSync, globSync, mkdirSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { build, formatMessages } from "esbuild";
import { root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const source = resolve(root, "page");
const target = resolve(root, "dist/console/page");

/** What the page is made of, besides what these import. */
const entryPoints = { app: "src/main.tsx", style: "src/styles/app.css" };

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
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  try {
    await build({
      absWorkingDir: source,
      entryPoints: [
        { in: entryPoints.app, out: "app" },
        { in: entryPoints.style, out: "app" },
        ...globSync("src/phone/worklets/*.ts", { cwd: source }).map((path) => ({
          in: path,
          out: path.replace(/^.*\/|\.ts$/g, ""),
        })),
      ],
      outdir: target,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2023",
      jsx: "automatic",
      jsxImportSource: "preact",
      logLevel: "silent",
    });
    cpSync(resolve(source, "index.html"), resolve(target, "index.html"));
    return { ok: true, report: "" };
  } catch (error) {
    const { errors = [] } = error as { errors?: Parameters<typeof formatMessages>[0] };
    return {
      ok: false,
      report: (await formatMessages(errors, { kind: "error" })).join("\n") || String(error),
    };
  }
}

if (import.meta.main) await runAlone(buildPage());
