import assert from "node:assert/strict";
import { test } from "node:test";
import { opusLossPackets, opusPacketMs } from "./opus.ts";

const packet = (config: number, code: number, ...rest: number[]): Uint8Array =>
  Uint8Array.of((config << 3) | code, ...rest);

test("a packet tells what it lasts: RFC 6716 table 2, by configuration and number of frames", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 9, 11, 12, 13, 16, 17, 18, 31].map((config) => opusPacketMs(packet(config, 0, 1, 2))),
    [10, 20, 40, 60, 20, 60, 10, 20, 2.5, 5, 10, 20],
  );
  assert.equal(opusPacketMs(packet(9, 1, 1, 2)), 40);
  assert.equal(opusPacketMs(packet(9, 2, 1, 2, 3)), 40);
  assert.equal(opusPacketMs(packet(9, 3, 6, 1)), 120);
  assert.equal(opusPacketMs(packet(9, 0)), 20);
});

test("what cannot be Opus lasts nothing", () => {
  assert.equal(opusPacketMs(new Uint8Array(0)), undefined);
  assert.equal(opusPacketMs(packet(9, 3)), undefined, "code 3 without a count");
  assert.equal(opusPacketMs(packet(9, 3, 0)), undefined, "no frames");
  assert.equal(opusPacketMs(packet(9, 3, 7)), undefined, "140 ms");
  assert.equal(opusPacketMs(packet(9, 0, ...new Array<number>(4000).fill(0))), undefined, "too long");
});

test("a loss is as many empty frames of the kind that went before", () => {
  const lost = opusLossPackets(packet(9, 3, 2, 1, 1), 50);
  assert.deepEqual(lost, [packet(9, 0), packet(9, 0), packet(9, 0)]);
  assert.deepEqual(opusLossPackets(new Uint8Array(0), 20), []);
});
