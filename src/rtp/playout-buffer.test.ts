import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeMulaw,
  encodeMulaw,
  GsmDecoder,
  GsmEncoder,
  type MediaFormat,
  parseFormat,
} from "../media/index.ts";
import {
  createPlayoutBuffer,
  type PlayoutBuffer,
  type PlayoutFigures,
  type PlayoutOptions,
} from "./index.ts";

const frameMs = 20;

function format(name: string): MediaFormat {
  const found = parseFormat(name);
  assert.ok(found);
  return found;
}

/** Numbers of 0…1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A voice of a kind: 130 Hz with overtones, syllables of 200 ms, a pause after each second. */
function voice(sample: number): number {
  const seconds = sample / 8000;
  const strength = seconds % 1.3 < 1 ? 0.3 + 0.7 * Math.abs(Math.sin(Math.PI * 2.5 * seconds)) : 0;
  const phase = 2 * Math.PI * 130 * seconds;
  return strength * (6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase) + 1500 * Math.sin(5 * phase));
}

function tone(sample: number): number {
  return 8000 * Math.sin((2 * Math.PI * 200 * sample) / 8000);
}

interface Packet {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
  readonly arrivalMs: number;
  readonly restart?: boolean;
}

interface Network {
  readonly durationMs: number;
  readonly ptimeMs?: number;
  /** When a packet comes that is sent at `sentMs`; undefined when it is lost; several when it is doubled. */
  readonly arrivals?: (index: number, sentMs: number) => readonly number[];
  /** How much the sender's clock is faster than ours. */
  readonly ppm?: number;
  readonly sound?: (sample: number) => number;
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  /** Packets not sent, though the time goes on. */
  readonly silent?: (index: number) => boolean;
}

/** Packets in the order of their arrival. */
function packetsOf(network: Network): Packet[] {
  const { durationMs, ptimeMs = 20, ppm = 0, sound = voice, silent = () => false } = network;
  const arrivals = network.arrivals ?? ((_, sentMs) => [sentMs]);
  const samples = ptimeMs * 8;
  const packets: Packet[] = [];
  let sequence = network.firstSequence ?? 1000;
  for (let index = 0; index * ptimeMs < durationMs; index++) {
    if (silent(index)) continue;
    const sentMs = ((index + 1) * ptimeMs) / (1 + ppm / 1e6);
    const payload = new Uint8Array(samples);
    for (let i = 0; i < samples; i++) payload[i] = encodeMulaw(Math.round(sound(index * samples + i)));
    const timestamp = ((network.firstTimestamp ?? 5000) + index * samples) >>> 0;
    const marker = index === 0 || silent(index - 1);
    for (const arrivalMs of arrivals(index, sentMs)) {
      packets.push({ sequence, timestamp, marker, payload, arrivalMs });
    }
    sequence = (sequence + 1) & 0xffff;
  }
  return packets.sort((a, b) => a.arrivalMs - b.arrivalMs);
}

interface Heard {
  /** Each tick: a copy of what was given. */
  readonly frames: readonly (Uint8Array | undefined)[];
  /** What was given between the first and the last frame, silence where nothing was. */
  readonly samples: Int16Array;
  readonly figures: PlayoutFigures;
  readonly buffer: PlayoutBuffer;
  /** Ticks between the first and the last frame on which nothing was given. */
  readonly gaps: number;
}

interface Listener {
  readonly options?: Partial<PlayoutOptions>;
  /** How late each tick is. */
  readonly tickLateMs?: (tick: number) => number;
  readonly phaseMs?: number;
  readonly onTick?: (buffer: PlayoutBuffer, tick: number) => void;
}

