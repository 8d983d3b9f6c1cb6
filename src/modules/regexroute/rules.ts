import { errorText, YaytsError } from "../../base/index.ts";
import type { ConfigSection } from "../../engine/index.ts";
import { compileRegexp, type PosixRegexp, type RegexpOptions } from "./regexp.ts";
import { parseTemplate, readSubject, type Template } from "./template.ts";

/** What a rule asks before it acts. */
export interface Condition {
  /** What is matched; undefined is the current text. */
  readonly subject: Template | undefined;
  readonly regexp: PosixRegexp;
  /** A trailing `^`: true when it does not match, and there are no captures then. */
  readonly negated: boolean;
}

/** A rule's conditions, from left to right: one that fails ends the rule unless an `or` comes right after it. */
export interface ConditionChain {
  readonly first: Condition;
  readonly more: readonly { readonly word: "and" | "or"; readonly condition: Condition }[];
}

/** `name=value`, `name` (clears), the same with `$` for a global variable. */
export interface Assignment {
  readonly global: boolean;
  readonly name: Template;
  readonly value: Template | undefined;
}

export interface Action {
  readonly kind:
    | "result"
    | "noop"
    | "return"
    | "goto"
    | "include"
    | "match"
    | "rename"
    | "retval"
    | "echo"
    | "debug"
    | "enqueue"
    | "dispatch"
    | "msleep";
  readonly text: Template;
  /** Of `goto` and `include`: a missing context is no reason to warn. */
  readonly quiet: boolean;
  readonly assignments: readonly Assignment[];
}

export type Rule =
  | {
      readonly kind: "rule";
      readonly number: number;
      readonly source: string;
      readonly when: ConditionChain;
      readonly action: Action;
    }
  | { readonly kind: "block"; readonly branches: readonly Branch[] };

/** One arm of `a={ … } b={ … } ={ … }`; the last may have no condition. */
export interface Branch {
  readonly number: number;
  readonly source: string;
  readonly when: ConditionChain | undefined;
  readonly rules: readonly Rule[];
}

export interface RuleOptions extends RegexpOptions {
  /** What `${param}` and `$(function)` alone must match. */
  readonly defaultRule: { readonly regexp: PosixRegexp; readonly negated: boolean };
  /** The file's name, for errors. */
  readonly source: string;
}

/** As deep as the reference engine takes blocks. */
const maxNesting = 10;

const keywords: Readonly<Record<string, Action["kind"]>> = {
  noop: "noop",
  return: "return",
  goto: "goto",
  jump: "goto",
  "@goto": "goto",
  "@jump": "goto",
  include: "include",
  call: "include",
  "@include": "include",
  "@call": "include",
  match: "match",
  newmatch: "match",
  rename: "rename",
  retval: "retval",
  echo: "echo",
  output: "echo",
  debug: "debug",
  enqueue: "enqueue",
  dispatch: "dispatch",
  msleep: "msleep",
};

/**
 * Reads the rules of one context (spec/services.md §4).
 * @throws YaytsError `config-invalid` with file and line: an expression that cannot be read, a block that does not close
 */
