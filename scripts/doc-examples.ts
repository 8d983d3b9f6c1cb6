import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Fence, findCommentFences, findFences } from "./doc-fences.ts";
import { capture, root, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const runLimitMs = 20_000;

interface Example extends Fence {
  /** Where it is from, for reports: README.md. */
  readonly source: string;
  /** The file it is written to. */
  readonly file: string;
}

/**
 * Type-checks every TypeScript fence of the documentation and of the sources' TSDoc below `base`, and runs those
 * marked `run`.
 */
export async function docExamples(base: string = root): Promise<StepResult> {
  const problems: string[] = [];
  // Inside the project, so that "yayts" and node_modules resolve as they do for its tests.
  mkdirSync(resolve(root, ".ts"), { recursive: true });
  const folder = mkdtempSync(resolve(root, ".ts/doc-examples-"));
  try {
    const examples = collect(base, folder, problems);
    const checked = examples.filter(({ mode }) => mode !== "skip");
    if (checked.length > 0) {
      for (const example of checked) writeExample(example);
      problems.push(...(await typecheck(folder, checked)));
      for (const example of checked.filter(({ mode }) => mode === "run")) {
        const { ok, output } = await capture(process.execPath, ["--conditions=yayts-source", example.file], {
          timeoutMs: runLimitMs,
        });
        if (!ok) problems.push(`${example.source}:${example.line}: the example failed\n${output.trimEnd()}`);
      }
    }
    const count = (mode: Fence["mode"]): number => examples.filter((example) => example.mode === mode).length;
    const note = `${checked.length} checked, ${count("run")} of them run, ${count("skip")} left out`;
    return { ok: problems.length === 0, note, report: problems.join("\n") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function collect(base: string, folder: string, problems: string[]): Example[] {
  const examples: Example[] = [];
  const pages = globSync(["*.md", "docs/**/*.md", "examples/*.md"], { cwd: base });
  const sources = globSync("src/**/*.ts", { cwd: base }).filter((path) => !path.endsWith(".test.ts"));
  for (const source of [...pages, ...sources].sort()) {
    const text = readFileSync(resolve(base, source), "utf8");
    const { fences, complaints } = source.endsWith(".md") ? findFences(text) : findCommentFences(text);
    problems.push(...complaints.map((complaint) => `${source}:${complaint}`));
    for (const fence of fences) {
      const name = `${source.replace(/[^\w]+/g, "-")}-${fence.line}.ts`;
      examples.push({ ...fence, source, file: join(folder, name) });
    }
  }
  return examples;
}

function writeExample({ file, line, code }: Example): void {
  // Blank lines in front: the compiler and a stack then name the line of the page.
  writeFileSync(file, `${"\n".repeat(line - 1)}${code}\n`);
}

async function typecheck(folder: string, examples: readonly Example[]): Promise<string[]> {
  const config = {
    extends: resolve(root, "tsconfig.test.json"),
    compilerOptions: { moduleDetection: "force", noImplicitReturns: false },
    include: ["."],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { ok, output } = await capture(tool("tsc"), ["-p", folder, "--pretty", "false"], { cwd: folder });
  if (ok) return [];
  const sourceOf = new Map(examples.map(({ file, source }) => [file.slice(folder.length + 1), source]));
  return [output.trimEnd().replace(/^[\w-]+\.ts(?=\()/gm, (name) => sourceOf.get(name) ?? name)];
}

if (import.meta.main) await runAlone(docExamples());
