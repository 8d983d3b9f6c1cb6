import { fromBase64, toBase64 } from "./base64.ts";
import type { SrtpKeys, SrtpSuite } from "./srtp.ts";

const keyBytes = 16;
const saltBytes = 14;

function isSuite(text: string): text is SrtpSuite {
  return text === "AES_CM_128_HMAC_SHA1_80" || text === "AES_CM_128_HMAC_SHA1_32";
}

/**
 * Reads the suite and the key parameters of an SDP `a=crypto` line (RFC 4568 §6.1: `inline:<base64>|lifetime|MKI:length`).
 * A lifetime is read over: no call lasts 2^31 packets.
 * @returns undefined for a suite or key that cannot be used: another suite, a wrong length, an MKI, several keys.
 */
export function parseSdesKey(suite: string, keyParams: string): SrtpKeys | undefined {
  const [, key = "", ...rest] =
    /^inline:([^|;]*)(?:\|([^|;]*))?(?:\|([^|;]*))?$/i.exec(keyParams.trim()) ?? [];
  if (!isSuite(suite) || rest.some((part) => part?.includes(":"))) return undefined;
  const bytes = fromBase64(key);
  return bytes?.length === keyBytes + saltBytes ? sdesKeys(suite, bytes) : undefined;
}

/** The key parameter of an `a=crypto` line: `inline:` and the base64 of key and salt. */
export function formatSdesKey({ masterKey, masterSalt }: SrtpKeys): string {
  const bytes = new Uint8Array(keyBytes + saltBytes);
  bytes.set(masterKey);
  bytes.set(masterSalt, keyBytes);
  return `inline:${toBase64(bytes)}`;
}

/** Keys of 30 bytes, which must be random from a source fit for keys. */
export function sdesKeys(suite: SrtpSuite, random: Uint8Array): SrtpKeys {
  return {
    suite,
    masterKey: random.slice(0, keyBytes),
    masterSalt: random.slice(keyBytes, keyBytes + saltBytes),
  };
}
