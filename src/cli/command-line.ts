import { readFileSync } from "node:fs";
import type { CommandSpec } from "./command-table.ts";
import { printError } from "./errors/error-report.ts";
import { helpText } from "./help.ts";
import { restartForTypeScript } from "./node-flags.ts";
import { type Arguments, parseRequest } from "./parse-arguments.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** Does what a command is for; resolves to the exit code. */
export type Command = (args: Arguments, terminal: Terminal) => Promise<number>;

/** Commands are read when they are needed: `yayts --help` starts no engine. */
const load: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import("./commands/dev.ts")).dev,
  run: async () => (await import("./commands/run.ts")).run,
  call: async () => (await import("./commands/call.ts")).call,
  trace: async () => (await import("./commands/trace.ts")).trace,
  records: async () => (await import("./commands/records.ts")).records,
  console: async () => (await import("./commands/console.ts")).consoleCommand,
  engine: async () => (await import("./commands/engine.ts")).engine,
};

/** Runs a command line and ends the process with its exit code: 0 success, 1 failure, 2 usage. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  // Its value counts before anything is parsed, so that errors of parsing have it too.
  const stdio = argv[0] === "run" && argv.includes("--stdio");
  const terminal = createTerminal({ verbose: argv.includes("--verbose"), onlyErr: stdio });
  let code: number;
  try {
    code = await obey(argv, terminal);
  } catch (error) {
    code = printError(terminal, error);
  }
  // What a command left open (a socket that closes, a file that is written) does not keep the process.
  process.exit(code);
}

async function obey(argv: readonly string[], terminal: Terminal): Promise<number> {
  const request = parseRequest(argv);
  switch (request.kind) {
    case "version":
      terminal.out(`yayts ${packageVersion()}`);
      return 0;
    case "help":
      terminal.out(
        helpText(request.command, terminal.outStyle, Math.min(100, process.stdout.columns ?? 100)),
      );
      return 0;
    case "run":
      return runCommand(request.command, request.args, terminal);
  }
}

async function runCommand(command: CommandSpec, args: Arguments, terminal: Terminal): Promise<number> {
  if (command.name === "run") {
    const restarted = await restartForTypeScript();
    if (restarted !== undefined) return restarted;
  }
  const loader = load[command.name];
  if (!loader) throw new Error(`there is no command ${command.name}`);
  return (await loader())(args, terminal);
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof content === "object" && content && "version" in content ? String(content.version) : "";
}
