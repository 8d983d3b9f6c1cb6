import assert from "node:assert/strict";
import { test } from "node:test";
import { type MediaFormat, parseFormat } from "../media/index.ts";
import {
  createRtpSender,
  parseRtpPacket,
  type RtpPacket,
  type RtpSender,
  type RtpSenderOptions,
} from "./index.ts";

function format(name: string): MediaFormat {
  const found = parseFormat(name);
  assert.ok(found);
  return found;
}

interface Rig {
  readonly sender: RtpSender;
  readonly packets: RtpPacket[];
}

function rig(formatName: string, options: Partial<RtpSenderOptions> = {}): Rig {
  const packets: RtpPacket[] = [];
  const sender = createRtpSender({
    ssrc: 0xabcdef01,
    sequence: 65_534,
    timestampOffset: 2 ** 32 - 160,
    payload: { payloadType: 8, format: format(formatName) },
    transmit(bytes) {
      const packet = parseRtpPacket(bytes);
      assert.ok(typeof packet !== "string");
      packets.push(packet);
    },
    ...options,
  });
  return { sender, packets };
}

test("blocks become packets with the marker on the first, numbers and timestamps going round", () => {
  const { sender, packets } = rig("alaw");
  for (let i = 0; i < 4; i++) sender.send(new Uint8Array(160).fill(i), i * 20);
  assert.deepEqual(
    packets.map(({ marker, sequence, timestamp }) => [marker, sequence, timestamp]),
    [
      [true, 65_534, 2 ** 32 - 160],
      [false, 65_535, 0],
      [false, 0, 160],
      [false, 1, 320],
    ],
  );
  assert.ok(packets.every(({ ssrc, payloadType }) => ssrc === 0xabcdef01 && payloadType === 8));
  assert.deepEqual(packets[3]?.payload, new Uint8Array(160).fill(3));
  assert.deepEqual(sender.figures, { packets: 4, octets: 640 });
});

for (const [bytes, sizes] of [
  [80, [80]],
  [240, [240]],
  [320, [160, 160]],
  [480, [160, 160, 160]],
  [400, [240, 160]],
  [500, [240, 240, 20]],
] as const) {
  test(`a block of ${bytes} bytes of A-law is sent as ${sizes.join(" + ")}`, () => {
    const { sender, packets } = rig("alaw", { timestampOffset: 0 });
    sender.send(
      Uint8Array.from({ length: bytes }, (_, i) => i),
      0,
    );
    assert.deepEqual(
      packets.map((packet) => packet.payload.length),
      sizes,
    );
    assert.deepEqual(Buffer.concat(packets.map((packet) => packet.payload))[bytes - 1], (bytes - 1) & 255);
    let timestamp = 0;
    for (const packet of packets) {
      assert.equal(packet.timestamp, timestamp);
      timestamp += packet.payload.length;
    }
  });
}

test("GSM is sent a frame a packet; a cut frame is left out", () => {
  const { sender, packets } = rig("gsm", { timestampOffset: 0 });
  sender.send(new Uint8Array(33 * 3 + 5), 0);
  assert.deepEqual(
    packets.map(({ payload, timestamp }) => [payload.length, timestamp]),
    [
      [33, 0],
      [33, 160],
      [33, 320],
    ],
  );
});

test("linear sound stays whole up to a datagram, little endian unless the network's order was agreed on", () => {
  for (const networkOrder of [false, true]) {
    const { sender, packets } = rig("slin", {
      payload: { payloadType: 11, format: format("slin"), networkOrder },
    });
    sender.send(
      Uint8Array.from({ length: 960 }, (_, i) => i),
      0,
    );
    assert.equal(packets.length, 1);
    assert.deepEqual(
      [...(packets[0]?.payload.subarray(0, 4) ?? [])],
      networkOrder ? [1, 0, 3, 2] : [0, 1, 2, 3],
    );
    sender.send(new Uint8Array(4000), 60);
    assert.ok(packets.every((packet) => packet.payload.length <= 1280));
  }
});

test("after a pause the timestamps have gone on by the clock and a talkspurt begins; unevenness is no pause", () => {
  const { sender, packets } = rig("alaw", { timestampOffset: 0 });
  const block = new Uint8Array(160);
  sender.send(block, 0);
  sender.send(block, 75);
  sender.send(block, 75);
  assert.deepEqual(
    packets.map(({ timestamp }) => timestamp),
    [0, 160, 320],
  );
  sender.send(block, 1060);
  assert.equal(packets[3]?.marker, true);
  assert.ok(Math.abs((packets[3]?.timestamp ?? 0) - 1060 * 8) <= 40, String(packets[3]?.timestamp));
  sender.send(block, 1080);
  assert.equal(packets[4]?.marker, false);
  assert.equal(packets[4]?.timestamp, (packets[3]?.timestamp ?? 0) + 160);
});

test("a source whose clock is 1000 ppm slow never looks like a pause", () => {
  const { sender, packets } = rig("alaw");
  for (let i = 0; i < 50_000; i++) sender.send(new Uint8Array(160), i * 20.02);
  assert.equal(packets.filter((packet) => packet.marker).length, 1);
});

test("held sound moves the timestamps on but is not sent", () => {
  const { sender, packets } = rig("alaw", { timestampOffset: 0 });
  sender.send(new Uint8Array(160), 0);
  sender.held = true;
  sender.send(new Uint8Array(160), 20);
  sender.held = false;
  sender.send(new Uint8Array(160), 40);
  assert.deepEqual(
    packets.map(({ timestamp, sequence }) => [timestamp, sequence]),
    [
      [0, 65_534],
      [320, 65_535],
    ],
  );
});

test("another payload goes on with the same numbers and a marker", () => {
  const { sender, packets } = rig("alaw", { timestampOffset: 0 });
  sender.send(new Uint8Array(160), 0);
  sender.changePayload({ payloadType: 3, format: format("gsm") });
  sender.send(new Uint8Array(33), 20);
  assert.deepEqual(
    packets.map(({ payloadType, marker, timestamp }) => [payloadType, marker, timestamp]),
    [
      [8, true, 0],
      [3, true, 160],
    ],
  );
});

test("padding fills the payload to a multiple and is not counted", () => {
  const { sender, packets } = rig("alaw", { padTo: 64 });
  sender.send(new Uint8Array(160), 0);
  assert.equal(packets[0]?.payload.length, 160);
  assert.equal(sender.figures.octets, 160);
});
