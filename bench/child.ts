import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of its own for a part of a benchmark. It says something once it is ready, and answers one question after the other. */
export interface Child extends AsyncDisposable {
  ask<Answer>(question: unknown): Promise<Answer>;
}

/**
 * Starts a file of this folder.
 * @param execArgv options of Node for it beside those of this process
 */
export async function startChild(
  file: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): Promise<Child> {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: [...process.execArgv, ...execArgv],
  });
  const next = async (): Promise<unknown> => {
    const gone = new AbortController();
    const left = once(child, "exit", { signal: gone.signal }).then(([code]) => {
      throw new Error(`${file} ended with ${code}`);
    });
    try {
      const [value] = (await Promise.race([once(child, "message", { signal: gone.signal }), left])) as [
        unknown,
      ];
      return value;
    } finally {
      left.catch(() => {});
      gone.abort();
    }
  };
  await next();
  return {
    async ask<Answer>(question: unknown): Promise<Answer> {
      const answer = next();
      child.send(question as object);
      return (await answer) as Answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const left = once(child, "exit");
      child.disconnect();
      await left;
    },
  };
}
