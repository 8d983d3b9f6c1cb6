import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root: string = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** A program of node_modules/.bin, by its whole path. */
export const tool = (name: string): string =>
  resolve(root, "node_modules/.bin", process.platform === "win32" ? `${name}.cmd` : name);

/** How a program ended and what it printed, both streams as they came. */
export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
  readonly stdout: string;
}

/** What {@link capture} may be told. */
export interface CaptureOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After this time the program is killed and counts as failed. Default: 10 minutes. */
  readonly timeoutMs?: number;
}

/** Runs a program without input and resolves to its outcome; a program that cannot start is a failed one. */
export function capture(
  command: string,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<Outcome> {
  const timeoutMs = options.timeoutMs ?? 600_000;
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      shell: command.endsWith(".cmd"),
    });
    let output = "";
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", (error) =>
      done({ ok: false, output: `cannot run ${command}: ${error.message}`, stdout }),
    );
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") output += `\n${command} was killed; its limit was ${timeoutMs / 1000} s`;
      done({ ok: code === 0, output, stdout });
    });
  });
}

/** Every file of the repository that is committed or might be: what .gitignore names is left out. */
export async function repositoryFiles(): Promise<string[]> {
  const listed = await capture("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  if (!listed.ok) throw new Error(`git cannot list the files: ${listed.output}`);
  return [...new Set(listed.stdout.split("\0"))].filter((path) => path !== "").sort();
}
