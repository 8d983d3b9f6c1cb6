import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** How this checkout's command line is started. */
export const commandLine: readonly string[] = [process.execPath, "--conditions=yayts-source", main];

/** A folder of its own for a test, outside the repository. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  write(file: string, text: string): Promise<string>;
}

export async function createFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "yayts-cli-"));
  const write = async (file: string, text: string): Promise<string> => {
    await writeFile(resolve(path, file), text);
    return resolve(path, file);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A running `yayts …`. */
export interface RunningCommand extends AsyncDisposable {
  /** What it wrote so far. */
  readonly out: string;
  readonly err: string;
  readonly child: ChildProcessWithoutNullStreams;
  /** Waits until it has written, on either stream and since the last `until`, what fits; fails when it ends before. */
  until(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | string>;
}

/** Starts it; it is killed at the end of the test at the latest. */
export function startCommand(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  const [node = "", ...flags] = commandLine;
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawn(node, [...flags, ...args], {
    cwd: options.cwd ?? tmpdir(),
    // Links and certificates of the console that tests leave behind.
    env: { ...env, XDG_STATE_HOME: join(tmpdir(), "yayts-cli-state"), ...options.env },
  });
  let [out, err, both] = ["", "", ""];
  let seen = 0;
  let ended = false;
  const wakes = new Set<() => void>();
  const wake = (): void => {
    for (const fn of [...wakes]) fn();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      both += text;
      if (stream === child.stdout) out += text;
      else err += text;
      wake();
    });
  }
  const exit = new Promise<number | string>((done) => {
    child.once("close", (code, signal) => {
      ended = true;
      wake();
      done(code ?? signal ?? "");
    });
  });
  return {
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    child,
    exit,
    until(pattern, timeoutMs = 30_000) {
      return new Promise((done, fail) => {
        const stop = (): void => {
          clearTimeout(timer);
          wakes.delete(look);
        };
        const failed = (why: string): void => {
          stop();
          fail(new Error(`${why} without ${pattern}; it wrote since:\n${both.slice(seen)}`));
        };
        const look = (): void => {
          const found = pattern.exec(both.slice(seen));
          if (found) {
            stop();
            seen += found.index + found[0].length;
            done(found);
          } else if (ended) failed("yayts ended");
        };
        const timer = setTimeout(() => failed(`${timeoutMs} ms went by`), timeoutMs);
        wakes.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      // Asked first, so that it can remove what it has made.
      if (!ended) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exit;
      clearTimeout(timer);
    },
  };
}

/** Runs it to its end. */
export async function runCommand(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | string; out: string; err: string }> {
  await using command = startCommand(args, options);
  const code = await command.exit;
  return { code, out: command.out, err: command.err };
}

/** The app keyecho, as short as it gets. @param voice folder of the digits that it plays */
export function keyechoSource(voice = "en"): string {
  return `import { app } from "yayts";
export default app((yate) => {
  yate.handle("call.route", { filter: { called: "ivr" } }, (route) => {
    void serve(route.get("id"));
    return "dumb/";
  });
  async function serve(id: string | undefined): Promise<void> {
    const execute = await yate.onwatch("call.execute", { id });
    const leg = execute.get("targetid");
    const call = yate.until(yate.onwatch("chan.hangup", { id: leg }));
    const play = (source: string) => call.msg("chan.masquerade", { message: "chan.attach", id: leg, source }).enqueue();
    call.msg("call.answered", { id: leg, targetid: id }).enqueue();
    play("tone/dial");
    try {
      for (;;) {
        const key = await call.onmsg("chan.dtmf", { id });
        key.ret(true);
        play(\`wave/play/./sounds/digits/${voice}/\${key.get("text")}.gsm\`);
      }
    } catch {}
  }
});
`;
}

/** No stack of Node's or ours in what a user reads. */
export function assertNoStack(text: string): void {
  assert.doesNotMatch(text, /^\s+at /m);
  assert.doesNotMatch(text, /src[\\/]cli[\\/]/);
}
