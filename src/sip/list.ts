import type { SipHeaders } from "./headers.ts";
import { afterQuoted } from "./parameters.ts";

/**
 * The members of a comma list (RFC 3261 §7.3.1), trimmed: commas in quotes and in `<>` do not count. Empty members are left
 * out. At most `limit` are read. Not for header fields that are no lists, as Date and the challenges of digest.
 */
export function splitList(value: string, limit: number = Number.POSITIVE_INFINITY): string[] {
  if (!value.includes(",")) return value === "" ? [] : [value];
  const members: string[] = [];
  let from = 0;
  const take = (end: number) => {
    const member = value.slice(from, end).trim();
    if (member !== "") members.push(member);
    from = end + 1;
  };
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    if (unit === 44) {
      take(at);
      if (members.length >= limit) return members;
    } else if (unit === 34 || unit === 60) {
      const end = unit === 34 ? afterQuoted(value, at) : value.indexOf(">", at) + 1;
      if (end <= 0) break;
      at = end - 1;
    }
  }
  take(value.length);
  return members;
}

/** The first member of a comma list; empty when there is none. */
export function firstOf(value: string): string {
  return value.includes(",") ? (splitList(value, 1)[0] ?? "") : value;
}

/** The members of all header fields of that name, in order. */
export function listOf(headers: SipHeaders, name: string): string[] {
  const values = headers.all(name);
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? splitList(only)
    : values.flatMap((value) => splitList(value));
}
