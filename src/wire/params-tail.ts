import { escapeField, escapeName, unescapeLeniently } from "./escape.ts";

/** A pattern, because V8 moves a call of `includes` into the loop that uses it, and searches the whole text each round. */
const percent = /%/;

/**
 * Reads the end of a message line, `key=value:key=value`, into names and values, alternating. For lines from an engine:
 * never throws, keeps repeats, and takes a key without `=` as one with an empty value.
 */
export function parseParams(raw: string): string[] {
  const flat: string[] = [];
  const escaped = percent.test(raw);
  for (let start = 0; start < raw.length; ) {
    let end = raw.indexOf(":", start);
    if (end < 0) end = raw.length;
    if (end > start) {
      const nameEnd = nameEndIn(raw, start, end);
      const name = raw.slice(start, nameEnd);
      const value = nameEnd < end ? raw.slice(nameEnd + 1, end) : "";
      if (escaped) flat.push(unescapeLeniently(name), unescapeLeniently(value));
      else flat.push(name, value);
    }
    start = end + 1;
  }
  return flat;
}

/**
 * Where a chunk's name ends: at the first `=`, or with the chunk. Not `indexOf`, which would search the rest of the line
 * for every chunk without `=`.
 */
export function nameEndIn(line: string, start: number, end: number): number {
  for (let i = start; i < end; i++) if (line.charCodeAt(i) === 0x3d) return i;
  return end;
}

/**
 * `:key=value` for each of the alternating names and values. Those with an empty name are left out, because an engine
 * refuses the whole line for them.
 */
export function formatParams(flat: readonly string[]): string {
  let out = "";
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? "";
    if (name !== "") out += `:${escapeName(name)}=${escapeField(flat[i + 1] ?? "")}`;
  }
  return out;
}
