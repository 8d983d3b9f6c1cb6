import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { type ErrorCode, errorCodes, YaytsError } from "../../base/index.ts";
import type { Style } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { type SourcePlace, sourcePlace } from "./source-place.ts";

/** What is told of an error; plain data, so that it can come from another process. */
export interface ErrorReport {
  /** A code of the library, `usage`, or what kind of error it is. */
  readonly code: string;
  readonly what: string;
  /** What to do about it, where that is known. */
  readonly advice: string | undefined;
  readonly place: SourcePlace | undefined;
  readonly stack: string;
}

/** Describes anything thrown. */
export function reportOf(thrown: unknown): ErrorReport {
  const place = sourcePlace(thrown);
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  if (thrown instanceof UsageError)
    return { code: "usage", what: thrown.message, advice: thrown.advice, place: undefined, stack };
  if (thrown instanceof YaytsError) {
    const what = thrown.message.replace(/^\[[\w-]+\] /, "");
    return { code: thrown.code, what, advice: adviceFor(thrown.code, what), place, stack };
  }
  if (!(thrown instanceof Error))
    return {
      code: "thrown",
      what: `the value ${String(thrown)} was thrown`,
      advice: undefined,
      place,
      stack,
    };
  const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : thrown.name;
  return { code, what: thrown.message, advice: nodeAdvice(code, thrown.message), place, stack };
}

/** The text says by itself what to do when it has a second part; the code's documentation does otherwise. */
function adviceFor(code: ErrorCode, what: string): string | undefined {
  return what.includes(";") ? undefined : errorCodes[code];
}

function nodeAdvice(code: string, what: string): string | undefined {
  if (what === "Cannot use import statement outside a module")
    return 'write "type": "module" into package.json';
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return "Node runs TypeScript by leaving the types out: write const objects for enums, and no namespaces or parameter properties";
  if (code === "ERR_MODULE_NOT_FOUND" && /^Cannot find module '[^']*\/[^'./]+' /.test(what))
    return 'an import of a file needs its ending, as in "./menu.ts"';
  if (code === "ERR_MODULE_NOT_FOUND" && what.startsWith("Cannot find package"))
    return "install it with npm install";
  return undefined;
}

/** One or two lines and, for errors in the user's code, the source around the place; with its stack when verbose. */
export function formatReport(
  report: ErrorReport,
  style: Style,
  verbose: boolean,
  prefix = "yayts",
): string[] {
  const { code, what, advice, place, stack } = report;
  const [first = "", ...more] = what.split("\n");
  return [
    `${style.red(prefix)}: ${style.bold(`[${code}]`)} ${first}${advice !== undefined && more.length === 0 && first.length + advice.length < 90 ? `; ${advice}` : ""}`,
    ...more,
    ...(advice !== undefined && (more.length > 0 || first.length + advice.length >= 90)
      ? [`  ${advice}`]
      : []),
    ...(place ? codeFrame(place, style) : []),
    ...(verbose ? stack.split("\n").map((line) => style.dim(`  ${line.trimEnd()}`)) : []),
  ];
}

/** `file:line:column`, the line before, the line itself with a caret, and the line after. */
export function codeFrame({ file, line, column }: SourcePlace, style: Style): string[] {
  const shown = relative(process.cwd(), file);
  const name = shown.startsWith("..") ? file : shown;
  const head = `  ${style.cyan(`${name}:${line}${column === undefined ? "" : `:${column}`}`)}`;
  let source: string[];
  try {
    source = readFileSync(file, "utf8").split(/\r?\n/);
  } catch {
    return [head];
  }
  const wide = String(line + 1).length;
  const numbered = (at: number): string => `${String(at).padStart(wide)} | ${source[at - 1] ?? ""}`;
  const frame = [head];
  for (let at = Math.max(1, line - 1); at <= Math.min(source.length, line + 1); at++) {
    frame.push(at === line ? `${style.red("  >")} ${numbered(at)}` : style.dim(`    ${numbered(at)}`));
    // Tabs before the place stay tabs, so that the caret stands under it.
    const before = (source[at - 1] ?? "").slice(0, (column ?? 1) - 1).replace(/[^\t]/g, " ");
    if (at === line && column !== undefined)
      frame.push(`    ${" ".repeat(wide)} | ${before}${style.red("^")}`);
  }
  return frame;
}

/** Prints an error to standard error; returns the exit code it stands for. */
export function printError(terminal: Terminal, thrown: unknown): number {
  const report = reportOf(thrown);
  for (const line of formatReport(report, terminal.errStyle, terminal.verbose)) terminal.err(line);
  return thrown instanceof UsageError || report.code === "app-missing" ? 2 : 1;
}
