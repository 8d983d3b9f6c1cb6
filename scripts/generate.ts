import { existsSync, globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { capture, root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const generator = resolve(root, "scripts/generate-catalogue.ts");
const specification = resolve(root, "../shared/spec/catalogue.json");

/** Writes the generated sources from the specification, which lies beside the repository. */
export async function generate(): Promise<StepResult> {
  if (!existsSync(generator)) return { ok: true, note: "skipped: there is no generator yet" };
  if (!existsSync(specification))
    return { ok: true, note: "skipped: ../shared/spec is not beside the repository" };
  const { ok, output } = await capture(process.execPath, ["--conditions=yayts-source", generator]);
  return { ok, report: output };
}

/** Generates and compares: what is in the tree must be what the generator writes. */
export async function generatedUnchanged(): Promise<StepResult> {
  const before = generatedFiles();
  const result = await generate();
  if (!result.ok || result.note) return result;
  const after = generatedFiles();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (p) => before.get(p) !== after.get(p),
  );
  if (changed.length === 0) return { ok: true, note: `${after.size} files` };
  return { ok: false, report: `written anew, commit them if that is meant:\n  ${changed.join("\n  ")}` };
}

function generatedFiles(): Map<string, string> {
  const paths = globSync("{src,test,docs}/**/*.generated.ts", { cwd: root });
  return new Map(paths.map((path) => [path, readFileSync(resolve(root, path), "utf8")]));
}

if (import.meta.main) await runAlone(generate());
