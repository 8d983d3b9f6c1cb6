import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { capture, root, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";
import { publishCounts, readCounts, testFlags } from "./test.ts";

/**
 * Installs the packed package in a folder outside the repository, beside a copy of the examples, type-checks
 * them and runs some of their tests there: what a user gets, with nothing of the repository in reach (build first).
 */
export async function packedExamples(): Promise<StepResult> {
  const present = globSync("examples/**/*.ts", {
    cwd: root,
    exclude: (path) => path.endsWith("node_modules"),
  });
  if (present.length === 0) return { ok: true, note: "skipped: there are no examples yet" };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "yayts-packed-")));
  try {
    const examples = join(folder, "examples");
    cpSync(resolve(root, "examples"), examples, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    return (
      (await install(folder, examples)) ?? (await typecheck(examples)) ?? (await runTests(folder, examples))
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, examples: string): Promise<StepResult | undefined> {
  const packed = await capture("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  if (!packed.ok) return { ok: false, report: packed.output };
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!tarball) return { ok: false, report: "npm pack wrote no tarball" };
  const flags = [
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--ignore-scripts",
  ];
  const installed = await capture("npm", ["install", ...flags, join(folder, tarball)], { cwd: examples });
  return installed.ok ? undefined : { ok: false, report: installed.output };
}

async function typecheck(examples: string): Promise<StepResult | undefined> {
  const config = {
    extends: resolve(root, "src/tsconfig.base.json"),
    compilerOptions: {
      composite: false,
      noEmit: true,
      declaration: false,
      isolatedDeclarations: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      skipLibCheck: false,
      rootDir: ".",
      types: ["node"],
      typeRoots: [resolve(root, "node_modules/@types")],
    },
    include: ["."],
  };
  writeFileSync(join(examples, "tsconfig.json"), JSON.stringify(config));
  const { ok, output } = await capture(tool("tsc"), ["-p", examples, "--pretty", "false"], { cwd: examples });
  return ok ? undefined : { ok: false, report: output };
}

/**
 * All are run from the sources already. These need what only a packed package can lack: its prompts, its readers of sounds, prompts
 * beside the app, an engine with its modules.
 */
const telling: readonly string[] = ["answer.test.ts", "guess.test.ts", "keyecho.test.ts", "pbx.test.ts"];

async function runTests(folder: string, examples: string): Promise<StepResult> {
  const tests = telling.filter((file) => existsSync(join(examples, file)));
  const countsFile = join(folder, "counts.json");
  const { ok, output } = await capture(process.execPath, [...testFlags(countsFile), ...tests], {
    cwd: examples,
  });
  const counts = readCounts(countsFile);
  if (!ok && counts.failed === 0) counts.failed = 1;
  publishCounts(counts);
  const note = `${counts.passed} passed, ${counts.failed} failed against the packed package`;
  return ok && counts.passed > 0 ? { ok, note } : { ok: false, note, report: failuresOf(output) };
}

/** The end of a report of node:test, from where it lists what failed; all of it if nothing is listed. */
export function failuresOf(output: string): string {
  const at = output.lastIndexOf("failing tests:");
  return at < 0 ? output : output.slice(output.lastIndexOf("\n", at) + 1);
}

if (import.meta.main) await runAlone(packedExamples());
