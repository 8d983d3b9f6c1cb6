import { type SrtpKeys, srtpKeys } from "../../rtp/index.ts";
import { type CryptoSuite, formatCrypto, parseCrypto } from "../../sdp/index.ts";

/**
 * The key that a message carries as `crypto_key` (spec/rtp.md §6): `inline:` and base64, as in SDP, or the base64 alone. A text tells why it
 * cannot be used.
 */
export function readSdesKey(suite: CryptoSuite, text: string): SrtpKeys | string {
  const parsed = parseCrypto(`1 ${suite} ${text.startsWith("inline:") ? text : `inline:${text}`}`);
  return parsed.kind === "crypto" ? srtpKeys(suite, parsed.crypto.keyAndSalt) : parsed.why;
}

/** A key for `ocrypto_key`. */
export function writeSdesKey({ suite, masterKey, masterSalt }: SrtpKeys): string {
  const keyAndSalt = new Uint8Array([...masterKey, ...masterSalt]);
  return formatCrypto({ tag: 1, suite, keyAndSalt, sessionParams: [] }).slice(`1 ${suite} `.length);
}
