import { randomInt } from "node:crypto";
import type { Engine, EngineMessage } from "../../engine/index.ts";
import { mediaFormats, parseFormat, translationCost } from "../../media/index.ts";
import type { FilledArgument } from "./template.ts";

/** What functions work with. */
export interface FunctionContext {
  readonly engine: Engine;
  readonly variables: Map<string, string>;
  readonly message: EngineMessage;
  /** How many `dispatch` actions of rules this message is inside of. */
  readonly depth: number;
  warn(text: string): void;
}

type RuleFunction = (args: readonly FilledArgument[], context: FunctionContext) => string;

const textOf = (args: readonly FilledArgument[], at: number): string => args[at]?.text ?? "";
/** All arguments as one text: functions of one text take commas for a part of it. */
const whole = (args: readonly FilledArgument[]): string => args.map((arg) => arg.text).join(",");
/** A list may be written out or filled in with commas. */
const listFrom = (args: readonly FilledArgument[], from: number): string[] =>
  args
    .slice(from)
    .flatMap((arg) => arg.text.split(","))
    .map((item) => item.trimStart());

/** Decimal only; anything else counts as 0. Numbers of any length that a telephone number may have. */
function number(text: string): bigint {
  return /^\s*[+-]?[0-9]{1,60}$/.test(text) ? BigInt(text) : 0n;
}

/** Longest result of filling a number up with zeros. */
const maxPadding = 256;

function padded(value: bigint, width: number): string {
  const digits = (value < 0n ? -value : value).toString();
  const sign = value < 0n ? "-" : "";
  return sign + digits.padStart(Math.min(width, maxPadding) - sign.length, "0");
}

function arithmetic(compute: (a: bigint, b: bigint) => bigint): RuleFunction {
  return (args) => {
    if (args.length < 2) return "";
    const width = args.length > 2 ? Number(number(textOf(args, 2))) : textOf(args, 0).length;
    return padded(compute(number(textOf(args, 0)), number(textOf(args, 1))), width);
  };
}

function comparison(compare: (a: bigint, b: bigint) => boolean): RuleFunction {
  return (args) => (args.length < 2 ? "" : String(compare(number(textOf(args, 0)), number(textOf(args, 1)))));
}

function step(by: bigint): RuleFunction {
  return (args, { variables }) => {
    const value = String(number(textOf(args, 0)) + by);
    const variable = args[0]?.variable;
    if (variable !== undefined) variables.set(variable, value);
    return value;
  };
}

/** The place in the list that the first argument names; a variable there moves on by one. */
function place(args: readonly FilledArgument[], list: readonly string[], context: FunctionContext): number {
  const size = BigInt(list.length);
  const at = ((number(textOf(args, 0)) % size) + size) % size;
  const variable = args[0]?.variable;
  if (variable !== undefined) context.variables.set(variable, String((at + 1n) % size));
  return Number(at);
}

function hex(args: readonly FilledArgument[]): string {
  const value = number(textOf(args, 0));
  const wanted = Number(number(textOf(args, 1)));
  const separator = args.length > 2 ? textOf(args, 2) : " ";
  const octets: string[] = [];
  let left = BigInt.asUintN(64, value < 0n && value >= -(2n ** 31n) ? BigInt.asUintN(32, value) : value);
  const length = wanted > 0 ? Math.min(wanted, maxPadding) : Number.POSITIVE_INFINITY;
  do {
    octets.push((left & 255n).toString(16).padStart(2, "0"));
    left >>= 8n;
  } while (octets.length < length && (left > 0n || wanted > 0));
  return octets.join(separator);
}

function aboutMessage(args: readonly FilledArgument[], { message }: FunctionContext): string {
  switch (textOf(args, 0)) {
    case "":
    case "name":
      return message.name;
    case "time":
      return String(message.timeSec);
    case "broadcast":
      return String(message.broadcast);
    case "retval":
      return message.retvalue;
    case "count":
      return String(message.params.size);
    case "parameters":
      return [...message.params].map(([name]) => name).join(textOf(args, 1) || ",");
    default:
      return "";
  }
}

function aboutVariables(args: readonly FilledArgument[], { variables }: FunctionContext): string {
  switch (textOf(args, 0)) {
    case "":
    case "count":
      return String(variables.size);
    case "list":
      return [...variables.keys()].join(textOf(args, 1) || ",");
    default:
      return String(variables.has(textOf(args, 0)));
  }
}

