import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a program on this process's own terminal, passes signals on, and resolves to the exit code a shell
 * would show (128 + n for a program ended by signal n). Never rejects for what the program does.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function forward(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: "inherit" });
  // A terminal sends Ctrl-C to the whole process group: the child has it already, and a second one would
  // mean "now, at once" to it. Elsewhere only this process was meant, and it passes the signal on.
  const fromTerminal = Boolean(process.stdin.isTTY);
  const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => [
    signal,
    () => {
      if (!(fromTerminal && signal === "SIGINT")) child.kill(signal);
    },
  ]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return new Promise((resolve) => {
    const done = (code) => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
      resolve(code);
    };
    child.once("error", (error) => {
      console.error(`cannot run ${command}: ${error.message}`);
      done(127);
    });
    child.once("exit", (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
