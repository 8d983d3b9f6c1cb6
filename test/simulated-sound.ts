/**
 * A network for sound that is not there: packets of a voice, sent by a clock of their own, lost, late, doubled and in any order,
 * and a playout buffer that is listened to on each tick. The same in every run.
 */
import assert from "node:assert/strict";
import { decodeMulaw, encodeMulaw, type MediaFormat, parseFormat } from "../src/media/index.ts";
import {
  createPlayoutBuffer,
  createRtpReceiver,
  isGood,
  type PlayoutBuffer,
  type PlayoutFigures,
  type PlayoutOptions,
} from "../src/rtp/index.ts";

/** Length of a tick. */
export const frameMs = 20;

/** A format that there is. */
export function format(name: string): MediaFormat {
  const found = parseFormat(name);
  assert.ok(found);
  return found;
}

/** Numbers of 0…1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A voice of a kind: 130 Hz with overtones, syllables of 200 ms, a pause after each second. */
export function voice(sample: number): number {
  const seconds = sample / 8000;
  const strength = seconds % 1.3 < 1 ? 0.3 + 0.7 * Math.abs(Math.sin(Math.PI * 2.5 * seconds)) : 0;
  const phase = 2 * Math.PI * 130 * seconds;
  return strength * (6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase) + 1500 * Math.sin(5 * phase));
}

export function tone(sample: number): number {
  return 8000 * Math.sin((2 * Math.PI * 200 * sample) / 8000);
}

export interface Packet {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
  readonly arrivalMs: number;
  readonly restart?: boolean;
}

export interface Network {
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
export function packetsOf(network: Network): Packet[] {
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

export interface Heard {
  /** Each tick: a copy of what was given. */
  readonly frames: readonly (Uint8Array | undefined)[];
  /** What was given between the first and the last frame, silence where nothing was. */
  readonly samples: Int16Array;
  readonly figures: PlayoutFigures;
  readonly buffer: PlayoutBuffer;
  /** Ticks between the first and the last frame on which nothing was given. */
  readonly gaps: number;
}

export interface Listener {
  readonly options?: Partial<PlayoutOptions>;
  /** How late each tick is. */
  readonly tickLateMs?: (tick: number) => number;
  readonly phaseMs?: number;
  readonly onTick?: (buffer: PlayoutBuffer, tick: number) => void;
}

export function listen(packets: readonly Packet[], listener: Listener = {}): Heard {
  const { tickLateMs = () => 0, phaseMs = 7 } = listener;
  const buffer = createPlayoutBuffer({ format: format("mulaw"), ...listener.options });
  const receiver = createRtpReceiver({ accepts: () => true });
  const frames: (Uint8Array | undefined)[] = [];
  const endMs = (packets.at(-1)?.arrivalMs ?? 0) + 1000;
  let next = 0;
  for (let tick = 0; tick * frameMs < endMs; tick++) {
    const nowMs = phaseMs + tick * frameMs + tickLateMs(tick);
    for (let packet = packets[next]; packet && packet.arrivalMs <= nowMs; packet = packets[++next]) {
      if (packet.restart) receiver.resynchronize();
      const whole = { payloadType: 0, ssrc: 1, ...packet };
      const verdict = receiver.receive(whole, packet.arrivalMs);
      if (isGood(verdict)) buffer.put(whole, packet.arrivalMs, verdict === "restart");
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
export function joined(frames: readonly (Uint8Array | undefined)[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => (frame ? [...frame] : [])));
}

export function sent(packets: readonly Packet[]): Uint8Array {
  return joined([...new Map(packets.map((packet) => [packet.sequence, packet.payload])).values()]);
}

/** As deepEqual, but without a picture of the difference, which takes minutes for a minute of sound. */
export function assertSame(heard: Uint8Array, expected: Uint8Array): void {
  assert.equal(heard.length, expected.length);
  const at = heard.findIndex((code, i) => code !== expected[i]);
  assert.equal(at, -1, `the first difference is at sample ${at}`);
}

/** The greatest step between two samples: a click is one that the sound itself has not. */
export function greatestStep(samples: ArrayLike<number>): number {
  let greatest = 0;
  for (let i = 1; i < samples.length; i++) {
    greatest = Math.max(greatest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
  }
  return greatest;
}

/** Likeness of what was heard to the voice as it was sent, so many samples later. */
export function likenessToVoice(samples: Int16Array, shift = 0): number {
  let [product, heardPower, sentPower] = [0, 0, 0];
  samples.forEach((value, i) => {
    const original = voice(i - shift);
    product += value * original;
    heardPower += value * value;
    sentPower += original * original;
  });
  return product / Math.sqrt(heardPower * sentPower);
}