/** Formats that those given can be translated to. Flags: `e` leaves out those given, `r` changes rates, `c` channels. */
function transcodes(flags: string, names: readonly string[]): string[] {
  const given = names.map(parseFormat).filter((format) => format !== undefined);
  const reached = mediaFormats().filter((to) =>
    given.some(
      (from) =>
        (flags.includes("r") || from.sampleRateHz === to.sampleRateHz) &&
        (flags.includes("c") || from.channels === to.channels) &&
        translationCost(from, to) !== undefined,
    ),
  );
  const first = flags.includes("e") ? [] : given;
  return [...first, ...reached.filter((format) => !given.includes(format))].map((format) => format.name);
}

/** What stands between `$(` and `)` (spec/services.md §4). `threadname` is always empty: there are no threads. */
const functions: Readonly<Record<string, RuleFunction>> = {
  "": () => ";",
  $: () => "$",
  "++": step(1n),
  "--": step(-1n),
  length: (args) => String(whole(args).length),
  upper: (args) => whole(args).toUpperCase(),
  lower: (args) => whole(args).toLowerCase(),
  chr: (args) => {
    const code = Number(number(textOf(args, 0)));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
  },
  add: arithmetic((a, b) => a + b),
  sub: arithmetic((a, b) => a - b),
  mul: arithmetic((a, b) => a * b),
  div: arithmetic((a, b) => (b === 0n ? 0n : a / b)),
  mod: arithmetic((a, b) => (b === 0n ? 0n : a % b)),
  eq: comparison((a, b) => a === b),
  ne: comparison((a, b) => a !== b),
  gt: comparison((a, b) => a > b),
  lt: comparison((a, b) => a < b),
  ge: comparison((a, b) => a >= b),
  le: comparison((a, b) => a <= b),
  streq: (args) => (args.length < 2 ? "" : String(textOf(args, 0) === textOf(args, 1))),
  strne: (args) => (args.length < 2 ? "" : String(textOf(args, 0) !== textOf(args, 1))),
  strpos: (args) => String(textOf(args, 0) === "" ? -1 : textOf(args, 1).indexOf(textOf(args, 0))),
  random: (args) => whole(args).replaceAll("?", () => String(randomInt(10))),
  hex,
  index: (args, context) => {
    const list = listFrom(args, 1);
    return list.length === 0 ? "" : (list[place(args, list, context)] ?? "");
  },
  rotate: (args, context) => {
    const list = listFrom(args, 1);
    if (list.length === 0) return "";
    const at = place(args, list, context);
    return [...list.slice(at), ...list.slice(0, at)].join(" ");
  },
  config: (args, { engine }) => engine.config("yate").section(textOf(args, 0))?.get(textOf(args, 1)) ?? "",
  engine: (args, { engine }) => engine.runParams.get(textOf(args, 0)) ?? "",
  loaded: (args, { engine }) => String(engine.modules.has(textOf(args, 0))),
  runid: (_, { engine }) => engine.runId,
  nodename: (_, { engine }) => engine.nodeName,
  threadname: () => "",
  accepting: (_, { engine }) => (engine.accepting ? "accept" : "reject"),
  dispatching: (_, { depth }) => String(depth),
  timestamp: (_, { engine }) => new Date(engine.clock.now()).toISOString(),
  message: aboutMessage,
  variables: aboutVariables,
  transcode: (args) => transcodes(textOf(args, 0), listFrom(args, 1)).join(","),
};

/** The value of `$(name,args)`: of a function, else of the global variable of that name; else empty, with a warning. */
export function callFunction(
  name: string,
  args: readonly FilledArgument[],
  context: FunctionContext,
): string {
  // `$(++5)` is written without a comma.
  const stepped = /^(\+\+|--)(.+)$/s.exec(name);
  if (stepped?.[1] && stepped[2]) {
    const variable = stepped[2].startsWith("$") ? stepped[2].slice(1) : undefined;
    const text = variable === undefined ? stepped[2] : (context.variables.get(variable) ?? "");
    return functions[stepped[1]]?.([{ text, variable }], context) ?? "";
  }
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known) return known(args, context);
  const variable = context.variables.get(name);
  if (variable === undefined) context.warn(`there is no function or variable '${name}'`);
  return variable ?? "";
}
