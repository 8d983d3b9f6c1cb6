import { decodeExactly, encodeText } from "../base/index.ts";
import { formatHostPort, parseHostPort } from "./host.ts";
import { formatParameters, type SipParameters } from "./parameters.ts";

/** A sip, sips (RFC 3261 §19.1) or tel URI (RFC 3966). Everything stands unescaped. */
export interface SipUri {
  readonly scheme: "sip" | "sips" | "tel";
  /** Of a tel URI: the number as written. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** An IPv6 address stands without brackets. Empty in a tel URI. */
  readonly host: string;
  readonly port?: number | undefined;
  /** Keys in lower case. */
  readonly params: SipParameters;
  /** What stands after `?`, names as written. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The parts of a URI as written. */
export interface UriParts {
  readonly scheme: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  /** From the first `;` behind the host, without it. */
  readonly params: string;
  /** What stands after `?`. */
  readonly headers: string;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** The scheme in lower case; undefined when none stands there. */
export function uriScheme(text: string): string | undefined {
  return /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase();
}

/** Reads a sip, sips or tel URI. Undefined for everything else. */
export function parseUri(text: string): SipUri | undefined {
  const parts = splitUri(text);
  if (!parts) return undefined;
  const { scheme, user, password, host, port } = parts;
  if (scheme !== "sip" && scheme !== "sips" && scheme !== "tel") return undefined;
  const params = readPairs(parts.params, ";", true);
  const headers = readPairs(parts.headers, "&", false);
  if (!params || !headers) return undefined;
  return {
    scheme,
    user: user === undefined ? undefined : unescapeUri(user),
    password: password === undefined ? undefined : unescapeUri(password),
    host,
    port,
    params,
    headers: headers === none ? none : new Map(Array.from(headers, ([name, value]) => [name, value ?? ""])),
  };
}

/** The URI as text, with what must be escaped escaped. */
export function formatUri(uri: {
  readonly scheme?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly params?: Iterable<readonly [string, string | undefined]> | undefined;
  readonly headers?: Iterable<readonly [string, string]> | undefined;
}): string {
  const scheme = uri.scheme ?? "sip";
  const params = Array.from(
    uri.params ?? [],
    ([name, value]) =>
      [escapeUri(name, inParam), value === undefined ? undefined : escapeUri(value, inParam)] as const,
  );
  if (scheme === "tel") return `tel:${escapeUri(uri.user ?? "", inUser)}${formatParameters(params)}`;
  const password = uri.password === undefined ? "" : `:${escapeUri(uri.password, inPassword)}`;
  const user = uri.user === undefined ? "" : `${escapeUri(uri.user, inUser)}${password}@`;
  const headers = Array.from(
    uri.headers ?? [],
    ([name, value]) => `${escapeUri(name, inHeader)}=${escapeUri(value, inHeader)}`,
  );
  const query = headers.length > 0 ? `?${headers.join("&")}` : "";
  return `${scheme}:${user}${formatHostPort(uri.host, uri.port)}${formatParameters(params)}${query}`;
}

/** What is wrong with a Request-URI: nothing, its scheme, or something else. Header fields in it are wrong (RFC 3261 §19.1.1). */
export function requestUriFlaw(text: string): "scheme" | "syntax" | undefined {
  const parts = splitUri(text);
  if (parts) {
    const nameless = parts.params !== "" && /(?:^|;)(?:[;=]|$)/.test(parts.params);
    return nameless || parts.headers !== "" ? "syntax" : undefined;
  }
  const scheme = uriScheme(text);
  return scheme === undefined || scheme === "sip" || scheme === "sips" || scheme === "tel"
    ? "syntax"
    : "scheme";
}

/**
 * The parts of a sip, sips or tel URI, still escaped. Undefined when it is none. More lenient than the grammar about characters
 * that phones forget to escape, as `#` in the user; not about white space, quotes and `<>`.
 */
export function splitUri(text: string): UriParts | undefined {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, colon).toLowerCase();
  // a control character or a space, or one that ends a URI in a header field, or half an escape
  if (/[\0- "<>\\^`{|}\x7f]|%(?![\da-f]{2})/i.test(text)) return undefined;
  if (scheme === "tel") return splitTel(text.slice(colon + 1));
  if (scheme !== "sip" && scheme !== "sips") return undefined;
  const at = text.indexOf("@", colon);
  let user: string | undefined;
  let password: string | undefined;
  if (at >= 0) {
    user = text.slice(colon + 1, at);
    const between = user.indexOf(":");
    if (between >= 0) {
      password = user.slice(between + 1);
      user = user.slice(0, between);
    }
    if (user === "") return undefined;
  }
  const from = at < 0 ? colon + 1 : at + 1;
  const query = text.indexOf("?", from);
  const end = query < 0 ? text.length : query;
  const semicolon = text.indexOf(";", from);
  const hostEnd = semicolon < 0 || semicolon > end ? end : semicolon;
  const hostPort = parseHostPort(text.slice(from, hostEnd));
  if (!hostPort) return undefined;
  return {
    scheme,
    user,
    password,
    host: hostPort.host,
    port: hostPort.port,
    params: text.slice(hostEnd + 1, end),
    headers: query < 0 ? "" : text.slice(query + 1),
  };
}

/** RFC 3966 §3: a global number, or a local one, which should have a phone-context. */
function splitTel(rest: string): UriParts | undefined {
  const semicolon = rest.indexOf(";");
  const user = semicolon < 0 ? rest : rest.slice(0, semicolon);
  if (!/^(\+[\d().-]*\d[\d().-]*|[\da-f*#().-]+)$/i.test(user)) return undefined;
  return {
    scheme: "tel",
    user,
    host: "",
    params: semicolon < 0 ? "" : rest.slice(semicolon + 1),
    headers: "",
  };
}

/** `a=b;c` unescaped; of what comes twice the first counts. Undefined when a name is missing. */
function readPairs(
  text: string,
  separator: string,
  lower: boolean,
): ReadonlyMap<string, string | undefined> | undefined {
  if (text === "") return none;
  const pairs = new Map<string, string | undefined>();
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf("=");
    const written = unescapeUri(equals < 0 ? pair : pair.slice(0, equals));
    if (written === "") return undefined;
    const name = lower ? written.toLowerCase() : written;
    if (!pairs.has(name)) pairs.set(name, equals < 0 ? undefined : unescapeUri(pair.slice(equals + 1)));
  }
  return pairs;
}

/** `%41` becomes what it means; bytes that are not UTF-8 become lone surrogates as everywhere. */
export function unescapeUri(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = new Uint8Array(run.length / 3);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(run.slice(i * 3 + 1, i * 3 + 3), 16);
    return decodeExactly(bytes, 0, bytes.length);
  });
}

// what must be escaped where (RFC 3261 §25.1 user-unreserved, password, param-unreserved, hnv-unreserved)
const inUser = /[^\w.!~*'()&=+$,;?/-]+/g;
const inPassword = /[^\w.!~*'()&=+$,-]+/g;
const inParam = /[^\w.!~*'()[\]/:&+$-]+/g;
const inHeader = /[^\w.!~*'()[\]/?:+$-]+/g;

function escapeUri(text: string, escaped: RegExp): string {
  return text.replace(escaped, (run) => {
    let out = "";
    for (const byte of encodeText(run)) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    return out;
  });
}
