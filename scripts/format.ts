import { capture, tool } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Format and lint with Biome; `write` repairs what can be repaired safely. */
export async function biome({
  write,
  paths = [],
}: {
  write: boolean;
  paths?: string[];
}): Promise<StepResult> {
  const mode = write
    ? ["--write"]
    : ["--reporter=concise", "--diagnostic-level=error", "--max-diagnostics=200"];
  const flags = ["--colors=off", ...mode];
  const { ok, output } = await capture(tool("biome"), ["check", ...flags, ...paths]);
  const note = /Checked \d+ files?/.exec(output)?.[0].toLowerCase();
  return { ok, ...(note ? { note } : {}), ...(ok ? {} : { report: output }) };
}

if (import.meta.main) await runAlone(biome({ write: true, paths: process.argv.slice(2) }));