function listen(packets: readonly Packet[], listener: Listener = {}): Heard {
  const { tickLateMs = () => 0, phaseMs = 7 } = listener;
  const buffer = createPlayoutBuffer({ format: format("mulaw"), ...listener.options });
  const frames: (Uint8Array | undefined)[] = [];
  const endMs = (packets.at(-1)?.arrivalMs ?? 0) + 1000;
  let next = 0;
  for (let tick = 0; tick * frameMs < endMs; tick++) {
    const nowMs = phaseMs + tick * frameMs + tickLateMs(tick);
    for (let packet = packets[next]; packet && packet.arrivalMs <= nowMs; packet = packets[++next]) {
      buffer.put({ payloadType: 0, ssrc: 1, ...packet }, packet.arrivalMs, packet.restart);
    }
    frames.push(buffer.take(nowMs)?.slice());
    listener.onTick?.(buffer, tick);
  }
  const first = frames.findIndex((frame) => frame !== undefined);
  const last = frames.findLastIndex((frame) => frame !== undefined);
  const within = frames.slice(Math.max(0, first), last + 1);
  const samples = new Int16Array(within.length * 160);
  within.forEach((frame, i) => {
    frame?.forEach((code, k) => {
      samples[i * 160 + k] = decodeMulaw(code);
    });
  });
  const gaps = within.filter((frame) => frame === undefined).length;
  return { frames, samples, figures: buffer.figures, buffer, gaps };
}

/** The codes sent, one after the other, and those heard. */
function joined(frames: readonly (Uint8Array | undefined)[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => (frame ? [...frame] : [])));
}

function sent(packets: readonly Packet[]): Uint8Array {
  return joined([...new Map(packets.map((packet) => [packet.sequence, packet.payload])).values()]);
}

/** As deepEqual, but without a picture of the difference, which takes minutes for a minute of sound. */
function assertSame(heard: Uint8Array, expected: Uint8Array): void {
  assert.equal(heard.length, expected.length);
  const at = heard.findIndex((code, i) => code !== expected[i]);
  assert.equal(at, -1, `the first difference is at sample ${at}`);
}

