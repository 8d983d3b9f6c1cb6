import { type CommandSpec, commands, commonOptions, type OptionSpec } from "./command-table.ts";
import { describeOption, exitsOf, optionForm, usageOf } from "./help.ts";

/** The text of docs/cli.md, made from the command table. */
export function referencePage(): string {
  return `${[
    "# The command line",
    "Made from `src/cli/command-table.ts`; `npm run generate` writes it again.",
    "```sh\nyayts <command> [options]\n```",
    table(
      ["command", "does"],
      commands.map((command) => [`[\`${command.name}\`](#yayts-${command.name})`, command.summary]),
    ),
    "`yayts help <command>` and `yayts <command> --help` show what stands here. `yayts --version` shows the version. Results go to standard output; reports, logs and errors to standard error. Colours are used on a terminal only; `NO_COLOR` turns them off, `FORCE_COLOR` on.",
    "Exit codes: 0 success, 1 failure (the call failed, the app crashed, the engine was not there), 2 a command line that cannot be used (an app file that does not exist included). Errors are one or two lines, `yayts: [code] what; what to do`. Those in an app come with their source line. `--verbose` adds the stack.",
    ...commands.filter(({ name }) => name !== "help").map(section),
  ].join("\n\n")}\n`;
}

function section(command: CommandSpec): string {
  return [
    `## yayts ${command.name}`,
    command.summary,
    `\`\`\`sh\n${usageOf(command)}\n\`\`\``,
    ...command.about,
    table(["option", "meaning"], [...command.options, ...commonOptions].map(optionRow)),
    `\`\`\`sh\n${command.examples.map(([line, what]) => `${line}   # ${what.replaceAll("`", "")}`).join("\n")}\n\`\`\``,
    table(["exit code", "means"], exitsOf(command)),
  ].join("\n\n");
}

function optionRow(option: OptionSpec): readonly string[] {
  return [`\`${optionForm(option)}\``, describeOption(option)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
