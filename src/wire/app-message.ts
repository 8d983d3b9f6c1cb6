import { isPlain, unescapeField, unescapeName } from "./escape.ts";
import { parseProcessed, parseTime } from "./numbers.ts";
import { nameEndIn } from "./params-tail.ts";

/** A message that an app sends (spec/protocol.md §6). */
export interface AppMessage {
  readonly kind: "message";
  /** Empty: no answer is wanted. */
  readonly id: string;
  /** Seconds since the epoch; 0 means now. */
  readonly timeSec: number;
  readonly name: string;
  readonly retvalue: string;
  /** Names and values, alternating; each name once. */
  readonly params: readonly string[];
}

/**
 * An app's answer (spec/protocol.md §5). A line that goes wrong half-way still does what stands before the error: apply
 * what is not undefined, and let the message wait on unless `complete`.
 */
export interface AppAnswer {
  readonly kind: "answer";
  /** To be compared with the id as it was sent: it is not unescaped. */
  readonly id: string;
  /** False when the line is malformed somewhere: the message keeps waiting for a good answer. */
  readonly complete: boolean;
  readonly handled: boolean | undefined;
  /** The new name; undefined keeps the name, and so does an empty field. */
  readonly name: string | undefined;
  /** The new return value, also when it is empty; undefined keeps it. */
  readonly retvalue: string | undefined;
  /** In the order of the line: names, and values or undefined (delete it), alternating. */
  readonly changes: readonly (string | undefined)[];
}

/** @returns undefined when the line is malformed */
export function parseMessage(line: string, start: number): AppMessage | undefined {
  const idEnd = line.indexOf(":", start);
  if (idEnd < 0) return undefined;
  const timeEnd = line.indexOf(":", idEnd + 1);
  if (timeEnd < 0) return undefined;
  const nameEnd = line.indexOf(":", timeEnd + 1);
  if (nameEnd < 0) return undefined;
  const found = line.indexOf(":", nameEnd + 1);
  const retvalueEnd = found < 0 ? line.length : found;

  const timeSec = timeEnd === idEnd + 1 ? 0 : parseTime(line.slice(idEnd + 1, timeEnd));
  const id = unescapeField(line.slice(start, idEnd));
  const name = unescapeField(line.slice(timeEnd + 1, nameEnd));
  const retvalue = unescapeField(line.slice(nameEnd + 1, retvalueEnd));
  if (
    timeSec === undefined ||
    typeof id === "number" ||
    typeof name === "number" ||
    typeof retvalue === "number"
  )
    return undefined;

  const read: (string | undefined)[] = [];
  if (!readParams(line, retvalueEnd + 1, read)) return undefined;
  return { kind: "message", id, timeSec, name, retvalue, params: mergeParams(read) };
}

export function parseAnswer(line: string, start: number): AppAnswer {
  const idEnd = line.indexOf(":", start);
  const id = line.slice(start, idEnd < 0 ? line.length : idEnd);
  const changes: (string | undefined)[] = [];
  const upTo = (complete: boolean, handled?: boolean, name?: string, retvalue?: string): AppAnswer => ({
    kind: "answer",
    id,
    complete,
    handled,
    name: name === "" ? undefined : name,
    retvalue,
    changes,
  });

  const processedEnd = idEnd < 0 ? -1 : line.indexOf(":", idEnd + 1);
  if (processedEnd < 0) return upTo(false);
  const handled = parseProcessed(line.slice(idEnd + 1, processedEnd));
  if (handled === undefined) return upTo(false);
  if (processedEnd + 1 === line.length) return upTo(true, handled);

  const nameEnd = line.indexOf(":", processedEnd + 1);
  if (nameEnd < 0) return upTo(false, handled);
  const name = unescapeField(line.slice(processedEnd + 1, nameEnd));
  if (typeof name === "number") return upTo(false, handled);

  const found = line.indexOf(":", nameEnd + 1);
  const retvalueEnd = found < 0 ? line.length : found;
  const retvalue = unescapeField(line.slice(nameEnd + 1, retvalueEnd));
  if (typeof retvalue === "number") return upTo(false, handled, name);

  return upTo(readParams(line, retvalueEnd + 1, changes), handled, name, retvalue);
}

/**
 * Reads `key=value` and `key` chunks into names and values (undefined for a key without `=`), alternating.
 * @returns false at an empty key or a bad escape; `into` then holds what stands before it
 */
function readParams(line: string, from: number, into: (string | undefined)[]): boolean {
  const plain = from >= line.length || isPlain(line.slice(from));
  for (let start = from; start < line.length; ) {
    let end = line.indexOf(":", start);
    if (end < 0) end = line.length;
    if (end > start) {
      const nameEnd = nameEndIn(line, start, end);
      if (nameEnd === start) return false;
      const rawName = line.slice(start, nameEnd);
      const rawValue = nameEnd < end ? line.slice(nameEnd + 1, end) : undefined;
      const name = plain ? rawName : unescapeName(rawName);
      const value = plain || rawValue === undefined ? rawValue : unescapeField(rawValue);
      if (typeof name === "number" || typeof value === "number") return false;
      into.push(name, value);
    }
    start = end + 1;
  }
  return true;
}

/** From so many parameters on, repeats are found by a map instead of by looking at all. */
const mapFrom = 32;

/** A repeated key has the last value at the place of the first; a key without value removes an earlier one (§6). */
function mergeParams(read: readonly (string | undefined)[]): string[] {
  if (read.length > mapFrom) return mergeByMap(read);
  const flat: string[] = [];
  for (let i = 0; i < read.length; i += 2) {
    const name = read[i] ?? "";
    const value = read[i + 1];
    let at = 0;
    while (at < flat.length && flat[at] !== name) at += 2;
    if (value === undefined) flat.splice(at, 2);
    else if (at < flat.length) flat[at + 1] = value;
    else flat.push(name, value);
  }
  return flat;
}

function mergeByMap(read: readonly (string | undefined)[]): string[] {
  const values = new Map<string, string>();
  for (let i = 0; i < read.length; i += 2) {
    const name = read[i] ?? "";
    const value = read[i + 1];
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }
  const flat: string[] = [];
  for (const [name, value] of values) flat.push(name, value);
  return flat;
}
