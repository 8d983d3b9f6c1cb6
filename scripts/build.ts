import { globSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { capture, root, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Compiles and type-checks everything that tsconfig.json refers to: the layers into dist/, and the tests. */
export async function build(): Promise<StepResult> {
  removeOrphans();
  const { ok, output } = await capture(tool("tsc"), ["-b"]);
  return { ok, report: output };
}

/** Removes what an earlier build left of sources that are gone, so that it is not packed. */
function removeOrphans(): void {
  const sources = new Set(
    globSync("**/*.ts", { cwd: resolve(root, "src") }).map((path) => path.replace(/\.ts$/, "")),
  );
  for (const path of globSync("**/*.{js,d.ts,map}", { cwd: resolve(root, "dist") })) {
    const orphan = path.endsWith(".map") || !sources.has(path.replace(/\.(js|d\.ts)$/, ""));
    if (orphan) rmSync(resolve(root, "dist", path));
  }
}

if (import.meta.main) await runAlone(build());
