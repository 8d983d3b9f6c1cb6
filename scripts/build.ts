import { existsSync, globSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { buildPage, pageIsFresh } from "./build-page.ts";
import { capture, root, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Compiles and type-checks everything that tsconfig.json refers to: the layers into dist/, the tests, the page; bundles the page. */
export async function build(): Promise<StepResult> {
  const sources = globSync("**/*.ts", { cwd: resolve(root, "src") }).map((path) => path.replace(/\.ts$/, ""));
  removeOrphans(new Set(sources));
  const compiled = sources.filter((path) => !path.endsWith(".test"));
  const missing = compiled.some((path) => !existsSync(resolve(root, "dist", `${path}.js`)));
  // tsc believes its records in .ts/, not the folder: somebody may have removed files from dist, or all of it.
  const { ok, output } = await capture(tool("tsc"), missing ? ["-b", "--force"] : ["-b"]);
  if (!ok) return { ok, report: output };
  return pageIsFresh() ? { ok, report: output } : await buildPage();
}

/** Removes what an earlier build left of sources that are gone, so that it is not packed. */
function removeOrphans(sources: ReadonlySet<string>): void {
  for (const path of globSync("**/*.{js,d.ts,map}", {
    cwd: resolve(root, "dist"),
    exclude: ["console/page/**"],
  })) {
    const orphan = path.endsWith(".map") || !sources.has(path.replace(/\.(js|d\.ts)$/, ""));
    if (orphan) rmSync(resolve(root, "dist", path));
  }
}

if (import.meta.main) await runAlone(build());
