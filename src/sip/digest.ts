import { encodeText } from "../base/index.ts";
import { isToken, quote, skipSpace, unquote } from "./parameters.ts";

/** Algorithms of RFC 8760 that are spoken here. */
export type DigestAlgorithm = "MD5" | "SHA-256";

/** Hashing is the platform's business. */
export interface DigestHasher {
  /** Hashes text, which counts as UTF-8, or bytes, for bodies and what is no UTF-8; gives lower-case hexadecimal. */
  hash(algorithm: DigestAlgorithm, data: string | Uint8Array): string;
}

/** One WWW-Authenticate or Proxy-Authenticate field (RFC 7616 §3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** The credentials were right, only their nonce was too old. */
  readonly stale: boolean;
  /** As written; `MD5` when there is none. */
  readonly algorithm: string;
  /** What is offered; empty for a challenge after RFC 2069. */
  readonly qop: readonly string[];
  /** All parameters, names in lower case, values without quotes. */
  readonly params: ReadonlyMap<string, string>;
}

/** One Authorization or Proxy-Authorization field (RFC 7616 §3.4). */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  /** The URI that was hashed. A proxy may have changed the Request-URI since. */
  readonly uri: string;
  readonly response: string;
  /** As written; `MD5` when there is none. */
  readonly algorithm: string;
  readonly qop: string | undefined;
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
  readonly opaque: string | undefined;
  /** All parameters, names in lower case, values without quotes. */
  readonly params: ReadonlyMap<string, string>;
}

/** Reads a challenge. Undefined for another scheme, and without realm or nonce. Never throws. */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const params = parseDigestParams(value);
  const realm = params?.get("realm");
  const nonce = params?.get("nonce");
  if (!params || realm === undefined || nonce === undefined) return undefined;
  return {
    realm,
    nonce,
    opaque: params.get("opaque"),
    stale: params.get("stale")?.toLowerCase() === "true",
    algorithm: params.get("algorithm") || "MD5",
    qop: (params.get("qop") ?? "")
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((name) => name !== ""),
    params,
  };
}

/** Reads credentials. Undefined for another scheme, and when a part is missing that every answer has. Never throws. */
export function parseAuthorization(value: string): DigestCredentials | undefined {
  const params = parseDigestParams(value);
  if (!params) return undefined;
  const [username, realm, nonce, uri, response] = ["username", "realm", "nonce", "uri", "response"].map(
    (name) => params.get(name),
  );
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined) return undefined;
  return {
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm: params.get("algorithm") || "MD5",
    qop: params.get("qop"),
    nc: params.get("nc"),
    cnonce: params.get("cnonce"),
    opaque: params.get("opaque"),
    params,
  };
}

/** The parameters after `Digest`; undefined for another scheme and for what breaks the grammar. Of one that comes twice the first counts. */
function parseDigestParams(value: string): ReadonlyMap<string, string> | undefined {
  const scheme = /^\s*digest[ \t]+/i.exec(value);
  if (!scheme) return undefined;
  const params = new Map<string, string>();
  // Quoted or not is not looked at: peers differ in it for nearly every parameter.
  const next = /[ \t]*([^\s=,"]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s,"]*)[ \t]*/sy;
  let at = scheme[0].length;
  while (at < value.length) {
    next.lastIndex = at;
    const match = next.exec(value);
    if (!match) return undefined;
    const [, name = "", text = ""] = match;
    if (!isToken(name)) return undefined;
    const key = name.toLowerCase();
    if (!params.has(key)) params.set(key, unquote(text));
    at = next.lastIndex;
    if (at < value.length && value[at] !== ",") return undefined;
    // An empty element, as a comma at the end, says nothing (RFC 9110 §5.6.1).
    while (value[at] === ",") at = skipSpace(value, at + 1);
  }
  return params;
}

/** What goes into a response. */
export interface DigestParts {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly qop?: string | undefined;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
  /** For qop=auth-int. */
  readonly body?: Uint8Array | undefined;
  /** The algorithm is one of session: `MD5-sess`, `SHA-256-sess`. */
  readonly session?: boolean | undefined;
}

/** H(username:realm:password), which may be kept in the password's place (RFC 7616 §3.4.2). */
export function digestHa1(
  hasher: DigestHasher,
  algorithm: DigestAlgorithm,
  {
    username,
    realm,
    password,
  }: { readonly username: string; readonly realm: string; readonly password: string },
): string {
  return hashText(hasher, algorithm, `${username}:${realm}:${password}`);
}

/** RFC 7616 §3.4.1; without qop after RFC 2069. */
export function digestResponse(hasher: DigestHasher, ha1: string, parts: DigestParts): string {
  const { algorithm, nonce, method, uri, qop, nc = "", cnonce = "", body, session } = parts;
  const hash = (text: string): string => hashText(hasher, algorithm, text);
  const key = session ? hash(`${ha1}:${nonce}:${cnonce}`) : ha1;
  const entity = qop === "auth-int" ? `:${hasher.hash(algorithm, body ?? new Uint8Array(0))}` : "";
  const ha2 = hash(`${method}:${uri}${entity}`);
  return hash(qop ? `${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}` : `${key}:${nonce}:${ha2}`);
}

/** Bytes that are no UTF-8 stand in text as lone surrogates (text.ts); they are hashed as they came. */
function hashText(hasher: DigestHasher, algorithm: DigestAlgorithm, text: string): string {
  return hasher.hash(algorithm, text.isWellFormed() ? text : encodeText(text));
}

/** A header value of the scheme, in the order given: which are quoted, RFC 7616 says for either header. */
export function formatDigest(
  params: Iterable<readonly [name: string, value: string | undefined, quoted: boolean]>,
): string {
  const parts: string[] = [];
  for (const [name, value, quoted] of params)
    if (value !== undefined) parts.push(`${name}=${quoted ? quote(value) : value}`);
  return `Digest ${parts.join(", ")}`;
}
