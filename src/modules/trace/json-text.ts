/**
 * JSON written by hand, for the one kind of record of which there are hundreds a second: to make the objects, and to have
 * `JSON.stringify` walk them, took most of what telling costs.
 */

/** What stands in JSON otherwise than as itself, or might. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const special = /["\\\0-\x1f\ud800-\udfff]/;

/** A string in JSON. */
export function quoted(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A member that is left out when there is no text: with its comma before it. `name` needs no escaping. */
export function textMember(name: string, text: string | undefined): string {
  return text === undefined ? "" : `,"${name}":${quoted(text)}`;
}
