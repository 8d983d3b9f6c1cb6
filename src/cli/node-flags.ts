import { spawn } from "node:child_process";

/** Whether this Node reads TypeScript by itself (22.18 and newer, or with its flag). */
function readsTypeScript(): boolean {
  // Absent before 22.10.
  const features: { readonly typescript?: unknown } = process.features;
  return features.typescript !== undefined && features.typescript !== false;
}

/** Flags for a child process that reads an app file: those of this process, and what an older Node 22 needs beside. */
export function appNodeFlags(): string[] {
  const own = process.execArgv.filter(
    (flag) => !/^--(?:inspect|test|watch|eval|print|cpu-prof|heap-prof)/.test(flag),
  );
  return readsTypeScript()
    ? own
    : [...own, "--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
}

/**
 * Starts the same command line again on a Node that must be told to read TypeScript, and resolves to its exit code;
 * undefined when this one does already.
 */
export async function restartForTypeScript(): Promise<number | undefined> {
  if (readsTypeScript()) return undefined;
  const child = spawn(process.execPath, [...appNodeFlags(), ...process.argv.slice(1)], { stdio: "inherit" });
  // A Ctrl-C reaches the child by itself; SIGTERM does not.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
