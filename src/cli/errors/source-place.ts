import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a source file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
}

const here = fileURLToPath(new URL("../..", import.meta.url));

/** Whether a file is the user's own: not Node's, not a package's, not this library's. */
export function isOwnFile(file: string): boolean {
  return isAbsolute(file) && !/[\\/]node_modules[\\/]/.test(file) && !file.startsWith(here);
}

/**
 * Where in the user's code an error comes from: what the head of its stack names (syntax errors), else the first frame
 * that is the user's. Undefined when none is.
 */
export function sourcePlace(error: unknown): SourcePlace | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const stack = cause.stack ?? "";
    const place = headOf(stack) ?? firstOwnFrame(stack);
    if (place) return place;
  }
  return undefined;
}

/** `file:line`, the source line and a caret: how Node decorates syntax errors. */
function headOf(stack: string): SourcePlace | undefined {
  const [first = "", ...rest] = stack.split("\n");
  const match = /^(.+):(\d+)$/.exec(first);
  const file = match && pathOf(match[1] ?? "");
  if (!file || !isOwnFile(file)) return undefined;
  const caret = rest.slice(0, 3).find((line) => /^\s*\^+\s*$/.test(line));
  return { file, line: Number(match[2]), column: caret === undefined ? undefined : caret.indexOf("^") + 1 };
}

function firstOwnFrame(stack: string): SourcePlace | undefined {
  for (const line of stack.split("\n")) {
    const match = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?$/.exec(line);
    const file = match && pathOf(match[1] ?? "");
    if (file && isOwnFile(file)) return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return undefined;
}

/** A path, of a `file:` URL (without its query) or of a path. */
export function pathOf(text: string): string | undefined {
  try {
    if (text.startsWith("file:")) {
      const url = new URL(text);
      return fileURLToPath(`${url.protocol}//${url.host}${url.pathname}`);
    }
    return isAbsolute(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The path without symbolic links, or as it is when it does not exist. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
