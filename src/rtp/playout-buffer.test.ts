import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertSame,
  format,
  frameMs,
  joined,
  listen,
  packetsOf,
  seeded,
  sent,
  voice,
} from "../../test/simulated-sound.ts";
import { GsmDecoder, GsmEncoder } from "../media/index.ts";
import { createPlayoutBuffer } from "./index.ts";

for (const phaseMs of [0, 6, 13, 19.9]) {
  test(`on a clean network the sound comes out as it went in, at most 40 ms later (ticks ${phaseMs} ms after packets)`, () => {
    const packets = packetsOf({ durationMs: 20_000 });
    const { frames, gaps, figures } = listen(packets, { phaseMs });
    assert.equal(gaps, 0);
    // The end of the stream cannot be told from a loss: it fades.
    assertSame(joined(frames).subarray(0, 160_000), sent(packets));
    assert.equal(frames.filter((frame) => frame).length, 1003);
    assert.equal(figures.playedMs, 20_000);
    assert.deepEqual([figures.concealedMs, figures.inserted, figures.skipped, figures.late], [0, 0, 0, 0]);
    assert.ok(figures.meanDelayMs >= 20 && figures.meanDelayMs <= 40, String(figures.meanDelayMs));
    const first = frames.findIndex((frame) => frame);
    assert.ok(phaseMs + first * frameMs - (packets[0]?.arrivalMs ?? 0) <= 40);
  });
}

test("timers and packets that are some milliseconds off change no bit", () => {
  const random = seeded(1);
  const packets = packetsOf({ durationMs: 60_000, arrivals: (_, at) => [at + 8 * random()] });
  const { frames, figures } = listen(packets, { tickLateMs: () => 8 * random() });
  assertSame(joined(frames).subarray(0, 480_000), sent(packets));
  assert.deepEqual([figures.concealedMs, figures.inserted, figures.skipped], [0, 0, 0]);
});

for (const ptimeMs of [10, 20, 30, 40, 60]) {
  test(`packets of ${ptimeMs} ms become frames of 20 ms, bit by bit`, () => {
    const packets = packetsOf({ durationMs: 12_000, ptimeMs });
    const { frames, figures } = listen(packets);
    assert.ok(frames.every((frame) => frame === undefined || frame.length === 160));
    assertSame(joined(frames).subarray(0, 96_000), sent(packets));
    assert.equal(figures.playedMs, 12_000);
    assert.equal(figures.concealedMs, 0);
  });
}

test("sequence numbers and timestamps go round without a sound", () => {
  const packets = packetsOf({
    durationMs: 20_000,
    firstSequence: 65_500,
    firstTimestamp: 2 ** 32 - 40_000,
  });
  assertSame(joined(listen(packets).frames).subarray(0, 160_000), sent(packets));
});

test("packets that change places within the delay are put in order", () => {
  const packets = packetsOf({ durationMs: 20_000, arrivals: (i, at) => [i % 10 === 5 ? at + 21 : at] });
  const { frames, figures } = listen(packets, { options: { minMs: 40 } });
  const inOrder = packets.toSorted((a, b) => a.sequence - b.sequence);
  assert.notDeepEqual(inOrder, packets);
  assertSame(joined(frames).subarray(0, 160_000), sent(inOrder));
  assert.deepEqual([figures.late, figures.concealedMs], [0, 0]);
});

test("doubled packets are heard once", () => {
  const packets = packetsOf({ durationMs: 10_000, arrivals: (i, at) => (i % 3 ? [at] : [at, at + 1]) });
  assertSame(joined(listen(packets).frames).subarray(0, 80_000), sent(packets));
});

test("timestamps that begin anew, forward or back, lose no sound", () => {
  for (const jump of [900_000, -900_000, 2 ** 31]) {
    const before = packetsOf({ durationMs: 5000, firstTimestamp: 2_000_000 });
    const after = packetsOf({
      durationMs: 5000,
      firstSequence: 1250,
      firstTimestamp: 2_000_000 + 40_000 + jump,
    });
    const all = [...before, ...after.map((packet) => ({ ...packet, arrivalMs: packet.arrivalMs + 5000 }))];
    const { frames, figures } = listen(all);
    assertSame(joined(frames).subarray(0, 80_000), sent(all));
    assert.deepEqual([figures.concealedMs, figures.late], [0, 0]);
  }
});

test("another source begins at once, whatever its numbers are", () => {
  const before = packetsOf({ durationMs: 5000 });
  const after = packetsOf({ durationMs: 5000, firstSequence: 30_000, firstTimestamp: 4_000_000_000 });
  const all = [
    ...before,
    ...after.map((packet, i) => ({ ...packet, arrivalMs: packet.arrivalMs + 5000, restart: i === 0 })),
  ];
  const { frames, figures } = listen(all);
  assertSame(joined(frames).subarray(0, 80_000), sent(all));
  assert.deepEqual([figures.concealedMs, figures.late], [0, 0]);
});

test("ticks that come late and in threes change nothing once the delay knows them", () => {
  const packets = packetsOf({ durationMs: 30_000 });
  const { frames } = listen(packets, { tickLateMs: (tick) => (tick % 50 === 10 ? 15 : 0) });
  assertSame(joined(frames).subarray(0, 240_000), sent(packets));
});

