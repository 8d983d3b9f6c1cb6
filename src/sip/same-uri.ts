import { expandIpv6 } from "./host.ts";
import { splitUri, type UriParts, unescapeUri } from "./uri.ts";

/** Standing in one URI only, these make a difference (RFC 3261 §19.1.4, and `transport` by its examples). */
const telling: ReadonlySet<string> = new Set(["user", "ttl", "method", "maddr", "transport"]);
/** The same for tel URIs (RFC 3966 §4). */
const tellingOfTel: ReadonlySet<string> = new Set(["phone-context", "isub", "ext"]);

/**
 * Whether two URIs mean the same: RFC 3261 §19.1.4 with RFC 5954 §4.2 for sip and sips, RFC 3966 §4 for tel; other URIs are
 * compared as text. Not transitive: parameters in one URI only do not count.
 */
export function sameUri(one: string, other: string): boolean {
  if (one === other) return true;
  const a = splitUri(one);
  const b = splitUri(other);
  if (!a || !b || a.scheme !== b.scheme) return false;
  if (a.scheme === "tel")
    return number(a.user ?? "") === number(b.user ?? "") && sameParameters(a, b, tellingOfTel);
  return (
    comparable(a.user) === comparable(b.user) &&
    comparable(a.password) === comparable(b.password) &&
    host(a.host) === host(b.host) &&
    a.port === b.port &&
    sameParameters(a, b, telling) &&
    sameHeaders(a.headers, b.headers)
  );
}

/** Escapes of characters that are not reserved mean the character; the others stay (RFC 3261 §19.1.4). */
function comparable(text: string | undefined): string | undefined {
  return text?.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    unescapeUri(
      run.replace(/%(?:3b|2f|3f|3a|40|26|3d|2b|24|2c|25)/gi, (code) => `%25${code.slice(1).toUpperCase()}`),
    ),
  );
}

function host(text: string): string {
  return text.includes(":") ? expandIpv6(text) : text.toLowerCase();
}

/** Without visual separators (RFC 3966 §5.1.1). */
function number(text: string): string {
  return text.replace(/[().-]/g, "").toLowerCase();
}

function sameParameters(a: UriParts, b: UriParts, mustBeInBoth: ReadonlySet<string>): boolean {
  const ours = pairs(a.params, ";");
  const theirs = pairs(b.params, ";");
  for (const [name, value] of ours)
    if (theirs.has(name) ? theirs.get(name) !== value : mustBeInBoth.has(name)) return false;
  for (const name of theirs.keys()) if (!ours.has(name) && mustBeInBoth.has(name)) return false;
  return true;
}

/** Every header of one must be in the other. */
function sameHeaders(a: string, b: string): boolean {
  const ours = pairs(a, "&");
  const theirs = pairs(b, "&");
  return ours.size === theirs.size && Array.from(ours).every(([name, value]) => theirs.get(name) === value);
}

/** In lower case: the values of parameters are compared so, unless defined otherwise. */
function pairs(text: string, separator: string): Map<string, string> {
  const found = new Map<string, string>();
  if (text === "") return found;
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf("=");
    const name = comparable(equals < 0 ? pair : pair.slice(0, equals)) ?? "";
    const value = equals < 0 ? "" : `=${comparable(pair.slice(equals + 1))}`;
    found.set(name.toLowerCase(), value.toLowerCase());
  }
  return found;
}
