import { appendFileSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import type { Counts } from "./count-reporter.ts";
import { forward } from "./forward.mjs";
import { root } from "./process.ts";

const patterns = ["src", "page", "test", "examples", "scripts"].map((folder) => `${folder}/**/*.test.ts`);
const yateTests = join("test", "yate") + sep;
const browserTests = join("test", "browser") + sep;

/** Which test files to run: all but those that need a real YATE, or those whose path holds one of `wanted`. */
export function chooseTests(wanted: readonly string[], yate: boolean): string[] {
  const all = globSync(patterns, { cwd: root, exclude: (path) => path.endsWith("node_modules") });
  // Those beside a source are short: last, they fill what the long ones leave.
  const isShort = (path: string): number => Number(path.startsWith(`src${sep}`));
  all.sort((a, b) => isShort(a) - isShort(b) || (a < b ? -1 : 1));
  const fitting = wanted.map((path) => relative(root, resolve(root, path)));
  return all.filter((path) =>
    path.startsWith(yateTests) !== yate
      ? false
      : wanted.length === 0 || fitting.some((w) => path.includes(w)),
  );
}

/**
 * Flags of `node --test` for every run of ours: a limit for each test, four files at a time even where Node
 * would take one (most of them listen to sound that takes its time), a report to read on the terminal and the counts in a file.
 * @param atOnce files at a time
 */
export function testFlags(
  countsFile: string,
  atOnce: number = Math.max(4, availableParallelism() - 1),
): string[] {
  const reporter = resolve(root, "scripts/count-reporter.ts");
  return [
    "--test",
    "--test-timeout=60000",
    `--test-concurrency=${atOnce}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${countsFile}`,
  ];
}

/** Reads what {@link testFlags} made a run write. A run that wrote nothing has failed once. */
export function readCounts(countsFile: string): Counts {
  try {
    const counts: Counts = JSON.parse(readFileSync(countsFile, "utf8"));
    return counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failedFiles: [] };
  }
}

/** Adds a run to the file that YAYTS_COUNTS names, if it does: `.ci/run` adds these up at its end. */
export function publishCounts(counts: Counts): void {
  const file = process.env.YAYTS_COUNTS;
  if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}

async function main(): Promise<number> {
  const yate = process.argv.includes("--yate");
  const args = process.argv.slice(2).filter((argument) => argument !== "--yate");
  if (yate && !process.env.YAYTS_YATE) {
    console.log("skipped: YAYTS_YATE is not set; let it name the yate program to test against a real YATE");
    return 0;
  }
  const flags = args.filter((argument) => argument.startsWith("-"));
  const names = args.filter((argument) => !argument.startsWith("-"));
  const files = chooseTests(names, yate);
  if (files.length === 0) {
    console.error(names.length > 0 ? `no test file fits ${names.join(" ")}` : "there is no test file");
    return 1;
  }
  const first = await runInTurn([files.filter((path) => !isHeavy(path)), files.filter(isHeavy)], flags);
  const suspects = first.counts.failedFiles;
  const again = files.length > 1 && suspects.length > 0 && suspects.length <= mostSuspects;
  const { code, counts } = again ? await runAlone(first, flags) : first;
  publishCounts(counts);
  if (code !== 0 || counts.passed > 0) return code;
  console.error(`no test ran${counts.skipped > 0 ? `: all ${counts.skipped} were skipped` : ""}`);
  return 1;
}

/** Tests with a browser take a machine of two cores for themselves. */
function isHeavy(path: string): boolean {
  return path.startsWith(browserTests);
}

interface Run {
  readonly code: number;
  readonly counts: Counts;
}

/** The first as many at a time as usual, the others two at a time. */
async function runInTurn(
  [light = [], heavy = []]: readonly string[][],
  flags: readonly string[],
): Promise<Run> {
  const runs: Run[] = [];
  if (light.length > 0) runs.push(await run(light, flags));
  if (heavy.length > 0) runs.push(await run(heavy, flags, 2));
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    runs.reduce((total, { counts }) => total + counts[key], 0);
  return {
    code: runs.find(({ code }) => code !== 0)?.code ?? 0,
    counts: {
      passed: sum("passed"),
      failed: sum("failed"),
      skipped: sum("skipped"),
      failedFiles: runs.flatMap(({ counts }) => counts.failedFiles),
    },
  };
}

async function run(files: readonly string[], flags: readonly string[], atOnce?: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "yayts-test-"));
  const countsFile = join(folder, "counts.json");
  try {
    const args = ["--conditions=yayts-source", ...testFlags(countsFile, atOnce), ...flags, ...files];
    const code = await forward(process.execPath, args, { cwd: root, env: process.env });
    const counts = readCounts(countsFile);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return { code, counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** More files than this do not fail by chance. */
const mostSuspects = 8;

/**
 * Many tests listen to sound in real time, which a machine that stands still for tenths of a second tears to pieces. So files that
 * failed beside others have a second run, alone; a fault fails there again.
 */
async function runAlone(first: Run, flags: readonly string[]): Promise<Run> {
  const files = first.counts.failedFiles.map((path) => relative(root, path));
  console.log(`\nFailed beside others, and once more, alone: ${files.join(", ")}\n`);
  const second = await run(files, flags, 1);
  const failed = second.counts.failed;
  console.log(
    failed === 0
      ? "\nPassed alone: the machine was too busy for these before."
      : `\n${failed} failed alone as well.`,
  );
  // What passed in these files before is not known apart, and is counted once: by the first run.
  const mended = Math.max(0, first.counts.failed - failed);
  return { code: second.code, counts: { ...first.counts, passed: first.counts.passed + mended, failed } };
}

if (import.meta.main) process.exitCode = await main();
