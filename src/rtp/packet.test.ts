import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packets as oracle } from "rtp.js";
import { buildRtpPacket, looksLikeRtcp, parseRtpPacket, type RtpPacket, rtpPacketBytes } from "./index.ts";

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

const plain = "80 08 1234 00000bb8 deadbeef";

test("a plain packet is read field by field, its payload a view", () => {
  const bytes = hex(`${plain} d5d5d5`);
  const packet = parseRtpPacket(bytes);
  assert.ok(typeof packet !== "string");
  assert.deepEqual(packet, {
    marker: false,
    payloadType: 8,
    sequence: 0x1234,
    timestamp: 3000,
    ssrc: 0xdeadbeef,
    csrc: undefined,
    extension: undefined,
    payload: hex("d5d5d5"),
  });
  bytes[12] = 1;
  assert.equal(packet.payload[0], 1);
});

test("CSRC list, extension of words, and padding are taken off the payload", () => {
  const packet = parseRtpPacket(
    hex("b2 e5 0001 00000002 00000003 0000000a 0000000b bede 0002 01020304 05060708 aabb 000003"),
  );
  assert.ok(typeof packet !== "string");
  assert.equal(packet.marker, true);
  assert.equal(packet.payloadType, 101);
  assert.deepEqual(packet.csrc, [10, 11]);
  assert.deepEqual(packet.extension, { profile: 0xbede, data: hex("0102030405060708") });
  assert.deepEqual(packet.payload, hex("aabb"));
});

test("a header alone is a packet without payload, and padding may be all there is", () => {
  for (const text of [plain, `a0 08 1234 00000bb8 deadbeef 00000004`]) {
    const packet = parseRtpPacket(hex(text));
    assert.ok(typeof packet !== "string");
    assert.equal(packet.payload.length, 0);
  }
});

for (const [flaw, text] of [
  ["short", ""],
  ["short", "80 08 1234 00000bb8 deadbe"],
  ["version", "40 08 1234 00000bb8 deadbeef d5"],
  ["version", "c0 08 1234 00000bb8 deadbeef d5"],
  ["version", "00 01 0008 2112a442 000000000000000000000000"],
  ["csrc", "8f 08 1234 00000bb8 deadbeef 00000001"],
  ["extension", "90 08 1234 00000bb8 deadbeef bede"],
  ["extension", "90 08 1234 00000bb8 deadbeef bede0001 010203"],
  ["padding", "a0 08 1234 00000bb8 deadbeef d500"],
  ["padding", "a0 08 1234 00000bb8 deadbeef d503"],
  ["padding", "a0 08 1234 00000bb8 deadbeef"],
] as const) {
  test(`what is no packet has its flaw: ${flaw} (${text.slice(0, 24) || "nothing"})`, () => {
    assert.equal(parseRtpPacket(hex(text)), flaw);
  });
}

const anyPacket: fc.Arbitrary<RtpPacket> = fc
  .record({
    marker: fc.boolean(),
    payloadType: fc.integer({ min: 0, max: 127 }),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffffffff }),
    ssrc: fc.integer({ min: 0, max: 0xffffffff }),
    csrc: fc.option(fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 15 }), {
      nil: undefined,
    }),
    extension: fc.option(
      fc.record({
        profile: fc.integer({ min: 0, max: 0xffff }),
        data: fc.uint8Array({ maxLength: 10 }).map((data) => new Uint8Array(data.length * 4).fill(7)),
      }),
      { nil: undefined },
    ),
    payload: fc.uint8Array({ maxLength: 400 }),
  })
  // Records have no prototype, what is parsed has.
  .map((packet) => ({ ...packet, extension: packet.extension && { ...packet.extension } }));

test("what is built is read as it was, wherever it stands and however it is padded", () => {
  fc.assert(
    fc.property(
      anyPacket,
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 32 }),
      (packet, at, padTo) => {
        const target = new Uint8Array(2000).fill(0xee);
        const bytes = buildRtpPacket(packet, target, at, padTo);
        const padded = Math.ceil(packet.payload.length / padTo) * padTo;
        assert.equal(bytes, rtpPacketBytes(packet) - packet.payload.length + padded);
        assert.deepEqual(parseRtpPacket(target.subarray(at, at + bytes)), packet);
        assert.ok(target.subarray(at + bytes).every((byte) => byte === 0xee));
      },
    ),
  );
});

test("what does not fit, or cannot be said, is not built", () => {
  const packet = {
    marker: false,
    payloadType: 0,
    sequence: 1,
    timestamp: 1,
    ssrc: 1,
    payload: hex("010203"),
  };
  const target = new Uint8Array(100);
  assert.equal(buildRtpPacket(packet, new Uint8Array(14)), 0);
  assert.equal(buildRtpPacket({ ...packet, csrc: new Array(16).fill(1) }, target), 0);
  assert.equal(buildRtpPacket({ ...packet, extension: { profile: 1, data: hex("01") } }, target), 0);
});

test("an independent library reads what we build, and we what it builds", () => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const bytes = new Uint8Array(rtpPacketBytes(packet));
      buildRtpPacket({ ...packet, extension: undefined }, bytes);
      const ours = bytes.subarray(0, rtpPacketBytes({ ...packet, extension: undefined }));
      const theirs = new oracle.RtpPacket(new DataView(ours.buffer, 0, ours.length));
      assert.equal(theirs.getMarker(), packet.marker);
      assert.equal(theirs.getPayloadType(), packet.payloadType);
      assert.equal(theirs.getSequenceNumber(), packet.sequence);
      assert.equal(theirs.getTimestamp(), packet.timestamp);
      assert.equal(theirs.getSsrc(), packet.ssrc);
      assert.deepEqual(theirs.getCsrcs(), packet.csrc ?? []);
      const payload = theirs.getPayload();
      assert.deepEqual(
        new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength),
        packet.payload,
      );
      const again = new ArrayBuffer(theirs.getByteLength());
      theirs.serialize(again);
      assert.deepEqual(parseRtpPacket(new Uint8Array(again)), { ...packet, extension: undefined });
    }),
  );
});

test("bytes of any kind are a packet within their bounds or a flaw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, versionTwo) => {
      if (versionTwo && bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
      const packet = parseRtpPacket(bytes);
      if (typeof packet === "string") return;
      assert.ok(packet.payload.length <= bytes.length - 12);
      assert.equal(packet.payload.buffer, bytes.buffer);
    }),
    { numRuns: 2000 },
  );
});

test("RTCP on the same port is told apart", () => {
  assert.equal(looksLikeRtcp(hex("80c80006")), true);
  assert.equal(looksLikeRtcp(hex("81c90007")), true);
  assert.equal(looksLikeRtcp(hex(plain)), false);
  assert.equal(looksLikeRtcp(hex("80e51234")), false);
});
