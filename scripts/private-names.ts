import { existsSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { capture, repositoryFiles, root } from "./process.ts";
import { runAlone, type StepResult } from "./step.ts";

/** Folders that are the same on everybody's machine: to name them tells nothing. */
const common = new Set([
  "/",
  "/home",
  "/root",
  "/tmp",
  "/usr",
  "/opt",
  "/srv",
  "/var",
  "/mnt",
  "/Users",
  tmpdir(),
]);

/** What no committed file may name: the registry this machine installs from, and the folders it works in. */
export function forbiddenNames(registry: string, folders: readonly string[]): RegExp[] {
  const host = URL.canParse(registry) ? new URL(registry).host : "";
  const paths = folders.filter((folder) => !common.has(folder));
  return [
    ...(host ? [new RegExp(`(?<![\\w.-])${literally(host)}(?![\\w.-])`)] : []),
    // Not within a longer relative path: src/work/x is no folder of a machine that works in /work.
    ...paths.map((path) => new RegExp(`(?<![\\w.*~-])${literally(path)}(?![\\w.-])`)),
  ];
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** The lines of a text that name something forbidden, or that a lock file should not hold, as `line: what`. */
export function findPrivateNames(path: string, text: string, forbidden: readonly RegExp[]): string[] {
  const found: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    for (const pattern of forbidden) {
      const hit = pattern.exec(line);
      if (hit) found.push(`${path}:${index + 1}: names ${hit[0]}`);
    }
    if (path.endsWith("package-lock.json") && /"resolved":\s*"[a-z+]+:\/\//.test(line)) {
      found.push(`${path}:${index + 1}: names where a package was fetched ("resolved")`);
    }
  }
  return found;
}

/** Looks through all that is or may be committed. */
export async function privateNames(): Promise<StepResult> {
  const registry = await capture("npm", ["config", "get", "registry"]);
  if (!registry.ok) return { ok: false, report: registry.output };
  const forbidden = forbiddenNames(registry.stdout.trim(), [root, dirname(root), homedir()]);
  const paths = (await repositoryFiles()).filter((path) => existsSync(resolve(root, path)));
  const found = paths.flatMap((path) =>
    // Latin-1: every byte is a character, so that sound files are looked through as well.
    findPrivateNames(path, readFileSync(resolve(root, path), "latin1"), forbidden),
  );
  return { ok: found.length === 0, note: `${paths.length} files`, report: found.join("\n") };
}

if (import.meta.main) await runAlone(privateNames());
