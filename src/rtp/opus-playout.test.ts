import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoder } from "@evan/opus";
import { frameMs, joined, type Packet, seeded } from "../../test/simulated-sound.ts";
import { bestAlignment, bytesOf, correlation, opusSampleRateHz, samplesOf } from "../media/index.ts";
import { createOpusLibrary } from "../modules/opus.ts";
import { createOpusPlayout, type PlayoutFigures } from "./index.ts";

const codec = await createOpusLibrary().load();
assert.ok(codec, "the tests need the package");

const perMs = opusSampleRateHz / 1000;

/** As the voice of simulated-sound.ts, at 16 kHz. */
function voice(sample: number): number {
  const seconds = sample / opusSampleRateHz;
  const strength = seconds % 1.3 < 1 ? 0.3 + 0.7 * Math.abs(Math.sin(Math.PI * 2.5 * seconds)) : 0;
  const phase = 2 * Math.PI * 130 * seconds;
  return strength * (6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase) + 1500 * Math.sin(5 * phase));
}

interface Network {
  readonly durationMs: number;
  readonly ptimeMs?: number;
  readonly arrivals?: (index: number, sentMs: number) => readonly number[];
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  /** Packets not sent, though the time goes on. */
  readonly silent?: (index: number) => boolean;
  readonly channels?: 1 | 2;
}

interface Sent {
  /** In the order of their arrival. */
  readonly packets: Packet[];
  readonly original: Int16Array;
}

function packetsOf(network: Network): Sent {
  const { durationMs, ptimeMs = 20, arrivals = (_, at) => [at], silent = () => false } = network;
  const { channels = 1 } = network;
  const encoder = new Encoder({ channels, sample_rate: opusSampleRateHz, application: "voip" });
  encoder.bitrate = 24_000;
  const samples = ptimeMs * perMs;
  const original = Int16Array.from({ length: durationMs * perMs }, (_, i) => Math.round(voice(i)));
  const packets: Packet[] = [];
  let sequence = network.firstSequence ?? 1000;
  for (let index = 0; index * ptimeMs < durationMs; index++) {
    const mono = original.subarray(index * samples, (index + 1) * samples);
    const sound =
      channels === 1 ? mono : Int16Array.from({ length: 2 * samples }, (_, i) => mono[i >> 1] ?? 0);
    const payload = encoder.encode(bytesOf(sound.slice()));
    if (silent(index)) continue;
    const timestamp = ((network.firstTimestamp ?? 5000) + index * ptimeMs * 48) >>> 0;
    for (const arrivalMs of arrivals(index, (index + 1) * ptimeMs))
      packets.push({ sequence, timestamp, marker: index === 0, payload, arrivalMs });
    sequence = (sequence + 1) & 0xffff;
  }
  return { packets: packets.sort((a, b) => a.arrivalMs - b.arrivalMs), original };
}

interface Heard {
  readonly frames: readonly (Uint8Array | undefined)[];
  readonly samples: Int16Array;
  readonly figures: PlayoutFigures;
  readonly gaps: number;
}

function listen(packets: readonly Packet[]): Heard {
  assert.ok(codec);
  const buffer = createOpusPlayout({ decoder: codec.createDecoder() });
  const frames: (Uint8Array | undefined)[] = [];
  const endMs = (packets.at(-1)?.arrivalMs ?? 0) + 300;
  let next = 0;
  for (let nowMs = 7; nowMs < endMs; nowMs += frameMs) {
    for (let packet = packets[next]; packet && packet.arrivalMs <= nowMs; packet = packets[++next])
      buffer.put({ payloadType: 111, ssrc: 1, ...packet }, packet.arrivalMs, packet.restart);
    frames.push(buffer.take(nowMs)?.slice());
  }
  const first = frames.findIndex((frame) => frame !== undefined);
  const last = frames.findLastIndex((frame) => frame !== undefined);
  const within = frames.slice(Math.max(0, first), last + 1);
  const silence = new Uint8Array(frameMs * perMs * 2);
  return {
    frames,
    samples: samplesOf(joined(within.map((frame) => frame ?? silence))),
    figures: buffer.figures,
    gaps: within.filter((frame) => frame === undefined).length,
  };
}

/** What a decoder makes of the packets in the order in which they were sent. */
function decoded(packets: readonly Packet[]): Int16Array {
  assert.ok(codec);
  const decoder = codec.createDecoder();
  const inOrder = [...packets].sort((a, b) => ((a.sequence - b.sequence) << 16) >> 16);
  return samplesOf(joined(inOrder.map(({ payload }) => bytesOf(decoder.decode(payload)))));
}

