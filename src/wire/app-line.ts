import { type AppAnswer, type AppMessage, parseAnswer, parseMessage } from "./app-message.ts";
import { unescapeLeniently, unescapeUpToError } from "./escape.ts";
import { defaultPriority, parseInteger, parsePriority } from "./numbers.ts";

/** What an app asks of an engine; one of these per line (spec/protocol.md §4). */
export type AppLine =
  | AppMessage
  | AppAnswer
  | {
      readonly kind: "install";
      readonly priority: number;
      readonly name: string;
      /** One parameter that must have exactly this value. */
      readonly filter: { readonly name: string; readonly value: string } | undefined;
    }
  | { readonly kind: "uninstall"; readonly name: string }
  | { readonly kind: "watch"; readonly name: string }
  | { readonly kind: "unwatch"; readonly name: string }
  /** An empty value asks for the present one (but sets `reason`). */
  | { readonly kind: "setlocal"; readonly name: string; readonly value: string }
  | { readonly kind: "output"; readonly text: string }
  /** The level is 1 to 10. */
  | { readonly kind: "debug"; readonly level: number; readonly text: string }
  | {
      readonly kind: "connect";
      readonly role: string;
      readonly id: string | undefined;
      readonly type: string | undefined;
    }
  | { readonly kind: "quit" }
  /** To be answered with `Error in: ` and the line. */
  | { readonly kind: "bad"; readonly line: string; readonly why: string };

const blanks = /^[ \t\r\v\f]+|[ \t\r\v\f]+$/g;

/** Reads one line of an app, as an engine does. Never throws; what cannot be read is of kind `bad`. */
export function parseAppLine(line: string): AppLine {
  const bad = (why: string): AppLine => ({ kind: "bad", line, why });
  const colon = line.indexOf(":");
  const keyword = colon < 0 ? line : line.slice(0, colon);
  if (keyword === "%%>quit") return colon < 0 ? { kind: "quit" } : bad("quit takes nothing");
  if (colon < 0) return bad(knownKeywords.has(keyword) ? "no colon after the keyword" : "unknown keyword");
  switch (keyword) {
    case "%%>message":
      return parseMessage(line, colon + 1) ?? bad("malformed message");
    case "%%<message":
      return parseAnswer(line, colon + 1);
    case "%%>install":
      return parseInstall(line.slice(colon + 1));
    case "%%>uninstall":
      return { kind: "uninstall", name: line.slice(colon + 1) };
    case "%%>watch":
      return { kind: "watch", name: line.slice(colon + 1) };
    case "%%>unwatch":
      return { kind: "unwatch", name: line.slice(colon + 1) };
    case "%%>setlocal": {
      const end = line.indexOf(":", colon + 1);
      if (end < 0 || end === colon + 1) return bad("setlocal takes a name and a value");
      return {
        kind: "setlocal",
        name: line.slice(colon + 1, end),
        value: line.slice(end + 1).replace(blanks, ""),
      };
    }
    case "%%>output":
      return { kind: "output", text: line.slice(colon + 1).replace(blanks, "") };
    case "%%>debug": {
      const end = line.indexOf(":", colon + 1);
      if (end < 0 || end === colon + 1) return bad("debug takes a level and a text");
      const level = parseInteger(line.slice(colon + 1, end)) ?? 10;
      return {
        kind: "debug",
        level: Math.min(10, Math.max(1, level)),
        text: unescapeUpToError(line.slice(end + 1)),
      };
    }
    case "%%>connect": {
      const [role = "", id, ...type] = line.slice(colon + 1).split(":");
      return { kind: "connect", role, id, type: type.length > 0 ? type.join(":") : undefined };
    }
    default:
      return bad("unknown keyword");
  }
}

const knownKeywords: ReadonlySet<string> = new Set([
  "%%>message",
  "%%<message",
  "%%>install",
  "%%>uninstall",
  "%%>watch",
  "%%>unwatch",
  "%%>setlocal",
  "%%>output",
  "%%>debug",
  "%%>connect",
]);

const startsWithInteger = /^[ \t\r\v\f]*[+-]?\d/;

/** `[priority]:name[:filter-name[:filter-value]]`; without any colon a name at 100, or a priority without a name (§7). */
function parseInstall(rest: string): AppLine {
  const first = rest.indexOf(":");
  if (first < 0) {
    const priorityOnly = startsWithInteger.test(rest);
    return {
      kind: "install",
      priority: priorityOnly ? parsePriority(rest) : defaultPriority,
      name: priorityOnly ? "" : rest,
      filter: undefined,
    };
  }
  const priority = parsePriority(rest.slice(0, first));
  const nameEnd = rest.indexOf(":", first + 1);
  if (nameEnd < 0) return { kind: "install", priority, name: rest.slice(first + 1), filter: undefined };
  const name = rest.slice(first + 1, nameEnd);
  const filterEnd = rest.indexOf(":", nameEnd + 1);
  // A bad escape does not keep the engine from installing.
  const filterName = unescapeLeniently(rest.slice(nameEnd + 1, filterEnd < 0 ? rest.length : filterEnd));
  const value = filterEnd < 0 ? "" : unescapeLeniently(rest.slice(filterEnd + 1));
  return {
    kind: "install",
    priority,
    name,
    filter: filterName === "" ? undefined : { name: filterName, value },
  };
}
