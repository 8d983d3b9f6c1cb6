import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { build } from "./build.ts";
import { type Exports, readExports } from "./declarations.ts";
import { root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Entry point of the package ("." or "./bus") → its exports. */
export type Snapshot = Record<string, Exports>;

const snapshotFile = resolve(root, "docs/exports.json");
const howToAccept = "If that is meant: npm run exports -- --write, and a line in CHANGELOG.md.";

/** Compares what the built package exports with docs/exports.json. */
export function exportSnapshot(): StepResult {
  const missing = entryPoints().filter(([, file]) => !existsSync(file));
  if (missing.length > 0) {
    const list = missing.map(
      ([entry, file]) => `package.json exports "${entry}", and there is no ${relative(root, file)}`,
    );
    return { ok: false, report: list.join("\n") };
  }
  const now = takeSnapshot();
  const count = Object.values(now).reduce((sum, names) => sum + Object.keys(names).length, 0);
  const note = `${count} exports of ${Object.keys(now).length} entry points`;
  if (!existsSync(snapshotFile))
    return { ok: false, note, report: `docs/exports.json is missing. ${howToAccept}` };
  const differences = compare(JSON.parse(readFileSync(snapshotFile, "utf8")), now);
  if (differences.length === 0) return { ok: true, note };
  return { ok: false, note, report: [...differences, howToAccept].join("\n") };
}

/** The differences between two snapshots, a line each. */
export function compare(before: Snapshot, now: Snapshot): string[] {
  const lines: string[] = [];
  for (const entry of [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()) {
    const [old = {}, current = {}] = [before[entry], now[entry]];
    for (const name of [...new Set([...Object.keys(old), ...Object.keys(current)])].sort()) {
      const [was, is] = [old[name], current[name]];
      if (was === undefined) lines.push(`+ ${entry} ${name} (${is})`);
      else if (is === undefined) lines.push(`- ${entry} ${name} (${was})`);
      else if (was !== is) lines.push(`~ ${entry} ${name}: was ${was}, is ${is}`);
    }
  }
  return lines;
}

function entryPoints(): [entry: string, declarations: string][] {
  const { exports } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  return Object.entries<{ types?: string }>(exports).flatMap(([entry, { types }]) =>
    types ? [[entry, resolve(root, types)]] : [],
  );
}

function takeSnapshot(): Snapshot {
  return Object.fromEntries(entryPoints().map(([entry, file]) => [entry, readExports(file)]));
}

if (import.meta.main) {
  const built = await build();
  if (!built.ok) await runAlone(Promise.resolve(built));
  else if (process.argv.includes("--write")) {
    mkdirSync(dirname(snapshotFile), { recursive: true });
    writeFileSync(snapshotFile, `${JSON.stringify(takeSnapshot(), null, 2)}\n`);
    console.log("wrote docs/exports.json");
  } else await runAlone(Promise.resolve(exportSnapshot()));
}
