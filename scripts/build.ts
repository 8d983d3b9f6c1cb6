import { existsSync, globSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { capture, root, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Compiles and type-checks everything that tsconfig.json refers to: the layers into dist/, and the tests. */
export async function build(): Promise<StepResult> {
  const sources = globSync("**/*.ts", { cwd: resolve(root, "src") }).map((path) => path.replace(/\.ts$/, ""));
  removeOrphans(new Set(sources));
  const result = await capture(tool("tsc"), ["-b"]);
  const missing = sources.filter(
    (path) => !path.endsWith(".test") && !existsSync(resolve(root, "dist", `${path}.js`)),
  );
  if (!result.ok || missing.length === 0) return { ok: result.ok, report: result.output };
  // tsc believes its records in .ts/, not the folder: somebody has removed files from dist.
  const again = await capture(tool("tsc"), ["-b", "--force"]);
  return { ok: again.ok, report: again.output };
}

/** Removes what an earlier build left of sources that are gone, so that it is not packed. */
function removeOrphans(sources: ReadonlySet<string>): void {
  for (const path of globSync("**/*.{js,d.ts,map}", { cwd: resolve(root, "dist") })) {
    const orphan = path.endsWith(".map") || !sources.has(path.replace(/\.(js|d\.ts)$/, ""));
    if (orphan) rmSync(resolve(root, "dist", path));
  }
}

if (import.meta.main) await runAlone(build());
