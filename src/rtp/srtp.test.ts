import assert from "node:assert/strict";
import { createCipheriv, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  buildRtcp,
  buildRtpPacket,
  createSrtpReceiver,
  createSrtpSender,
  type SrtpKeys,
  type SrtpPrimitives,
  srtpKeys,
} from "./index.ts";
import { deriveSessionKeys } from "./srtp.ts";

const primitives: SrtpPrimitives = {
  aesCtr: (key, iv, data) => createCipheriv("aes-128-ctr", key, iv).update(data),
  hmacSha1(key, ...parts) {
    const hmac = createHmac("sha1", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
};

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
}

const keys: SrtpKeys = {
  suite: "AES_CM_128_HMAC_SHA1_80",
  masterKey: hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
  masterSalt: hex("0EC675AD498AFEEBB6960B3AABE6"),
};

function rtp(sequence: number, payload: Uint8Array, ssrc = 0xcafebabe): Uint8Array {
  const target = new Uint8Array(2000);
  const packet = { marker: false, payloadType: 0, sequence, timestamp: sequence * 160, ssrc, payload };
  return target.slice(0, buildRtpPacket(packet, target));
}

test("session keys are those of RFC 3711 B.3", () => {
  const { encryption, authentication, salt } = deriveSessionKeys(keys, "rtp", primitives);
  assert.deepEqual(Uint8Array.from(encryption), hex("C61E7A93744F39EE10734AFE3FF7A087"));
  assert.deepEqual(Uint8Array.from(salt), hex("30CBBC08863D8C85D49DB34A9AE1"));
  assert.deepEqual(Uint8Array.from(authentication), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
});

test("the key stream is that of RFC 3711 B.2", () => {
  const stream = primitives.aesCtr(
    hex("2B7E151628AED2A6ABF7158809CF4F3C"),
    hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"),
    new Uint8Array(48),
  );
  assert.deepEqual(
    Uint8Array.from(stream),
    hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0"),
  );
});

// The packets that libsrtp's driver checks itself with (srtp_validate): same keys as RFC 3711 B.3.
const referencePlain = hex(`800f1234decafbadcafebabe ${"ab".repeat(16)}`);
const referenceProtected = hex(
  "800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb",
);
const referenceRtcp = hex(`81c8000bcafebabe ${"ab".repeat(16)}`);
const referenceRtcpProtected = hex(
  "81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798",
);

test("packets of another implementation are made and opened bit by bit", () => {
  const sender = createSrtpSender(keys, primitives);
  const receiver = createSrtpReceiver(keys, primitives);
  assert.deepEqual(sender.protectRtp(referencePlain), referenceProtected);
  assert.deepEqual(receiver.openRtp(referenceProtected), referencePlain);
  assert.deepEqual(sender.protectRtcp(referenceRtcp), referenceRtcpProtected);
  assert.deepEqual(receiver.openRtcp(referenceRtcpProtected), referenceRtcp);
});

for (const [suite, tag] of [
  ["AES_CM_128_HMAC_SHA1_80", 10],
  ["AES_CM_128_HMAC_SHA1_32", 4],
] as const) {
  test(`${suite}: what was protected is opened, over two rounds of the sequence numbers, with losses`, () => {
    const sender = createSrtpSender({ ...keys, suite }, primitives);
    const receiver = createSrtpReceiver({ ...keys, suite }, primitives);
    for (let i = 0; i < 140_000; i += 1 + (i % 61)) {
      const packet = rtp((65_000 + i) & 0xffff, Uint8Array.of(i & 255, i >> 8, 1, 2, 3));
      const closed = sender.protectRtp(packet);
      assert.equal(closed.length, packet.length + tag);
      if (i % 7 === 0) continue;
      assert.deepEqual(receiver.openRtp(closed), packet);
    }
  });

  test(`${suite}: RTCP has a tag of 80 bits and its index`, () => {
    const sender = createSrtpSender({ ...keys, suite }, primitives);
    const receiver = createSrtpReceiver({ ...keys, suite }, primitives);
    const packet = buildRtcp([{ kind: "receiver-report", ssrc: 5, reports: [] }]);
    for (let i = 0; i < 300; i++) {
      const closed = sender.protectRtcp(packet);
      assert.equal(closed.length, packet.length + 14);
      assert.deepEqual(receiver.openRtcp(closed), packet);
      assert.equal(receiver.openRtcp(closed), "replayed");
    }
  });
}

test("packets may change places, also around the end of the numbers, but none is opened twice", () => {
  const sender = createSrtpSender(keys, primitives);
  const receiver = createSrtpReceiver(keys, primitives);
  const closed = Array.from({ length: 400 }, (_, i) =>
    sender.protectRtp(rtp((65_400 + i) & 0xffff, Uint8Array.of(i & 255))),
  );
  const order = closed.map((_, i) => (i % 8 < 4 ? i + 4 : i - 4));
  for (const i of order)
    assert.ok(typeof receiver.openRtp(closed[i] ?? new Uint8Array()) !== "string", String(i));
  for (const packet of closed) assert.equal(receiver.openRtp(packet), "replayed");
});

test("a changed bit anywhere makes a packet refused, and the good one is still opened", () => {
  const sender = createSrtpSender(keys, primitives);
  const receiver = createSrtpReceiver(keys, primitives);
  const packet = rtp(
    1,
    Uint8Array.from({ length: 20 }, (_, i) => i),
  );
  const closed = sender.protectRtp(packet);
  for (let bit = 0; bit < closed.length * 8; bit++) {
    const forged = closed.slice();
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(typeof receiver.openRtp(forged), "string");
  }
  assert.deepEqual(receiver.openRtp(closed), packet);
});

test("what is too short, of another version, or all header is refused", () => {
  const receiver = createSrtpReceiver(keys, primitives);
  assert.equal(receiver.openRtp(new Uint8Array(21)), "short");
  assert.equal(receiver.openRtp(new Uint8Array(30)), "version");
  assert.equal(receiver.openRtp(new Uint8Array(30).fill(0x8f)), "header");
  assert.equal(receiver.openRtcp(new Uint8Array(21)), "short");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.equal(typeof receiver.openRtp(bytes), "string");
      assert.equal(typeof receiver.openRtcp(bytes), "string");
    }),
  );
});

test("keys of another length are refused", () => {
  assert.throws(
    () => createSrtpSender({ ...keys, masterKey: new Uint8Array(15) }, primitives),
    /bad-argument/,
  );
  const both = srtpKeys(
    keys.suite,
    Uint8Array.from({ length: 30 }, (_, at) => at),
  );
  assert.deepEqual(
    [both.masterKey.length, both.masterKey[15], both.masterSalt.length, both.masterSalt[0]],
    [16, 15, 14, 16],
  );
});
