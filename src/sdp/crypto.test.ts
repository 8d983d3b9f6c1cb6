import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { YaytsError } from "../base/index.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { createCrypto, cryptoKeyBytes, cryptoSuites, formatCrypto, parseCrypto } from "./crypto.ts";

const KEY = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

/** Why a line cannot be used. */
function why(value: string): string {
  const parsed = parseCrypto(value);
  return parsed.kind === "unusable" ? parsed.why : "usable";
}

test("the example key of RFC 4568 is read", () => {
  const parsed = parseCrypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20`);
  assert.equal(parsed.kind, "crypto");
  assert.ok(parsed.kind === "crypto");
  assert.equal(parsed.crypto.tag, 1);
  assert.equal(parsed.crypto.suite, "AES_CM_128_HMAC_SHA1_80");
  assert.deepEqual(Buffer.from(parsed.crypto.keyAndSalt), Buffer.from(KEY, "base64"));
});

test("lifetimes of phones are taken, short ones and impossible ones are not", () => {
  for (const lifetime of ["2^20", "2^31", "2^48", "1048576", "281474976710656"]) {
    assert.equal(why(`1 AES_CM_128_HMAC_SHA1_32 inline:${KEY}|${lifetime}`), "usable", lifetime);
  }
  for (const lifetime of ["2^19", "2^49", "1048575", "0", "2^", "x", "", "2^20|", "281474976710657000"]) {
    assert.notEqual(why(`1 AES_CM_128_HMAC_SHA1_32 inline:${KEY}|${lifetime}`), "usable", lifetime);
  }
});

test("a line that would need what we do not have is left out, and says why", () => {
  const suite = "AES_CM_128_HMAC_SHA1_80";
  assert.equal(why(`1 ${suite} inline:${KEY}|2^20|1:32`), "a master key index");
  assert.equal(why(`1 ${suite} inline:${KEY}|1:4`), "a master key index");
  assert.equal(why(`1 ${suite} inline:${KEY}|2^20|1:4;inline:${KEY}|2^20|2:4`), "several keys");
  assert.equal(why(`1 F8_128_HMAC_SHA1_80 inline:${KEY}`), "unknown suite F8_128_HMAC_SHA1_80");
  assert.equal(why(`1 ${suite} inline:${KEY.slice(4)}`), "a key of 27 bytes instead of 30");
  assert.equal(why(`1 ${suite} inline:${KEY.slice(1)}!`), "the key is not base64");
  assert.equal(why(`1 ${suite} inline:${KEY} UNENCRYPTED_SRTP`), "session parameter UNENCRYPTED_SRTP");
  assert.equal(why(`1 ${suite} inline:${KEY} KDR=1`), "session parameter KDR=1");
  assert.equal(why(`1 ${suite} inline:${KEY} WSH=128 -harmless`), "usable");
  assert.equal(why("hello"), "not of the form <tag> <suite> inline:<key>");
});

test("a key that we write is read back the same", () => {
  const key = fc.uint8Array({ minLength: cryptoKeyBytes, maxLength: cryptoKeyBytes });
  fc.assert(
    fc.property(key, fc.constantFrom(...cryptoSuites), fc.nat(999_999_999), (random, suite, tag) => {
      const crypto = createCrypto(tag, suite, random);
      assert.deepEqual(parseCrypto(formatCrypto(crypto)), { kind: "crypto", crypto });
    }),
  );
});

test("a key needs exactly its bytes of randomness", () => {
  assert.throws(() => createCrypto(1, "AES_CM_128_HMAC_SHA1_80", new Uint8Array(29)), YaytsError);
});

test("no text makes the reader throw or slow", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseCrypto(text)));
  const hostile = `1 ${"A".repeat(60)} ${"inline:a;".repeat(100)}${" a".repeat(50)}\u00e4`;
  const started = performance.now();
  for (let i = 0; i < 100; i++) parseCrypto(hostile);
  assert.ok(performance.now() - started < 500);
});

test("base64 is what Buffer makes of it", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
      assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
      assert.deepEqual(decodeBase64(encodeBase64(bytes).replace(/=+$/, "")), bytes);
    }),
  );
  for (const bad of ["A", "AAAAA", "A?==", "AA=A", "===="]) assert.equal(decodeBase64(bad), undefined, bad);
});
