import { unescapeLeniently } from "./escape.ts";

/** What an engine tells an app; one of these per line (spec/protocol.md §4). */
export type EngineLine =
  /** A message to handle. `rawParams` is for `parseParams`. */
  | {
      readonly kind: "message";
      /** To be sent back as it is: it is not unescaped. */
      readonly id: string;
      /** Seconds since the epoch. */
      readonly timeSec: number;
      readonly name: string;
      readonly retvalue: string;
      readonly rawParams: string;
    }
  /** What became of a message of this app. */
  | {
      readonly kind: "answer";
      readonly id: string;
      readonly handled: boolean;
      readonly name: string;
      readonly retvalue: string;
      readonly rawParams: string;
    }
  /** What a watcher sees of a dispatched message: an answer without id. */
  | {
      readonly kind: "notification";
      readonly handled: boolean;
      readonly name: string;
      readonly retvalue: string;
      readonly rawParams: string;
    }
  | { readonly kind: "installed"; readonly priority: number; readonly name: string; readonly ok: boolean }
  | { readonly kind: "uninstalled"; readonly priority: number; readonly name: string; readonly ok: boolean }
  | { readonly kind: "watched"; readonly name: string; readonly ok: boolean }
  | { readonly kind: "unwatched"; readonly name: string; readonly ok: boolean }
  | { readonly kind: "local"; readonly name: string; readonly value: string; readonly ok: boolean }
  | { readonly kind: "quitting" }
  /** `Error in: ` and the line that was refused. */
  | { readonly kind: "error"; readonly line: string }
  /** Not a line of the protocol, or one that this version does not know. */
  | { readonly kind: "unknown"; readonly line: string };

const errorPrefix = "Error in: ";

/** Reads one line of an engine. Never throws; what cannot be read is of kind `unknown`. */
export function parseEngineLine(line: string): EngineLine {
  const colon = line.indexOf(":");
  if (colon < 0) return line === "%%<quit" ? { kind: "quitting" } : { kind: "unknown", line };
  switch (line.slice(0, colon)) {
    case "%%>message":
      return parseMessage(line, colon + 1);
    case "%%<message":
      return parseAnswer(line, colon + 1);
    case "%%<install":
      return parsePriorityReply("installed", line, colon + 1);
    case "%%<uninstall":
      return parsePriorityReply("uninstalled", line, colon + 1);
    case "%%<watch":
      return parseWatchReply("watched", line, colon + 1);
    case "%%<unwatch":
      return parseWatchReply("unwatched", line, colon + 1);
    case "%%<setlocal": {
      const nameEnd = line.indexOf(":", colon + 1);
      const valueEnd = line.lastIndexOf(":");
      if (nameEnd < 0 || valueEnd <= nameEnd) return { kind: "unknown", line };
      const value = line.slice(nameEnd + 1, valueEnd);
      return { kind: "local", name: line.slice(colon + 1, nameEnd), value, ok: line.endsWith(":true") };
    }
    case "Error in":
      return line.startsWith(errorPrefix)
        ? { kind: "error", line: line.slice(errorPrefix.length) }
        : { kind: "unknown", line };
    default:
      return { kind: "unknown", line };
  }
}

/** `id:time:name:retvalue[:params]` */
function parseMessage(line: string, start: number): EngineLine {
  const idEnd = line.indexOf(":", start);
  const timeEnd = idEnd < 0 ? -1 : line.indexOf(":", idEnd + 1);
  const nameEnd = timeEnd < 0 ? -1 : line.indexOf(":", timeEnd + 1);
  if (nameEnd < 0) return { kind: "unknown", line };
  const found = line.indexOf(":", nameEnd + 1);
  const retvalueEnd = found < 0 ? line.length : found;
  const seconds = Number(line.slice(idEnd + 1, timeEnd));
  return {
    kind: "message",
    id: line.slice(start, idEnd),
    timeSec: Number.isFinite(seconds) ? seconds : 0,
    name: unescapeLeniently(line.slice(timeEnd + 1, nameEnd)),
    retvalue: unescapeLeniently(line.slice(nameEnd + 1, retvalueEnd)),
    rawParams: line.slice(retvalueEnd + 1),
  };
}

/** `[id]:processed:name:retvalue[:params]` */
function parseAnswer(line: string, start: number): EngineLine {
  const idEnd = line.indexOf(":", start);
  const handledEnd = idEnd < 0 ? -1 : line.indexOf(":", idEnd + 1);
  const nameEnd = handledEnd < 0 ? -1 : line.indexOf(":", handledEnd + 1);
  if (nameEnd < 0) return { kind: "unknown", line };
  const found = line.indexOf(":", nameEnd + 1);
  const retvalueEnd = found < 0 ? line.length : found;
  const handled = line.charCodeAt(idEnd + 1) === 0x74;
  const name = unescapeLeniently(line.slice(handledEnd + 1, nameEnd));
  const retvalue = unescapeLeniently(line.slice(nameEnd + 1, retvalueEnd));
  const rawParams = line.slice(retvalueEnd + 1);
  if (idEnd === start) return { kind: "notification", handled, name, retvalue, rawParams };
  return {
    kind: "answer",
    id: unescapeLeniently(line.slice(start, idEnd)),
    handled,
    name,
    retvalue,
    rawParams,
  };
}

/** `priority:name:bool`; the name is literal. */
function parsePriorityReply(kind: "installed" | "uninstalled", line: string, start: number): EngineLine {
  const priorityEnd = line.indexOf(":", start);
  const nameEnd = line.lastIndexOf(":");
  if (priorityEnd < 0 || nameEnd <= priorityEnd) return { kind: "unknown", line };
  const priority = Number(line.slice(start, priorityEnd));
  if (!Number.isInteger(priority)) return { kind: "unknown", line };
  return { kind, priority, name: line.slice(priorityEnd + 1, nameEnd), ok: line.endsWith(":true") };
}

/** `name:bool`; the name is literal and may hold colons. */
function parseWatchReply(kind: "watched" | "unwatched", line: string, start: number): EngineLine {
  const nameEnd = line.lastIndexOf(":");
  if (nameEnd < start) return { kind: "unknown", line };
  return { kind, name: line.slice(start, nameEnd), ok: line.endsWith(":true") };
}
