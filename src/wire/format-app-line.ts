import type { AppLine } from "./app-line.ts";
import { escapeField, escapeName } from "./escape.ts";
import { formatParams } from "./params-tail.ts";
import { lastRawField, rawField } from "./raw-field.ts";

/** An app's line as text, without its end. Reading it again gives the same, where the protocol can express it. */
export function formatAppLine(line: AppLine): string {
  switch (line.kind) {
    case "message":
      return formatMessage(
        line.id,
        line.timeSec === 0 ? "" : line.timeSec,
        line.name,
        line.retvalue,
        line.params,
      );
    case "answer": {
      const { id, handled, name = "", retvalue, changes } = line;
      if (handled === undefined) return `%%<message:${lastRawField(id)}`;
      return formatAppAnswer(id, handled, name, retvalue, changes);
    }
    case "install": {
      const filter = line.filter ? `:${escapeField(line.filter.name)}:${escapeField(line.filter.value)}` : "";
      return `%%>install:${line.priority}:${filter === "" ? lastRawField(line.name) : rawField(line.name) + filter}`;
    }
    case "uninstall":
    case "watch":
    case "unwatch":
      return `%%>${line.kind}:${lastRawField(line.name)}`;
    case "setlocal":
      return `%%>setlocal:${rawField(line.name)}:${lastRawField(line.value)}`;
    case "output":
      return `%%>output:${lastRawField(line.text)}`;
    case "debug":
      return `%%>debug:${line.level}:${escapeField(line.text)}`;
    case "connect": {
      const { role, id, type } = line;
      return `%%>connect:${lastRawField([role, ...(id === undefined ? [] : [id]), ...(type === undefined ? [] : [type])].join(":"))}`;
    }
    case "quit":
      return "%%>quit";
    case "bad":
      return lastRawField(line.line);
  }
}

/**
 * A message on its way, in either direction.
 * @param id sent escaped; an engine's ids need no escaping
 * @param timeSec seconds since the epoch; empty (from an app) means now
 * @param params names and values, alternating
 */
export function formatMessage(
  id: string,
  timeSec: number | "",
  name: string,
  retvalue: string,
  params: readonly string[],
): string {
  return `%%>message:${escapeField(id)}:${timeSec}:${escapeField(name)}:${escapeField(retvalue)}${formatParams(params)}`;
}

/**
 * An app's answer.
 * @param id as it came
 * @param name the new name; empty keeps the old one
 * @param retvalue replaces the present one, also when it is empty; undefined keeps it and sends neither name nor changes
 * @param changes names, and values or undefined (delete it), alternating
 */
export function formatAppAnswer(
  id: string,
  handled: boolean,
  name: string,
  retvalue: string | undefined,
  changes: readonly (string | undefined)[],
): string {
  const start = `%%<message:${rawField(id)}:${handled}:`;
  if (retvalue === undefined) return start;
  let out = `${start}${escapeField(name)}:${escapeField(retvalue)}`;
  for (let i = 0; i < changes.length; i += 2) {
    const key = changes[i] ?? "";
    const value = changes[i + 1];
    if (key !== "")
      out += value === undefined ? `:${escapeName(key)}` : `:${escapeName(key)}=${escapeField(value)}`;
  }
  return out;
}