function assertSame(actual: Int16Array, wanted: Int16Array): void {
  assert.equal(actual.length, wanted.length);
  assert.equal(
    actual.findIndex((sample, i) => sample !== wanted[i]),
    -1,
    "the first sample that is not the same",
  );
}

function likeness(heard: Int16Array, original: Int16Array): number {
  const { offsetSamples } = bestAlignment(heard, original.subarray(0, 1500 * perMs));
  const from = Math.max(0, offsetSamples);
  const length = Math.min(heard.length - from, original.length);
  return correlation(heard.subarray(from, from + length), original.subarray(0, length));
}

for (const ptimeMs of [10, 20, 40, 60]) {
  test(`on a clean network packets of ${ptimeMs} ms come out as a decoder makes them, bit by bit`, () => {
    const { packets, original } = packetsOf({ durationMs: 6000, ptimeMs });
    const { samples, gaps, figures, frames } = listen(packets);
    assert.equal(gaps, 0);
    assert.ok(frames.every((frame) => frame === undefined || frame.length === 640));
    assertSame(samples.subarray(0, 6000 * perMs), decoded(packets));
    assert.deepEqual(
      [figures.packets, figures.playedMs, figures.concealedMs, figures.late],
      [6000 / ptimeMs, 6000, 0, 0],
    );
    // The codec turns phases: it is no copy of the samples.
    assert.ok(likeness(samples, original) > 0.85, String(likeness(samples, original)));
  });
}

test("two channels are heard as one", () => {
  const { packets, original } = packetsOf({ durationMs: 2000, channels: 2 });
  const { samples } = listen(packets);
  assert.ok(likeness(samples, original) > 0.85, String(likeness(samples, original)));
});

test("packets that change places, come twice, and go round with their numbers are decoded in their order", () => {
  const random = seeded(5);
  const { packets } = packetsOf({
    durationMs: 8000,
    firstSequence: 65_400,
    firstTimestamp: 2 ** 32 - 90_000,
    // Every tenth comes just after the one that was sent after it, some come twice.
    arrivals: (i, at) => (i % 10 === 5 ? [at + 22] : random() < 0.1 ? [at, at + 3] : [at]),
  });
  const { samples, figures } = listen(packets.slice());
  const once = [...new Map(packets.map((packet) => [packet.sequence, packet])).values()];
  const wanted = decoded(once);
  // The first change of places may cost a frame, while the buffer learns to wait.
  const tail = wanted.subarray(1000 * perMs);
  const { offsetSamples } = bestAlignment(samples, tail.subarray(0, 2000 * perMs));
  assertSame(samples.subarray(offsetSamples, offsetSamples + tail.length), tail);
  assert.ok(figures.concealedMs <= 40, String(figures.concealedMs));
});

test("of 10 % lost packets the decoder makes up as much: no gap, and the voice is the same", () => {
  const random = seeded(6);
  const { packets } = packetsOf({ durationMs: 30_000 });
  const arrived = packets.filter((_, i) => i <= 5 || random() >= 0.1);
  const lostMs = (packets.length - arrived.length) * 20;
  const { samples, gaps, figures } = listen(arrived);
  assert.ok(lostMs > 2000, String(lostMs));
  assert.equal(gaps, 0);
  assert.ok(Math.abs(figures.concealedMs - lostMs) <= 60, `${figures.concealedMs} of ${lostMs}`);
  assert.ok(Math.abs(figures.playedMs + figures.concealedMs - 30_000) <= 60);
  const score = likeness(samples, decoded(packets));
  assert.ok(score > 0.93, String(score));
});

test("a silence that was meant (DTX) is not concealed, and the sound after it comes at its time", () => {
  const { packets } = packetsOf({ durationMs: 4000, silent: (i) => i >= 50 && i < 100 });
  const { frames, figures } = listen(packets);
  const first = frames.findIndex((frame) => frame);
  assert.deepEqual(
    frames
      .slice(first, first + 200)
      .map((frame, i) => (frame === undefined ? i : -1))
      .filter((i) => i >= 0).length > 40,
    true,
  );
  assert.ok(frames[first + 100], "the sound is back");
  assert.ok(figures.concealedMs <= 60, String(figures.concealedMs));
});

test("what is no Opus is dropped, whatever it is", () => {
  const random = seeded(7);
  const { packets } = packetsOf({ durationMs: 3000 });
  const noise = packets.map((packet, i) => {
    if (i % 3 !== 1) return packet;
    const length = Math.floor(random() ** 3 * 1500);
    return { ...packet, payload: Uint8Array.from({ length }, () => Math.floor(random() * 256)) };
  });
  const { figures } = listen(noise);
  assert.ok(figures.dropped > 0);
  assert.equal(figures.packets, 150);
});
