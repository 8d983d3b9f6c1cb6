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
  // The concise report closes with a summary of no news; when nothing is marked, Biome itself had a problem.
  const marked = write ? [] : output.split("\n").filter((line) => line.startsWith("×"));
  const report = marked.length > 0 ? `${marked.join("\n")}\nMost repair themselves: npm run format` : output;
  return { ok, ...(note ? { note } : {}), ...(ok ? {} : { report }) };
}

if (import.meta.main) await runAlone(biome({ write: true, paths: process.argv.slice(2) }));
