import { type CommandSpec, commands, commonOptions, type OptionSpec } from "./command-table.ts";
import type { Style } from "./style.ts";

/** The help of a command, or the list of commands. */
export function helpText(command: CommandSpec | undefined, style: Style, width = 90): string {
  return command ? commandHelp(command, style, width) : overview(style);
}

/** How an option is written: `--port N`, `-h, --help`. */
export function optionForm({ name, value, short }: OptionSpec): string {
  return `${short ? `-${short}, ` : ""}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** `yayts call <target> [options]` */
export function usageOf(command: CommandSpec): string {
  return ["yayts", command.name, command.words, command.options.length > 0 ? "[options]" : ""]
    .filter(Boolean)
    .join(" ");
}

function overview(style: Style): string {
  const list = commands.map(({ name, words, summary }) => [`${name} ${words}`.trim(), summary] as const);
  const wide = Math.max(...list.map(([form]) => form.length));
  return [
    "yayts: telephony applications in TypeScript, on an embedded engine or on a real YATE",
    "",
    `${style.bold("usage:")} yayts <command> [options]`,
    "",
    ...list.map(([form, summary]) => `  ${style.cyan(form.padEnd(wide))}  ${summary}`),
    "",
    "  yayts help <command>, or yayts <command> --help, tells more; yayts --version tells the version",
  ].join("\n");
}

function commandHelp(command: CommandSpec, style: Style, width: number): string {
  const options = [...command.options, ...commonOptions];
  const wide = Math.max(...options.map((option) => optionForm(option).length));
  const plain = (text: string): string => text.replaceAll("`", "");
  const rows = options.flatMap((option) => {
    const [first = "", ...more] = wrap(plain(describeOption(option)), width - wide - 4);
    return [
      `  ${style.cyan(optionForm(option).padEnd(wide))}  ${first}`,
      ...more.map((line) => `${" ".repeat(wide + 4)}${line}`),
    ];
  });
  const sections = [
    [command.summary],
    [`${style.bold("usage:")} ${usageOf(command)}`],
    ...command.about.map((paragraph) => wrap(plain(paragraph), width)),
    [style.bold("options:"), ...rows],
    [
      style.bold("examples:"),
      ...command.examples.flatMap(([line, what]) => [`  ${line}`, `      ${style.dim(plain(what))}`]),
    ],
    [style.bold("exit codes:"), ...exitsOf(command).map(([code, meaning]) => `  ${code}  ${plain(meaning)}`)],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

export function describeOption(option: OptionSpec): string {
  return option.default === undefined ? option.about : `${option.about} Default: ${option.default}.`;
}

/** Every command's codes, with the one for usage that all share. */
export function exitsOf(command: CommandSpec): (readonly [code: string, meaning: string])[] {
  return [...Object.entries(command.exits), ["2", "the command line cannot be used"]];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
