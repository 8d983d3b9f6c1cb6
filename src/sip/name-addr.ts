import type { SipHeaders } from "./headers.ts";
import {
  afterQuoted,
  formatParameters,
  parseParameters,
  quote,
  readParameters,
  type SipParameters,
  skipSpace,
  unquote,
} from "./parameters.ts";
import { uriScheme } from "./uri.ts";

/** What stands in From, To, Contact, Route and their like (RFC 3261 §20.10). */
export interface NameAddr {
  /** Unquoted; empty when there is none. */
  readonly displayName: string;
  /** As written, without `<>`. */
  readonly uri: string;
  /** Of the header field, not of the URI. Quoted values stand with their quotes: `unquote`. */
  readonly params: SipParameters;
}

/** The pieces of a name-addr or addr-spec as written. */
interface Pieces {
  readonly name: string;
  readonly uri: string;
  /** The URI stands without `<>`. */
  readonly bare: boolean;
  /** Where the parameters begin. */
  readonly rest: number;
}

/**
 * Reads `"Name" <uri>;params`, `Name <uri>;params` or `uri;params` (parameters then are of the header field). Undefined when
 * it is none of these. Lenient about white space around the URI and commas in a name without quotes.
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const pieces = split(text);
  const uri = pieces?.uri.trim();
  if (!pieces || !uri) return undefined;
  const params = parseParameters(text, pieces.rest);
  return params && { displayName: unquote(pieces.name), uri, params };
}

/** What the grammar has against a member of From, To or Contact that is still understood, or is not; undefined: nothing. */
export function nameAddrFlaw(text: string): string | undefined {
  const pieces = split(text);
  if (!pieces) return "has a quote or < that nothing closes";
  const { name, uri, bare, rest } = pieces;
  if (name !== "" && name.charCodeAt(0) !== 34 && /[",;]/.test(name)) return "has a name that must be quoted";
  if (/\s/.test(bare ? uri.trim() : uri)) return "has white space in its address";
  if (bare && /[?,]/.test(uri)) return "has an address that must stand in <>";
  if (uriScheme(uri) === undefined) return "has an address without a scheme";
  return readParameters(text, rest) ? undefined : "has parameters that cannot be read";
}

/** `"Name" <uri>;params`, always with `<>`. */
export function formatNameAddr(address: {
  readonly displayName?: string | undefined;
  readonly uri: string;
  readonly params?: Iterable<readonly [string, string | undefined]> | undefined;
}): string {
  const name = address.displayName ? `${quote(address.displayName)} ` : "";
  return `${name}<${address.uri}>${address.params ? formatParameters(address.params) : ""}`;
}

/** The tag of From or To; empty when there is none, or none can be read. */
export function tagOf(headers: SipHeaders, name: "from" | "to"): string {
  const value = headers.get(name);
  return (value !== undefined && parseNameAddr(value)?.params.get("tag")) || "";
}

function split(text: string): Pieces | undefined {
  const at = skipSpace(text, 0);
  let name = "";
  let open = at;
  if (text.charCodeAt(at) === 34) {
    const end = afterQuoted(text, at);
    if (end < 0) return undefined;
    name = text.slice(at, end);
    open = skipSpace(text, end);
    if (text.charCodeAt(open) !== 60) return undefined;
  } else if (text.charCodeAt(at) !== 60) {
    open = text.indexOf("<", at);
    const semicolon = text.indexOf(";", at);
    // a ":" before ";" before "<": an address whose parameter has "<" in its value
    const bare = open < 0 || (semicolon >= 0 && semicolon < open && text.slice(at, semicolon).includes(":"));
    if (bare) {
      const rest = semicolon < 0 ? text.length : semicolon;
      return { name, uri: text.slice(at, rest), bare, rest };
    }
    name = text.slice(at, open).trim();
  }
  const close = text.indexOf(">", open);
  return close < 0 ? undefined : { name, uri: text.slice(open + 1, close), bare: false, rest: close + 1 };
}
