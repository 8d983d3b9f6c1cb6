import { build } from "./build.ts";
import { docExamples } from "./doc-examples.ts";
import { exportSnapshot } from "./exports.ts";
import { fileLengths } from "./file-length.ts";
import { biome } from "./format.ts";
import { generatedUnchanged } from "./generate.ts";
import { failuresOf, packedExamples } from "./packed-examples.ts";
import { privateNames } from "./private-names.ts";
import { capture, root } from "./process.ts";
import { sizeReport } from "./size.ts";
import type { StepResult } from "./step.ts";
import { publishCounts } from "./test.ts";

type Step = readonly [name: string, about: string, run: () => Promise<StepResult> | StepResult];

/** In this order: what builds comes before what looks at the built package. */
const steps: readonly Step[] = [
  ["lint", "format and lint", () => biome({ write: false })],
  ["types", "types and build", build],
  ["generated", "generated files", generatedUnchanged],
  ["names", "no private names", privateNames],
  ["tests", "tests", tests],
  ["docs", "documentation examples", docExamples],
  ["exports", "public exports", exportSnapshot],
  ["size", "size of the package", sizeReport],
  ["lengths", "lengths of files", fileLengths],
  ["packed", "packed examples", packedExamples],
];
/** These count their tests themselves. */
const counting = new Set(["tests", "packed"]);

async function tests(): Promise<StepResult> {
  const { ok, output } = await capture(process.execPath, ["scripts/test.ts"], { timeoutMs: 1_200_000 });
  const count = (what: string): string => new RegExp(`^\\S+ ${what} (\\d+)$`, "m").exec(output)?.[1] ?? "?";
  const note = `${count("pass")} passed, ${count("fail")} failed, ${count("skipped")} skipped`;
  return { ok, note, ...(ok ? {} : { report: failuresOf(output) }) };
}

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((argument) => !argument.startsWith("-"));
  const unknown = [
    ...names.filter((name) => !steps.some(([known]) => known === name)),
    ...args.filter((argument) => argument.startsWith("-") && argument !== "--no-tests"),
  ];
  if (unknown.length > 0) {
    console.error(
      `no such check: ${unknown.join(" ")}\nThere are: ${steps.map(([name]) => name).join(" ")}, --no-tests`,
    );
    return 2;
  }
  const wanted = steps.filter(([name]) => names.length === 0 || names.includes(name));
  const failed: string[] = [];
  for (const [name, about, run] of wanted) {
    if (name === "tests" && args.includes("--no-tests")) continue;
    const started = performance.now();
    const result = await guarded(run);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const verdict = result.ok ? "ok    " : "FAILED";
    console.log(
      `${verdict} ${`${seconds} s`.padStart(7)}  ${about}${result.note ? ` (${result.note})` : ""}`,
    );
    if (result.report?.trim()) console.log(result.report.trimEnd().replace(/^/gm, "    "));
    if (!result.ok) failed.push(name);
    if (!counting.has(name))
      publishCounts({ passed: result.ok ? 1 : 0, failed: result.ok ? 0 : 1, skipped: 0, failedFiles: [] });
  }
  if (failed.length > 0)
    console.log(`\nfailed: ${failed.join(", ")}. One again: npm run check -- ${failed[0]}`);
  return failed.length > 0 ? 1 : 0;
}

/** A check that throws is a failed check; the others still run. */
async function guarded(run: Step[2]): Promise<StepResult> {
  try {
    return await run();
  } catch (error) {
    return { ok: false, report: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.chdir(root);
process.exitCode = await main(process.argv.slice(2));