test("when nobody takes, what is held stays bounded, and the newest is played afterwards", () => {
  const buffer = createPlayoutBuffer({ format: format("mulaw") });
  const packets = packetsOf({ durationMs: 60_000 });
  for (const packet of packets) buffer.put({ payloadType: 0, ssrc: 1, ...packet }, packet.arrivalMs);
  let given = 0;
  for (let tick = 0; tick < 200; tick++) if (buffer.take(60_000 + tick * 20)) given++;
  assert.ok(given > 0 && given <= 15, String(given));
  assert.ok(buffer.figures.dropped > 0);
});

test("GSM frames come out as they went in, and lost ones as fainter copies", () => {
  const encoder = new GsmEncoder();
  const frames = Array.from({ length: 200 }, (_, i) =>
    encoder.encode(Int16Array.from({ length: 160 }, (_, k) => voice(i * 160 + k))),
  );
  const buffer = createPlayoutBuffer({ format: format("gsm") });
  const heard: Uint8Array[] = [];
  frames.forEach((payload, i) => {
    const lost = i >= 100 && i < 103;
    const packet = { sequence: i, timestamp: i * 160, marker: i === 0, payload, payloadType: 3, ssrc: 1 };
    if (!lost) buffer.put(packet, i * 20);
    const frame = buffer.take(i * 20 + 5);
    if (frame) heard.push(frame.slice());
  });
  assert.deepEqual(heard.slice(0, 100), frames.slice(0, 100));
  assert.deepEqual(heard.slice(103), frames.slice(103, heard.length));
  assert.deepEqual(heard[100], frames[99]);
  const decoder = new GsmDecoder();
  const levels = heard.map((frame) => Math.max(...decoder.decode(frame).map(Math.abs)));
  assert.ok((levels[102] ?? 0) < 0.6 * (levels[99] ?? 0), `${levels.slice(98, 105)}`);
  assert.equal(buffer.figures.concealedMs, 60);
});

for (const name of ["slin", "slin/16000", "2*slin", "2*slin/32000", "alaw/16000", "2*mulaw"]) {
  test(`${name} comes out as it went in, and what is lost is concealed`, () => {
    const sound = format(name);
    const bytes = (20 / sound.frameMs) * sound.frameBytes;
    const random = seeded(7);
    const frames = Array.from({ length: 100 }, () =>
      Uint8Array.from({ length: bytes }, () => random() * 256),
    );
    const buffer = createPlayoutBuffer({ format: sound });
    const heard: Uint8Array[] = [];
    const samples = sound.sampleRateHz / 50;
    frames.forEach((payload, i) => {
      const packet = {
        sequence: i,
        timestamp: i * samples,
        marker: i === 0,
        payload,
        payloadType: 3,
        ssrc: 1,
      };
      if (i !== 50) buffer.put(packet, i * 20);
      const frame = buffer.take(i * 20 + 5);
      if (frame) heard.push(frame.slice());
    });
    assert.deepEqual(heard.slice(0, 50), frames.slice(0, 50));
    assert.deepEqual(heard.slice(52), frames.slice(52, heard.length));
    assert.equal(buffer.figures.concealedMs, 20);
    assert.notDeepEqual(heard[50], heard[49]);
  });
}

test("linear sound in network order is given in the order of the machine", () => {
  const buffer = createPlayoutBuffer({ format: format("slin"), networkOrder: true, minMs: 0 });
  const payload = Uint8Array.from({ length: 320 }, (_, i) => i);
  buffer.put({ sequence: 1, timestamp: 0, marker: true, payload, payloadType: 11, ssrc: 1 }, 0);
  const frame = buffer.take(10);
  assert.deepEqual([...(frame ?? [])].slice(0, 4), [1, 0, 3, 2]);
});

test("packets of any content leave frames of 20 ms or nothing, and figures that are numbers", () => {
  const random = seeded(9);
  for (const name of ["mulaw", "gsm", "2*slin"]) {
    const sound = format(name);
    const buffer = createPlayoutBuffer({ format: sound });
    const bytes = (20 / sound.frameMs) * sound.frameBytes;
    let [sequence, timestamp, nowMs] = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const wild = random();
      sequence = wild < 0.05 ? Math.floor(random() * 65536) : (sequence + 1) & 0xffff;
      timestamp =
        wild < 0.03 ? Math.floor(random() * 2 ** 32) : (timestamp + Math.floor(random() * 400)) >>> 0;
      const payload = new Uint8Array(wild < 0.1 ? random() * 9000 : bytes);
      buffer.put(
        { sequence, timestamp, marker: wild < 0.5, payload, payloadType: 0, ssrc: 1 },
        nowMs,
        wild > 0.99,
      );
      if (wild > 0.98) buffer.skip(Math.floor(random() * 65536));
      nowMs += wild < 0.01 ? random() * 5000 : random() * 40;
      const frame = buffer.take(nowMs);
      assert.ok(frame === undefined || frame.length === bytes);
    }
    for (const value of Object.values(buffer.figures))
      assert.ok(Number.isFinite(value) && value >= 0, JSON.stringify(buffer.figures));
  }
});
