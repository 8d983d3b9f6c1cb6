import { parseArgs } from "node:util";
import { nearestName } from "../base/index.ts";
import { type CommandSpec, commands, commonOptions, type OptionSpec } from "./command-table.ts";
import { UsageError } from "./usage-error.ts";

/** The words and options of a command line, checked against the command's table entry. */
export interface Arguments {
  readonly words: readonly string[];
  /** Whether a switch was given. */
  has(option: string): boolean;
  /** The value of an option, its default, or undefined. */
  text(option: string): string | undefined;
  /** All values of an option that may be given several times. */
  texts(option: string): readonly string[];
  /** The value as a whole number; its default, or undefined. */
  number(option: string, limits?: { readonly min?: number; readonly max?: number }): number | undefined;
  /** Whether the option stood on the command line. */
  given(option: string): boolean;
}

/** What the user asked for. */
export type Request =
  | { readonly kind: "version" }
  | { readonly kind: "help"; readonly command: CommandSpec | undefined }
  | { readonly kind: "run"; readonly command: CommandSpec; readonly args: Arguments };

/** @throws UsageError for anything the command table does not know */
export function parseRequest(argv: readonly string[]): Request {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h")
    return { kind: "help", command: undefined };
  if (first === "--version" || first === "-V") return { kind: "version" };
  if (first.startsWith("-"))
    throw new UsageError(
      `the command must come before its options, not ${first}`,
      "yayts <command> …; see yayts help",
    );
  const command = commandNamed(first);
  if (command.name === "help") {
    const about = rest.find((word) => !word.startsWith("-"));
    return { kind: "help", command: about === undefined ? undefined : commandNamed(about) };
  }
  const args = parseCommandArguments(command, rest);
  return args.has("help")
    ? { kind: "help", command }
    : { kind: "run", command, args: checkWords(command, args) };
}

function commandNamed(name: string): CommandSpec {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const near = nearestName(name, names);
  throw new UsageError(
    `unknown command ${name}`,
    near ? `did you mean yayts ${near}?` : `there are ${names.join(", ")}`,
  );
}

/** @throws UsageError for an unknown option, a missing value, a value for a switch, an option given twice */
export function parseCommandArguments(command: CommandSpec, argv: readonly string[]): Arguments {
  const specs = [...command.options, ...commonOptions];
  const options = Object.fromEntries(
    specs.map(({ name, value, short }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: true,
        ...(short ? { short } : {}),
      },
    ]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs.find(({ name }) => name === token.name);
    if (!spec) throw unknownOption(command, specs, token.rawName);
    if (spec.value === undefined && token.value !== undefined)
      throw new UsageError(`--${spec.name} takes no value, not ${token.value}`, seeHelp(command));
    // `--port --host x`: the next option is not a value, however the parser sees it.
    if (
      spec.value !== undefined &&
      (token.value === undefined || (!token.inlineValue && /^--?[a-zA-Z]/.test(token.value)))
    )
      throw new UsageError(`--${spec.name} needs a value: --${spec.name} ${spec.value}`, seeHelp(command));
    const values = given.get(spec.name) ?? [];
    if (values.length > 0 && spec.value !== undefined && !spec.multiple)
      throw new UsageError(`--${spec.name} was given twice`, seeHelp(command));
    given.set(spec.name, [...values, token.value ?? ""]);
  }
  return createArguments(command, specs, positionals, given);
}

function createArguments(
  command: CommandSpec,
  specs: readonly OptionSpec[],
  words: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): Arguments {
  const specOf = (name: string): OptionSpec => {
    const spec = specs.find((option) => option.name === name);
    if (!spec) throw new Error(`the command table has no --${name} for ${command.name}`);
    return spec;
  };
  const text = (name: string): string | undefined =>
    given.get(specOf(name).name)?.[0] ?? specOf(name).default;
  return {
    words,
    has: (name) => given.has(specOf(name).name),
    given: (name) => given.has(specOf(name).name),
    text,
    texts: (name) => given.get(specOf(name).name) ?? [],
    number(name, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw new UsageError(`--${name} must be a whole number ${range}, not ${value}`, seeHelp(command));
    },
  };
}

function checkWords(command: CommandSpec, args: Arguments): Arguments {
  const { words } = args;
  if (words.length < command.minWords)
    throw new UsageError(`yayts ${command.name} needs ${command.words}`, seeHelp(command));
  if (words.length > command.maxWords)
    throw new UsageError(`yayts ${command.name} cannot use ${words[command.maxWords]}`, seeHelp(command));
  return args;
}

function unknownOption(command: CommandSpec, specs: readonly OptionSpec[], rawName: string): UsageError {
  const near = nearestName(
    rawName.replace(/^-+/, ""),
    specs.map(({ name }) => name),
  );
  return new UsageError(
    `yayts ${command.name} has no option ${rawName}`,
    near ? `did you mean --${near}?` : seeHelp(command),
  );
}

function seeHelp(command: CommandSpec): string {
  return `see yayts help ${command.name}`;
}
