import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { repositoryFiles, root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

const [aimLines, limitLines] = [300, 500];
const code = /^(src|test|bench|scripts|examples)\/.*\.(ts|mjs|js)$/;

/** A file that is excused: a table of data that says so in its first lines, or a generated one. */
export function isExcused(path: string, text: string): boolean {
  return (
    /\.generated\.ts$/.test(path) ||
    text.split("\n", 5).some((line) => /^(\/\/|\s*\*) table of data\b/.test(line))
  );
}

/** Lists the files over 300 lines; fails for those over 500 that are not excused. */
export async function fileLengths(): Promise<StepResult> {
  const sizes: { path: string; lines: number; excused: boolean }[] = [];
  for (const path of (await repositoryFiles()).filter((path) => code.test(path))) {
    if (!existsSync(resolve(root, path))) continue;
    const text = readFileSync(resolve(root, path), "utf8");
    sizes.push({ path, lines: text.trimEnd().split("\n").length, excused: isExcused(path, text) });
  }
  sizes.sort((a, b) => b.lines - a.lines);
  const long = sizes.filter(({ lines, excused }) => lines > aimLines && !excused);
  const median = sizes[Math.floor(sizes.length / 2)]?.lines ?? 0;
  return {
    ok: long.every(({ lines }) => lines <= limitLines),
    note: `${sizes.length} files, median ${median} lines, ${long.length} over ${aimLines}`,
    report: long
      .map(
        ({ path, lines }) =>
          `${String(lines).padStart(5)} ${path}${lines > limitLines ? "  over the limit" : ""}`,
      )
      .join("\n"),
  };
}

if (import.meta.main) await runAlone(fileLengths());
