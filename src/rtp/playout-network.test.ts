import assert from "node:assert/strict";
import { test } from "node:test";
import {
  format,
  greatestStep,
  likenessToVoice,
  listen,
  packetsOf,
  seeded,
  sent,
  tone,
  voice,
} from "../../test/simulated-sound.ts";
import { decodeMulaw } from "../media/index.ts";
import { createPlayoutBuffer } from "./index.ts";

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

test("a network that becomes slower by more than the most delay is heard again after a moment", () => {
  for (const slowerMs of [400, 2000]) {
    const { figures, gaps } = listen(
      packetsOf({ durationMs: 60_000, arrivals: (i, at) => [at + (i < 1000 ? 0 : slowerMs)] }),
    );
    assert.ok(gaps <= slowerMs / 20 + 12, String(gaps));
    assert.ok(figures.playedMs >= 60_000 - 400, String(figures.playedMs));
  }
});

test("whatever a network does for minutes, the delay stays within its limits and most of what came is heard", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seeded(seed);
    const jitterMs = random() * 80;
    const loss = random() * 0.1;
    const packets = packetsOf({
      durationMs: 120_000,
      ptimeMs: [10, 20, 30, 40, 60][seed % 5] ?? 20,
      ppm: (random() - 0.5) * 1000,
      silent: seed % 3 === 0 ? (i) => i % 200 > 150 : () => false,
      arrivals: (_, at) => {
        if (random() < loss) return [];
        const arrival = at + jitterMs * random() ** 2;
        return random() < 0.02 ? [arrival, arrival + random() * 40] : [arrival];
      },
    });
    let most = 0;
    const { figures } = listen(packets, {
      tickLateMs: () => 5 * random(),
      onTick: (buffer, tick) => {
        if (tick > 100) most = Math.max(most, buffer.figures.delayMs);
      },
    });
    const cameMs = sent(packets).length / 8;
    const text = `seed ${seed}, jitter ${jitterMs}, ${most} at most: ${JSON.stringify(figures)}, ${cameMs} ms came`;
    assert.ok(most <= jitterMs + 80, text);
    assert.ok(Math.abs(figures.playedMs + figures.skipped * 20 - cameMs) < 0.02 * cameMs, text);
    assert.ok(figures.inserted + figures.skipped < 60, text);
  }
});
