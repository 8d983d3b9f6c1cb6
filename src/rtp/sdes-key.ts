import type { SrtpKeys, SrtpSuite } from "./srtp.ts";

/**
 * Reads the suite and the key parameters of an SDP `a=crypto` line (RFC 4568 §6.1: `inline:<base64>|lifetime|MKI:length`).
 * @returns undefined for a suite or key that cannot be used: another suite, a wrong length, an MKI, several keys.
 */
export declare function parseSdesKey(suite: string, keyParams: string): SrtpKeys | undefined;
/** The key parameter of an `a=crypto` line: `inline:` and the base64 of key and salt. */
export declare function formatSdesKey(keys: SrtpKeys): string;
/** Keys of 30 random bytes. */
export declare function sdesKeys(suite: SrtpSuite, random: Uint8Array): SrtpKeys;
