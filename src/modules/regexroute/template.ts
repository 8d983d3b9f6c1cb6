/** Text with places to be filled: what stands after a rule's `=`, or the subject before it. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** `\0` to `\9`. */
  | { readonly kind: "capture"; readonly index: number }
  /** `${name}`, `${name$fallback}`; only captures inside. */
  | { readonly kind: "param"; readonly name: Template; readonly fallback: Template }
  /** `$(name,argument,…)`; captures and parameters inside. */
  | {
      readonly kind: "call";
      readonly name: Template;
      readonly args: readonly Argument[];
      readonly source: string;
    };

export type Template = readonly TemplatePart[];

/** An argument of a function: a text, or the global variable that `$name` stands for. */
export interface Argument {
  readonly text: Template;
  readonly variable: boolean;
}

/** A text that cannot be read; the message says why. */
export class TemplateError extends Error {}

/**
 * Reads a text with `\1`, `${param}` and `$(function)` in it. What is filled in is never read again: a caller's name may
 * contain anything. A `${` without its end stays as it is.
 * @throws TemplateError for a function without its end and for one inside another, which the reference engine garbles
 */
export function parseTemplate(source: string): Template {
  const parts: TemplatePart[] = [];
  let text = "";
  const flush = (): void => {
    if (text) parts.push({ kind: "text", text });
    text = "";
  };
  for (let at = 0; at < source.length; ) {
    const capture = /^\\([0-9\\])/.exec(source.slice(at, at + 2))?.[1];
    if (capture === "\\") {
      text += "\\";
      at += 2;
      continue;
    }
    if (capture !== undefined) {
      flush();
      parts.push({ kind: "capture", index: Number(capture) });
      at += 2;
      continue;
    }
    const taken = readSubject(source, at);
    if (!taken) {
      text += source[at++];
      continue;
    }
    flush();
    parts.push(taken.part);
    at = taken.end;
  }
  flush();
  return parts;
}

/** The `${…}` or `$(…)` that begins at `at`, and where it ends; undefined when none does. */
export function readSubject(source: string, at: number): { part: TemplatePart; end: number } | undefined {
  if (source.startsWith("${", at)) {
    const close = source.indexOf("}", at);
    if (close < 0) return undefined;
    const inside = source.slice(at + 2, close);
    const dollar = inside.indexOf("$");
    const name = dollar < 0 ? inside : inside.slice(0, dollar);
    const fallback = dollar < 0 ? "" : inside.slice(dollar + 1);
    return {
      part: { kind: "param", name: captures(name.trim()), fallback: captures(fallback) },
      end: close + 1,
    };
  }
  if (!source.startsWith("$(", at)) return undefined;
  const { inside, end } = callText(source, at);
  const [name = "", ...args] = splitArgs(inside);
  return {
    part: {
      kind: "call",
      name: parseTemplate(name),
      args: args.map((arg) => {
        const variable = arg.startsWith("$") && !arg.startsWith("${");
        return { variable, text: parseTemplate(variable ? arg.slice(1) : arg) };
      }),
      source: source.slice(at, end),
    },
    end,
  };
}

function callText(source: string, at: number): { inside: string; end: number } {
  for (let place = at + 2; place < source.length; place++) {
    if (source.startsWith("$(", place))
      throw new TemplateError("a function inside a function; keep the inner result in a variable");
    if (source.startsWith("${", place)) place = Math.max(place, source.indexOf("}", place));
    else if (source[place] === ")") return { inside: source.slice(at + 2, place).trimEnd(), end: place + 1 };
  }
  throw new TemplateError("a function $( without its )");
}

/** Arguments end at commas that are written in the rule, not at those filled in. */
function splitArgs(inside: string): string[] {
  const args = [""];
  for (let at = 0; at < inside.length; at++) {
    const close = inside.startsWith("${", at) ? inside.indexOf("}", at) : -1;
    if (close > 0) {
      args[args.length - 1] += inside.slice(at, close + 1);
      at = close;
    } else if (inside[at] === ",") args.push("");
    else args[args.length - 1] += inside[at] ?? "";
  }
  return args;
}

function captures(source: string): Template {
  return parseTemplate(source).map((part) =>
    part.kind === "param" || part.kind === "call" ? { kind: "text", text: source } : part,
  );
}

/** What a template is filled from. */
export interface TemplateValues {
  capture(index: number): string;
  param(name: string): string | undefined;
  /** The value of a function; `args` as written, `variable` names the global one that an argument stands for. */
  call(name: string, args: readonly FilledArgument[]): string;
}

export interface FilledArgument {
  readonly text: string;
  /** Name of the global variable when the argument is one: `text` is then its value. */
  readonly variable: string | undefined;
}

export function fillTemplate(
  template: Template,
  values: TemplateValues,
  variable: (name: string) => string,
): string {
  let filled = "";
  const fill = (inner: Template): string => fillTemplate(inner, values, variable);
  for (const part of template) {
    switch (part.kind) {
      case "text":
        filled += part.text;
        break;
      case "capture":
        filled += values.capture(part.index);
        break;
      case "param":
        filled += values.param(fill(part.name)) ?? fill(part.fallback);
        break;
      case "call":
        filled += values.call(
          fill(part.name),
          part.args.map((arg) => {
            const text = fill(arg.text);
            return arg.variable ? { text: variable(text), variable: text } : { text, variable: undefined };
          }),
        );
        break;
    }
  }
  return filled;
}