/** The greatest step between two samples: a click is one that the sound itself has not. */
function greatestStep(samples: ArrayLike<number>): number {
  let greatest = 0;
  for (let i = 1; i < samples.length; i++) {
    greatest = Math.max(greatest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
  }
  return greatest;
}

/** Likeness of what was heard to the voice as it was sent, so many samples later. */
function likenessToVoice(samples: Int16Array, shift = 0): number {
  let [product, heardPower, sentPower] = [0, 0, 0];
  samples.forEach((value, i) => {
    const original = voice(i - shift);
    product += value * original;
    heardPower += value * value;
    sentPower += original * original;
  });
  return product / Math.sqrt(heardPower * sentPower);
}

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

test("of 3 % lost packets as much is concealed, without a gap, without a click, and the rest is as it was", () => {
  const random = seeded(3);
  const packets = packetsOf({
    durationMs: 120_000,
    arrivals: (i, at) => (i > 5 && random() < 0.03 ? [] : [at]),
  });
  const { samples, figures, gaps } = listen(packets);
  const lostMs = 120_000 - packets.length * 20;
  assert.ok(lostMs > 3000, String(lostMs));
  assert.ok(Math.abs(figures.concealedMs - lostMs) <= 40, `${figures.concealedMs} of ${lostMs}`);
  assert.equal(gaps, 0);
  assert.equal(figures.late, 0);
  assert.ok(likenessToVoice(samples.subarray(0, 960_000)) > 0.98);
  const original = Array.from({ length: 960_000 }, (_, i) => voice(i));
  assert.ok(greatestStep(samples) < 1.3 * greatestStep(original), String(greatestStep(samples)));
});

test("a lost frame of a tone is made up so well that it is hardly less a tone", () => {
  const packets = packetsOf({ durationMs: 2000, sound: tone, arrivals: (i, at) => (i === 50 ? [] : [at]) });
  const { samples } = listen(packets);
  let error = 0;
  let power = 0;
  for (let i = 50 * 160; i < 51 * 160; i++) {
    error += (tone(i) - (samples[i] ?? 0)) ** 2;
    power += tone(i) ** 2;
  }
  assert.ok(10 * Math.log10(power / error) > 10, String(10 * Math.log10(power / error)));
});

test("a loss of many frames fades to nothing within 60 ms, and the sound comes back at its time", () => {
  const packets = packetsOf({
    durationMs: 4000,
    sound: tone,
    arrivals: (i, at) => (i >= 50 && i < 80 ? [] : [at]),
  });
  const { frames, figures } = listen(packets);
  const first = frames.findIndex((frame) => frame);
  const heard = (i: number): Uint8Array | undefined => frames[first + i];
  const level = (frame: Uint8Array | undefined): number =>
    Math.max(0, ...[...(frame ?? [])].map((code) => Math.abs(decodeMulaw(code))));
  assert.ok(level(heard(50)) > 6000);
  assert.ok(level(heard(52)) < 4000);
  for (let i = 53; i < 80; i++) assert.equal(heard(i), undefined);
  assert.deepEqual(heard(82), packets.find((packet) => packet.sequence === 1082)?.payload);
  assert.equal(figures.concealedMs, 60);
});

test("a jitter of 60 ms makes less than 1 % late, and the delay is no more than it needs", () => {
  const random = seeded(4);
  const packets = packetsOf({ durationMs: 120_000, arrivals: (_, at) => [at + 60 * random()] });
  const { figures, gaps, samples } = listen(packets);
  assert.ok(figures.late < 60, String(figures.late));
  assert.ok(figures.concealedMs < 1200, String(figures.concealedMs));
  assert.ok(figures.meanDelayMs < 95, String(figures.meanDelayMs));
  assert.equal(gaps, 0);
  // What was made up in the beginning has moved the rest by whole frames; after half a minute all is settled.
  const from = 240_000;
  const likenesses = [-2, -1, 0, 1, 2, 3, 4].map((frames) =>
    likenessToVoice(samples.subarray(from, 960_000), frames * 160 - from),
  );
  assert.ok(Math.max(...likenesses) > 0.97, String(likenesses));
});

test("jitter with a long tail is borne too, and when it is over the delay goes down again", () => {
  const random = seeded(5);
  const packets = packetsOf({
    durationMs: 120_000,
    arrivals: (i, at) => [i < 3000 ? at - 15 * Math.log(1 - random()) : at],
  });
  const { figures, gaps } = listen(packets);
  assert.ok(figures.late < 30, String(figures.late));
  assert.equal(gaps, 0);
  assert.ok(figures.delayMs <= 55, String(figures.delayMs));
});

for (const ppm of [300, -300, 1000, -1000]) {
  test(`a sender whose clock is off by ${ppm} ppm is followed for ten minutes with few adjustments`, () => {
    const packets = packetsOf({ durationMs: 600_000, ppm });
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    const { figures, gaps, samples } = listen(packets, {
      onTick(buffer, tick) {
        if (tick < 100 || tick > 29_000) return;
        const { delayMs } = buffer.figures;
        [least, most] = [Math.min(least, delayMs), Math.max(most, delayMs)];
      },
    });
    // 180 ms or 600 ms in all: 9 or 30 frames.
    const frames = (Math.abs(ppm) * 0.6) / 20;
    const adjusted = ppm > 0 ? figures.skipped : figures.inserted;
    assert.ok(Math.abs(adjusted - frames) <= 2, `${adjusted} of ${frames}`);
    assert.equal(ppm > 0 ? figures.inserted : figures.skipped, 0);
    assert.ok(least > 5 && most < 60, `${least}…${most}`);
    assert.deepEqual([gaps, figures.late, figures.concealedMs], [0, 0, 0]);
    const original = Array.from({ length: 80_000 }, (_, i) => voice(i));
    assert.ok(greatestStep(samples) < 1.3 * greatestStep(original), String(greatestStep(samples)));
  });
}

test("a sender's silence is no loss, and each talkspurt is whole", () => {
  const packets = packetsOf({ durationMs: 60_000, silent: (i) => i % 100 > 60 });
  const { frames, figures } = listen(packets);
  assert.equal(figures.concealedMs, 0);
  assert.equal(figures.playedMs, packets.length * 20);
  assert.equal(figures.late, 0);
  for (const { payload } of packets) {
    assert.ok(frames.some((frame) => frame && Buffer.compare(frame, payload) === 0));
  }
});

test("silences of minutes and of two packets are silences as well", () => {
  for (const silent of [(i: number) => i % 5000 > 60, (i: number) => i % 50 > 47]) {
    const packets = packetsOf({ durationMs: 120_000, silent });
    const { figures } = listen(packets);
    assert.deepEqual([figures.concealedMs, figures.playedMs], [0, packets.length * 20]);
  }
});

test("a silence that was announced is not concealed even for a frame", () => {
  const buffer = createPlayoutBuffer({ format: format("mulaw") });
  const packets = packetsOf({ durationMs: 1000 });
  const given: number[] = [];
  for (let tick = 1; tick < 100; tick++) {
    const packet = packets[tick - 1];
    if (packet) buffer.put({ payloadType: 0, ssrc: 1, ...packet }, tick * 20);
    else if (tick < 60) buffer.skip(1000 + tick - 1);
    if (buffer.take(tick * 20)) given.push(tick);
  }
  assert.equal(given.length, 50);
});

test("sound that was lost before an event is concealed and counted, an outage of seconds as well", () => {
  const buffer = createPlayoutBuffer({ format: format("mulaw") });
  for (const packet of packetsOf({ durationMs: 1000 })) {
    const index = packet.sequence - 1000;
    if (index === 30) continue;
    if (index === 31) buffer.skip(packet.sequence);
    else buffer.put({ payloadType: 0, ssrc: 1, ...packet }, packet.arrivalMs);
    buffer.take(packet.arrivalMs + 5);
  }
  assert.equal(buffer.figures.concealedMs, 40);

  const outage = packetsOf({ durationMs: 9000, arrivals: (i, at) => (i > 100 && i < 300 ? [] : [at]) });
  const { figures, frames } = listen(outage);
  assert.equal(figures.concealedMs, 60);
  assert.equal(figures.playedMs, outage.length * 20);
  assert.ok(frames.findLastIndex((frame) => frame) < 460);
});

test("after a quarter of an hour without listening the first packets are heard, though the numbers went round", () => {
  const packets = packetsOf({ durationMs: 900_000, sound: tone });
  const buffer = createPlayoutBuffer({ format: format("mulaw") });
  let heard = 0;
  packets.forEach((packet, i) => {
    if (i > 100 && i < packets.length - 50) return;
    buffer.put({ payloadType: 0, ssrc: 1, ...packet }, packet.arrivalMs);
    if (buffer.take(packet.arrivalMs + 5) && i > 100) heard++;
  });
  assert.ok(heard >= 48, String(heard));
  assert.equal(buffer.figures.late, 0);
});

test("a network that becomes slower or faster by 100 ms is followed", () => {
  const slower = listen(packetsOf({ durationMs: 60_000, arrivals: (i, at) => [at + (i < 1000 ? 0 : 100)] }));
  assert.ok(slower.gaps <= 3, String(slower.gaps));
  assert.equal(slower.figures.late, 0);
  const faster = listen(packetsOf({ durationMs: 60_000, arrivals: (i, at) => [at + (i < 1000 ? 100 : 0)] }));
  assert.equal(faster.gaps, 0);
  assert.ok(faster.figures.delayMs < 60, String(faster.figures.delayMs));
});

test("after a jam of half a second what is too old is left out, and the delay stays below its limit", () => {
  const packets = packetsOf({
    durationMs: 60_000,
    arrivals: (i, at) => [i > 1000 && i < 1025 ? 1025 * 20 : at],
  });
  let most = 0;
  const { figures } = listen(packets, {
    onTick: (buffer) => {
      most = Math.max(most, buffer.figures.delayMs);
    },
  });
  assert.ok(most <= 240, String(most));
  assert.ok(figures.delayMs < 60, String(figures.delayMs));
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
