import type { EngineLine } from "./engine-line.ts";
import { escapeField } from "./escape.ts";
import { formatParams } from "./params-tail.ts";
import { lastRawField, rawField } from "./raw-field.ts";

/** An engine's line as text, without its end. */
export function formatEngineLine(line: EngineLine): string {
  switch (line.kind) {
    case "message": {
      const tail = line.rawParams === "" ? "" : `:${line.rawParams}`;
      return `%%>message:${line.id}:${line.timeSec}:${escapeField(line.name)}:${escapeField(line.retvalue)}${tail}`;
    }
    case "answer":
    case "notification": {
      const id = line.kind === "answer" ? escapeField(line.id) : "";
      const tail = line.rawParams === "" ? "" : `:${line.rawParams}`;
      return `%%<message:${id}:${line.handled}:${escapeField(line.name)}:${escapeField(line.retvalue)}${tail}`;
    }
    case "installed":
      return `%%<install:${line.priority}:${rawField(line.name)}:${line.ok}`;
    case "uninstalled":
      return `%%<uninstall:${line.priority}:${rawField(line.name)}:${line.ok}`;
    case "watched":
      return `%%<watch:${rawField(line.name)}:${line.ok}`;
    case "unwatched":
      return `%%<unwatch:${rawField(line.name)}:${line.ok}`;
    case "local":
      return `%%<setlocal:${rawField(line.name)}:${rawField(line.value)}:${line.ok}`;
    case "quitting":
      return "%%<quit";
    case "error":
      return `Error in: ${lastRawField(line.line)}`;
    case "unknown":
      return lastRawField(line.line);
  }
}

/**
 * What became of a message: to its sender, or with an empty id to a watcher.
 * @param params names and values, alternating
 */
export function formatEngineAnswer(
  id: string,
  handled: boolean,
  name: string,
  retvalue: string,
  params: readonly string[],
): string {
  return `%%<message:${escapeField(id)}:${handled}:${escapeField(name)}:${escapeField(retvalue)}${formatParams(params)}`;
}