export function parseRules(section: ConfigSection, options: RuleOptions): readonly Rule[] {
  interface Open {
    readonly line: number;
    readonly branches: Branch[];
    readonly parent: Rule[];
  }
  let rules: Rule[] = [];
  const top = rules;
  const open: Open[] = [];

  section.entries.forEach(({ key, value, line }, number) => {
    const fail = (what: string): never => invalid(options.source, line, what);
    const read = <T>(fn: () => T): T => {
      try {
        return fn();
      } catch (error) {
        return fail(errorText(error));
      }
    };
    const begin = (when: ConditionChain | undefined, block: Open): void => {
      rules = [];
      block.branches.push({ number, source: `${key}=${value}`, when, rules });
    };

    let expression = key;
    const closing = key.startsWith("}");
    if (closing) {
      const block = open.at(-1) ?? fail("a } without its {");
      expression = key.slice(1).trim();
      if (expression === "" && value === "") {
        block.parent.push({ kind: "block", branches: block.branches });
        rules = block.parent;
        open.pop();
        return;
      }
      if (block.branches.at(-1)?.when === undefined) fail("the last arm of a block stands already");
      if (expression === "") {
        if (value !== "{") fail("after } comes nothing, = { or another expression and = {");
        begin(undefined, block);
        return;
      }
    }
    if (expression === "") fail("a rule needs an expression before its =");
    const { when, action } = read(() => parseChain(expression, value, options));
    if (action === "{") {
      if (closing) {
        const block = open.at(-1);
        if (block) begin(when, block);
        return;
      }
      if (open.length >= maxNesting) fail(`blocks are nested more than ${maxNesting} deep`);
      const block: Open = { line, branches: [], parent: rules };
      open.push(block);
      begin(when, block);
      return;
    }
    if (closing) fail("after } comes nothing, = { or another expression and = {");
    if (/^\{\s*;/.test(action)) fail("nothing may follow a block's {");
    rules.push({
      kind: "rule",
      number,
      source: `${key}=${value}`,
      when,
      action: read(() => parseAction(action)),
    });
  });
  const left = open.at(-1);
  if (left) invalid(options.source, left.line, "this block has no }");
  return top;
}

export function invalid(source: string, line: number, what: string): never {
  throw new YaytsError("config-invalid", `${source}:${line}: ${what}`);
}

/** Takes `if expression=`, `and …`, `or …` off the front of an action. */
function parseChain(
  expression: string,
  value: string,
  options: RuleOptions,
): { when: ConditionChain; action: string } {
  const first = parseCondition(expression, options);
  const more: { word: "and" | "or"; condition: Condition }[] = [];
  let action = value;
  for (;;) {
    const [matched, word, rest = ""] = /^(if|and|or)(?:\s+(.*))?$/s.exec(action) ?? [];
    if (matched === undefined) return { when: { first, more }, action };
    const equals = rest.indexOf("=");
    if (equals <= 0) throw new Error(`'${word}' needs an expression, = and an action`);
    more.push({
      word: word === "or" ? "or" : "and",
      condition: parseCondition(rest.slice(0, equals).trim(), options),
    });
    action = rest.slice(equals + 1).trim();
  }
}

function parseCondition(expression: string, options: RuleOptions): Condition {
  const taken = readSubject(expression, 0);
  const rest = expression.slice(taken?.end ?? 0).trim();
  const ending = rest.endsWith("^") ? rest.slice(0, -1) : undefined;
  const regexp = ending ?? rest;
  const subject = taken && [taken.part];
  if (subject && regexp === "") {
    const { defaultRule } = options;
    return { subject, regexp: defaultRule.regexp, negated: defaultRule.negated !== (ending !== undefined) };
  }
  return { subject, regexp: compileRegexp(regexp, options), negated: ending !== undefined };
}

function parseAction(value: string): Action {
  const [, word = "", rest = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(value) ?? [];
  const whole = keywords[word];
  // What is written to the log may contain semicolons.
  if (whole === "echo" || whole === "debug")
    return { kind: whole, text: parseTemplate(rest), quiet: false, assignments: [] };
  const [head = "", ...assignments] = value.split(";");
  const [, keyword = "", operand = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(head.trim()) ?? [];
  const kind = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
  const needsOperand = kind === "enqueue" || kind === "dispatch";
  const isText = kind === undefined || (needsOperand && operand === "");
  return {
    kind: isText ? (head.trim() === "" ? "noop" : "result") : kind,
    text: parseTemplate(isText ? head.trim() : operand),
    quiet: keyword.startsWith("@"),
    assignments: assignments.map(parseAssignment).filter((assignment) => assignment !== undefined),
  };
}

function parseAssignment(source: string): Assignment | undefined {
  const equals = source.indexOf("=");
  const name = (equals < 0 ? source : source.slice(0, equals)).trim();
  if (name === "") return undefined;
  const global = /^\$[^({]/.test(name);
  return {
    global,
    name: parseTemplate(global ? name.slice(1) : name),
    value: equals < 0 ? undefined : parseTemplate(source.slice(equals + 1).trim()),
  };
}
