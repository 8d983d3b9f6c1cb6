/**
 * Escaping of fields (spec/protocol.md §3). A byte below 0x20 and the colon travel as `%` and the byte + 0x40, `%` as
 * `%%`; in names of parameters also `=`, as `%}`.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const toEscape = /[\0-\x1f%:]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const toEscapeInName = /[\0-\x1f%:=]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are errors
const toUnescape = /[\0-\x1f%]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const control = /[\0-\x1f]/;

/** A field as it travels. NUL cannot be represented and is left out. */
export function escapeField(text: string): string {
  return toEscape.test(text) ? escapeFrom(text, toEscape) : text;
}

/** The name of a parameter as it travels: `=` as `%}`, which a real YATE sends but does not take back. */
export function escapeName(text: string): string {
  return toEscapeInName.test(text) ? escapeFrom(text, toEscapeInName) : text;
}

function escapeFrom(text: string, special: RegExp): string {
  if (control.test(text)) return escapeEach(text, special);
  // To replace one character everywhere V8 has a way of its own, twice as fast as a loop on long texts, and no slower on short ones.
  const out = text.replace(/%/g, "%%").replace(/:/g, "%z");
  return special === toEscapeInName ? out.replace(/=/g, "%}") : out;
}

function escapeEach(text: string, special: RegExp): string {
  let out = "";
  let start = 0;
  for (let i = text.search(special); i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x20 && unit !== 0x25 && unit !== 0x3a && (unit !== 0x3d || special !== toEscapeInName))
      continue;
    out += text.slice(start, i);
    if (unit === 0x25) out += "%%";
    else if (unit !== 0) out += `%${String.fromCharCode(unit + 0x40)}`;
    start = i + 1;
  }
  return out + text.slice(start);
}

/** Tells whether a text holds nothing that `unescapeField` would change or refuse, so that its parts can be used as they are. */
export function isPlain(text: string): boolean {
  return !toUnescape.test(text);
}

/**
 * The text of an escaped field, or the position of its first error: `%` with anything that is not listed in §3.2 after it,
 * a lone `%` at the end (a real YATE reads past the end there), a raw byte below 0x20.
 */
export function unescapeField(field: string): string | number {
  return toUnescape.test(field) ? unescapeFrom(field, false) : field;
}

/** The same for the name of a parameter, where `%}` is `=`: an extension, without which such names cannot come back. */
export function unescapeName(field: string): string | number {
  return toUnescape.test(field) ? unescapeFrom(field, true) : field;
}

/** The text of a field that an engine sent: what should not occur is kept as it stands. */
export function unescapeLeniently(field: string): string {
  let from = field.indexOf("%");
  if (from < 0) return field;
  let out = "";
  let start = 0;
  for (; from >= 0 && from + 1 < field.length; from = field.indexOf("%", from)) {
    const meant = meaning(field.charCodeAt(from + 1), true);
    if (meant !== undefined) {
      out += field.slice(start, from) + meant;
      start = from + 2;
    }
    from += 2;
  }
  return out + field.slice(start);
}

/** The part of a field before its first error: what a real YATE prints of a `%%>debug` line. */
export function unescapeUpToError(field: string): string {
  const text = unescapeField(field);
  if (typeof text === "string") return text;
  const before = unescapeField(field.slice(0, text));
  return typeof before === "string" ? before : "";
}

function unescapeFrom(field: string, inName: boolean): string | number {
  let out = "";
  let start = 0;
  for (let i = 0; i < field.length; i++) {
    const unit = field.charCodeAt(i);
    if (unit < 0x20) return i;
    if (unit !== 0x25) continue;
    const meant = meaning(field.charCodeAt(i + 1), inName);
    if (meant === undefined) return i;
    out += field.slice(start, i) + meant;
    start = i + 2;
    i++;
  }
  return out + field.slice(start);
}

/** What `%` followed by this code unit stands for; undefined if nothing (NaN: the field is over). */
function meaning(unit: number, inName: boolean): string | undefined {
  if (unit === 0x25) return "%";
  if (unit === 0x7a) return ":";
  if (unit >= 0x41 && unit <= 0x5f) return String.fromCharCode(unit - 0x40);
  if (unit === 0x7d && inName) return "=";
  return undefined;
}
