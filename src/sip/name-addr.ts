import type { SipHeaders } from "./headers.ts";
import {
  afterQuoted,
  formatParameters,
  parseParameters,
  quote,
  type SipParameters,
  skipSpace,
  unquote,
} from "./parameters.ts";

/** What stands in From, To, Contact, Route and their like (RFC 3261 §20.10). */
export interface NameAddr {
  /** Unquoted; empty when there is none. */
  readonly displayName: string;
  /** As written, without `<>`. */
  readonly uri: string;
  /** Of the header field, not of the URI. Quoted values stand with their quotes: {@link unquote}. */
  readonly params: SipParameters;
}

/**
 * Reads `"Name" <uri>;params`, `Name <uri>;params` or `uri;params` (parameters then are of the header field). Undefined when
 * it is none of these. Contact's `*` is a URI without scheme here.
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  let at = skipSpace(text, 0);
  let displayName = "";
  let open: number;
  if (text.charCodeAt(at) === 34) {
    const end = afterQuoted(text, at);
    if (end < 0) return undefined;
    displayName = unquote(text.slice(at, end));
    open = skipSpace(text, end);
    if (text.charCodeAt(open) !== 60) return undefined;
  } else {
    open = text.indexOf("<", at);
    if (open > at) {
      displayName = text.slice(at, open).trim();
      // a parameter's value with "<" in it, behind an address without <>
      if (displayName.includes(";") || displayName.includes('"')) {
        if (displayName.includes('"') && !displayName.includes(";")) return undefined;
        displayName = "";
        open = -1;
      }
    }
  }
  let uri: string;
  if (open >= 0) {
    const close = text.indexOf(">", open);
    if (close < 0) return undefined;
    uri = text.slice(open + 1, close).trim();
    at = close + 1;
  } else {
    const semicolon = text.indexOf(";", at);
    const end = semicolon < 0 ? text.length : semicolon;
    uri = text.slice(at, end).trim();
    at = end;
  }
  if (uri === "") return undefined;
  const params = parseParameters(text, at);
  return params && { displayName, uri, params };
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
