import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSecretParam, maskParam, maskRetvalue, maskSip, secretMask } from "./secrets.ts";

describe("secrets", () => {
  it("parameters that are named as passwords and keys are masked, whatever stands before the word", () => {
    for (const name of [
      "password",
      "Password",
      "secret",
      "line_secret",
      "sip.password",
      "pin",
      "crypto_key",
      "ocrypto_key",
      "ocrypto_key.1",
      "callto.1.password",
      "api_key",
    ]) {
      assert.equal(isSecretParam(name), true, name);
      assert.equal(maskParam(name, "hunter2"), secretMask, name);
    }
  });

  it("parameters with other names are told, also those that only begin like one", () => {
    for (const name of [
      "passthrough",
      "keys",
      "text",
      "caller",
      "response",
      "pinned",
      "spin",
      "compass",
      "username",
    ])
      assert.equal(maskParam(name, "hunter2"), "hunter2", name);
  });

  it("an empty value is told to be empty", () => {
    assert.equal(maskParam("password", ""), "");
    assert.equal(maskRetvalue("user.auth", ""), "");
  });

  it("the return value of user.auth is a password; others are not", () => {
    assert.equal(maskRetvalue("user.auth", "hunter2"), secretMask);
    assert.equal(maskRetvalue("call.route", "sip/sip:200@192.0.2.1"), "sip/sip:200@192.0.2.1");
  });

  it("a digest answer stays, other credentials do not, also on a folded line", () => {
    const digest = 'Authorization: Digest username="100", nonce="abc", response="0123", password="hunter2"';
    const text = [
      "REGISTER sip:x SIP/2.0",
      digest,
      "proxy-authorization : Basic aHVudGVyMg==",
      "Authorization: Bearer",
      "  eyJhbGciOi",
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
    const masked = maskSip(text);
    assert.match(masked, /Digest username="100", nonce="abc", response="0123", password="••••"/);
    assert.doesNotMatch(masked, /hunter2|aHVudGVyMg|eyJ/);
    assert.match(masked, /proxy-authorization : Basic ••••\r\n/);
    assert.match(masked, /\r\nContent-Length: 0\r\n\r\n$/);
  });

  it("keys of encrypted sound are masked in SDP and in parameters that hold SDP", () => {
    const sdp =
      "m=audio 5004 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32\r\na=key-mgmt:mikey AQAFgM0X\r\n";
    for (const masked of [maskSip(sdp), maskParam("sdp_raw", sdp)]) {
      assert.doesNotMatch(masked, /d0Rmdm/);
      assert.match(masked, /a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:••••/);
    }
    assert.doesNotMatch(maskSip(sdp), /AQAFgM0X/);
  });

  it("a message without secrets comes back as it is", () => {
    const text = "OPTIONS sip:x SIP/2.0\r\nCall-ID: 1\r\n\r\n";
    assert.equal(maskSip(text), text);
  });
});
