/**
 * What of a message may be told. Passwords, keys of encrypted sound and bearer tokens never reach a record; the hash of a digest
 * answer may, as it went over the wire and fits one challenge only.
 */

/** Stands in the place of what is not told. */
export const secretMask = "••••";

/** Return values that are passwords, by the name of the message (spec/services.md §6). */
const secretRetvalues: ReadonlySet<string> = new Set(["user.auth"]);

const secretName =
  /(?:^|[._-])(?:pass|passwd|password|passphrase|pwd|secret|pin|psk|token|api_?key|private_?key|o?crypto_key|credentials)\d*$/i;
const authorizationName = /(?:^|[._-])(?:proxy-)?authorization$/i;
/** What a whole value must hold before it is looked at closely. */
const suspicious = /inline:|key-mgmt:|\b(?:basic|bearer)\s/i;

/** Whether a parameter of that name holds a secret: `password`, `line_secret`, `ocrypto_key.1`, …. */
export function isSecretParam(name: string): boolean {
  return secretName.test(name.replace(/\.\d+$/, ""));
}

/** The value of a parameter as it may be told. An empty one is no secret. */
export function maskParam(name: string, value: string): string {
  if (value === "") return value;
  switch (kindOf(name)) {
    case "secret":
      return secretMask;
    case "authorization":
      return maskAuthorization(value);
    default:
      return suspicious.test(value) ? maskSound(value) : value;
  }
}

type NameKind = "plain" | "secret" | "authorization";

/** Names come again and again, thousands a second; those that an app makes up are forgotten in time. */
const kinds = new Map<string, NameKind>();
const maxKinds = 1000;

function kindOf(name: string): NameKind {
  const known = kinds.get(name);
  if (known) return known;
  const kind = isSecretParam(name) ? "secret" : authorizationName.test(name) ? "authorization" : "plain";
  if (kinds.size >= maxKinds) kinds.clear();
  kinds.set(name, kind);
  return kind;
}

/** The return value of a message as it may be told. */
export function maskRetvalue(message: string, retvalue: string): string {
  return retvalue !== "" && secretRetvalues.has(message) ? secretMask : retvalue;
}

/**
 * A SIP message, or a part of one, as it may be told: credentials that are not of digest are masked in `Authorization` and
 * `Proxy-Authorization`, and the keys of encrypted sound in SDP (RFC 4568, RFC 4567).
 */
export function maskSip(text: string): string {
  if (!suspicious.test(text) && !/authorization/i.test(text)) return text;
  const headers = text.replace(
    /^((?:proxy-)?authorization[ \t]*:[ \t]*)(.*(?:\r?\n[ \t]+.*)*)/gim,
    (_, name: string, value: string) => name + maskAuthorization(value),
  );
  return maskSound(headers);
}

/** Of digest only what is not sent by any good program is a secret: its password. */
function maskAuthorization(value: string): string {
  const [, scheme = "", rest = ""] = /^\s*(\S+)(.*)$/s.exec(value) ?? [];
  if (scheme.toLowerCase() !== "digest") return `${scheme} ${secretMask}`;
  const masked = rest.replace(/\b(password|secret)\s*=\s*("[^"]*"|[^,\s]*)/gi, `$1="${secretMask}"`);
  return scheme + masked;
}

/** `a=crypto:… inline:<key>` and `a=key-mgmt:mikey <key>`. */
function maskSound(text: string): string {
  return text
    .replace(/\b(inline:)[A-Za-z0-9+/=]+/gi, `$1${secretMask}`)
    .replace(/\b(key-mgmt:\S+\s+)\S+/gi, `$1${secretMask}`);
}
