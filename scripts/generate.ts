import { existsSync, globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { capture, root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const specification = resolve(root, "../shared/spec/catalogue.json");

/** Writes what is made from the source's own tables, and from the specification, which lies beside the repository. */
export async function generate(): Promise<StepResult> {
  const missing = !existsSync(specification);
  const reports: string[] = [];
  let ok = true;
  for (const script of [
    "generate-docs.ts",
    ...(missing ? [] : ["generate-catalogue.ts", "generate-console-catalogue.ts"]),
  ]) {
    const done = await capture(process.execPath, [
      "--conditions=yayts-source",
      resolve(root, "scripts", script),
    ]);
    ok &&= done.ok;
    reports.push(done.output);
  }
  const note = missing ? { note: "without the catalogue: ../shared/spec is not beside the repository" } : {};
  return { ok, report: reports.join(""), ...note };
}

/** Generates and compares: what is in the tree must be what the generator writes. */
export async function generatedUnchanged(): Promise<StepResult> {
  const before = generatedFiles();
  const result = await generate();
  if (!result.ok) return result;
  const after = generatedFiles();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (p) => before.get(p) !== after.get(p),
  );
  if (changed.length === 0) return { ok: true, note: result.note ?? `${after.size} files` };
  return { ok: false, report: `written anew, commit them if that is meant:\n  ${changed.join("\n  ")}` };
}

function generatedFiles(): Map<string, string> {
  const paths = globSync(["src/**/*.generated.ts", "docs/{cli,errors}.md"], { cwd: root });
  return new Map(paths.map((path) => [path, readFileSync(resolve(root, path), "utf8")]));
}

if (import.meta.main) await runAlone(generate());
