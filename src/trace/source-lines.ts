import type { TracePlace } from "./records.ts";

/** Finds the lines of an app in stacks. */
export interface SourceLines {
  /** The innermost line of the app that the running one was called from, also over an `await`. */
  here(): TracePlace | undefined;
  /** The innermost line of the app in the stack that something was given, as an error. */
  of(thing: object): TracePlace | undefined;
}

/** What V8 adds to `Error`. */
interface Capturing {
  stackTraceLimit: number;
  captureStackTrace(target: object, above?: (...args: never) => unknown): void;
}

const capturing: Capturing | undefined =
  "captureStackTrace" in Error ? (Error as unknown as Capturing) : undefined;

/** Enough for the way through the call kit into the app. */
const mostFrames = 40;

const frame = /^\s+at (?:async )?(?:(.*) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?$/;

const own: string = (import.meta as { readonly url?: string }).url ?? "";
/** The package's folder; when it was bundled into one file, that file. */
const root: string = decode(own.replace(/\/(?:src|dist)\/trace\/[^/]*$/, ""));

/** @param readText the content of a file, if it can be read; asked once a file */
export function createSourceLines(readText: (file: string) => string | undefined): SourceLines {
  const files = new Map<string, readonly string[]>();
  /** By the frame's text: the same lines wait again and again. */
  const known = new Map<string, TracePlace>();

  const textAt = (file: string, line: number): string | undefined => {
    let lines = files.get(file);
    if (!lines) {
      lines = readText(file)?.split(/\r?\n/) ?? [];
      files.set(file, lines);
    }
    return lines[line - 1]?.trim();
  };

  const placeOf = (text: string): TracePlace | undefined => {
    const found = known.get(text);
    if (found) return found;
    const [, within, url = "", line, column] = frame.exec(text) ?? [];
    const file = decode(url);
    if (!file || isOwn(file)) return undefined;
    const name = within?.replace(/^Object\.| \[as .*\]$/g, "");
    const place: TracePlace = {
      file,
      line: Number(line),
      column: Number(column),
      text: textAt(file, Number(line)),
      ...(name && name !== "<anonymous>" ? { within: name } : {}),
    };
    known.set(text, place);
    return place;
  };

  const innermost = (stack: string): TracePlace | undefined => {
    let library: TracePlace | undefined;
    for (const text of stack.split("\n")) {
      const place = placeOf(text);
      if (!place) continue;
      if (!/[\\/]node_modules[\\/]/.test(place.file)) return place;
      library ??= place;
    }
    return library;
  };

  const lines: SourceLines = {
    here() {
      if (!capturing) return undefined;
      const limit = capturing.stackTraceLimit;
      capturing.stackTraceLimit = mostFrames;
      const mark = {};
      capturing.captureStackTrace(mark, lines.here);
      capturing.stackTraceLimit = limit;
      return lines.of(mark);
    },
    of(thing) {
      const stack = "stack" in thing ? thing.stack : undefined;
      return typeof stack === "string" ? innermost(stack) : undefined;
    },
  };
  return lines;
}

function isOwn(file: string): boolean {
  return file.startsWith(`${root}/src/`) || file.startsWith(`${root}/dist/`) || file === root;
}

/** The path of a `file:` URL, without its query. */
function decode(url: string): string {
  const path = /^file:\/\/([^?#]*)/.exec(url)?.[1];
  if (path === undefined) return url;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
