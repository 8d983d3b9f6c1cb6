import { YaytsError } from "../base/index.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";

/** Suites of SRTP that can be used (RFC 4568 §6.2); they differ in the length of the authentication tag. */
export type CryptoSuite = "AES_CM_128_HMAC_SHA1_80" | "AES_CM_128_HMAC_SHA1_32";

/** The suites of {@link CryptoSuite}, the stronger first. */
export const cryptoSuites: readonly CryptoSuite[] = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"];

/** Bytes of key material of every suite here: 16 of master key, 14 of master salt (RFC 4568 §6.2). */
export const cryptoKeyBytes = 30;

/** An `a=crypto` line with one key (RFC 4568 §9). */
export interface CryptoAttribute {
  /** 1 to 9 digits; the answer has the tag of the line it takes. */
  readonly tag: number;
  readonly suite: CryptoSuite;
  /** Master key and master salt, {@link cryptoKeyBytes} bytes. */
  readonly keyAndSalt: Uint8Array;
  /** Session parameters as written (`WSH=64`), only such as change nothing for us. */
  readonly sessionParams: readonly string[];
}

/** A key that may be used for fewer packets than this could end during a call; it is refused, as we never change keys. */
const MIN_LIFETIME_LOG2 = 20;
/** RFC 3711 §9.2: no key lasts longer. */
const MAX_LIFETIME_LOG2 = 48;

const LINE = /^(\d{1,9}) +(\w{1,64}) +(inline:[!-~]{1,512})((?: +[!-~]+)*)$/;

/**
 * Reads the value of an `a=crypto` line (what follows `crypto:`).
 * @returns the key, or why it cannot be used: malformed, an unknown suite, a key of another length, several keys or one with a
 *   master key index, a lifetime under 2^20 packets, or a session parameter that would change the protection. RFC 4568 §7.1.2
 *   wants such a line left out of the choice, not the description refused.
 */
export function parseCrypto(
  value: string,
): { kind: "crypto"; crypto: CryptoAttribute } | { kind: "unusable"; why: string } {
  const unusable = (why: string) => ({ kind: "unusable" as const, why });
  if (value.length > 1024) return unusable("longer than 1024 characters");
  const [, tag = "", suite = "", key = "", params = ""] = LINE.exec(value.trim()) ?? [];
  if (tag === "") return unusable("not of the form <tag> <suite> inline:<key>");
  const known = cryptoSuites.find((name) => name === suite.toUpperCase());
  if (!known) return unusable(`unknown suite ${suite}`);
  if (key.includes(";")) return unusable("several keys");
  const [material = "", ...limits] = key.slice("inline:".length).split("|");
  const keyAndSalt = decodeBase64(material);
  if (!keyAndSalt) return unusable("the key is not base64");
  if (keyAndSalt.length !== cryptoKeyBytes) {
    return unusable(`a key of ${keyAndSalt.length} bytes instead of ${cryptoKeyBytes}`);
  }
  const problem = limitProblem(limits);
  if (problem) return unusable(problem);
  const sessionParams = params.split(" ").filter((param) => param !== "");
  // RFC 4568 §6.3: one that is not known must be refused unless it starts with "-"; the others known change the protection.
  const refused = sessionParams.find((param) => !/^(?:WSH=\d{1,9}|-.+)$/i.test(param));
  if (refused !== undefined) return unusable(`session parameter ${refused}`);
  return { kind: "crypto", crypto: { tag: Number(tag), suite: known, keyAndSalt, sessionParams } };
}

/** Lifetime and master key index, in this order, both optional: `2^31|1:4`. */
function limitProblem(limits: readonly string[]): string | undefined {
  const [first = "", second] = limits;
  if (limits.length > 2) return "more than a lifetime and a master key index";
  if (second !== undefined || first.includes(":")) return "a master key index";
  if (limits.length === 0) return undefined;
  const power = /^2\^(\d{1,2})$/.exec(first)?.[1];
  const plain = /^\d{1,15}$/.test(first) ? Math.log2(Number(first)) : Number.NaN;
  const log2 = power === undefined ? plain : Number(power);
  if (!(log2 <= MAX_LIFETIME_LOG2)) return `lifetime ${first}`;
  return log2 < MIN_LIFETIME_LOG2 ? `a key for only ${first} packets` : undefined;
}

/** The value of an `a=crypto` line, without a lifetime: the longest that the suite allows. */
export function formatCrypto(crypto: CryptoAttribute): string {
  const params = crypto.sessionParams.map((param) => ` ${param}`).join("");
  return `${crypto.tag} ${crypto.suite} inline:${encodeBase64(crypto.keyAndSalt)}${params}`;
}

/**
 * A key of our own.
 * @param random {@link cryptoKeyBytes} bytes that nobody can guess; used for nothing else.
 * @throws YaytsError `bad-argument` if there are more or fewer.
 */
export function createCrypto(tag: number, suite: CryptoSuite, random: Uint8Array): CryptoAttribute {
  if (random.length !== cryptoKeyBytes) {
    throw new YaytsError("bad-argument", `random has ${random.length} bytes; SRTP takes ${cryptoKeyBytes}`);
  }
  return { tag, suite, keyAndSalt: random.slice(), sessionParams: [] };
}
