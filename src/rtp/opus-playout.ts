import {
  bytesOf,
  type MediaFormat,
  type OpusDecoder,
  opusClockRateHz,
  opusLossPackets,
  opusPacketMs,
  opusSampleRateHz,
  parseFormat,
} from "../media/index.ts";
import type { RtpPacket } from "./packet.ts";
import { type PlayoutBuffer, type PlayoutFigures, type PlayoutOptions, playoutFrameMs } from "./playout.ts";
import { createPlayoutBuffer } from "./playout-buffer.ts";

/** What a playout of Opus is made of: that of a {@link PlayoutBuffer}, and who decodes. */
export interface OpusPlayoutOptions extends Pick<PlayoutOptions, "minMs" | "maxMs"> {
  readonly decoder: OpusDecoder;
}

/** Lost sound that the decoder makes up; the buffer conceals, and fades, what is more. */
const mostConcealedMs = 60;
/** Packets that wait for one before them. */
const mostHeld = 8;
/** After so long without packets the next one is newer, whatever its sequence number says. */
const forgetMs = 5000;
const clockUnits = opusClockRateHz / opusSampleRateHz;
const unitsPerMs = opusSampleRateHz / 1000;

/** A packet that came before its time; without a payload one that has no sound. */
interface Held {
  readonly packet: RtpPacket | undefined;
  readonly arrivalMs: number;
}

/** Makes a playout buffer that takes Opus (RFC 7587) and gives linear frames of {@link opusSampleRateHz}. */
export function createOpusPlayout(options: OpusPlayoutOptions): PlayoutBuffer {
  return new OpusPlayout(options);
}

/**
 * A decoder wants its packets in order and wants to be told of what is lost. So a packet that comes before another one waits, for as
 * long as there is sound to play: what has not come by then is lost, and the decoder makes it up. All else is the buffer's, which
 * has the decoded samples.
 */
class OpusPlayout implements PlayoutBuffer {
  readonly format: MediaFormat;
  readonly #decoder: OpusDecoder;
  readonly #buffer: PlayoutBuffer;
  readonly #held = new Map<number, Held>();
  /** Sequence number of the next packet; undefined before the first. */
  #expected: number | undefined;
  #lastArrivalMs = 0;
  /** RTP timestamp seen last, and the same without going round. */
  #timestamp = 0;
  #clock = 0;
  /** The last packet decoded, and where its sound ends in samples; undefined when silence was before, or nothing. */
  #last: { readonly payload: Uint8Array; readonly end: number } | undefined;
  #packets = 0;
  #late = 0;
  #dropped = 0;
  #concealedMs = 0;

  constructor({ decoder, minMs, maxMs }: OpusPlayoutOptions) {
    const format = parseFormat(`slin/${opusSampleRateHz}`);
    if (!format) throw new TypeError("linear sound of the rate of Opus is a format of media");
    this.format = format;
    this.#decoder = decoder;
    this.#buffer = createPlayoutBuffer({ format, minMs, maxMs });
  }

  get figures(): PlayoutFigures {
    const { playedMs, concealedMs, late, dropped, ...others } = this.#buffer.figures;
    const made = Math.min(this.#concealedMs, playedMs);
    return {
      ...others,
      packets: this.#packets,
      late: late + this.#late,
      dropped: dropped + this.#dropped,
      playedMs: playedMs - made,
      concealedMs: concealedMs + made,
    };
  }

  get aheadMs(): number | undefined {
    return this.#buffer.aheadMs;
  }

  put(packet: RtpPacket, arrivalMs: number, restart = false): void {
    this.#packets++;
    if (opusPacketMs(packet.payload) === undefined) {
      this.#dropped++;
      return;
    }
    if (restart) this.#release();
    const before = this.#order(packet.sequence, arrivalMs, restart);
    if (before < 0) this.#late++;
    else if (before === 0) {
      this.#next(packet.sequence, { packet, arrivalMs }, restart);
      this.#releaseReady();
    } else {
      const payload = packet.payload.slice();
      this.#hold(packet.sequence, { packet: { ...packet, payload }, arrivalMs });
    }
  }

  skip(sequence: number): void {
    if (this.#expected === undefined) return;
    const before = this.#order(sequence, this.#lastArrivalMs, false);
    if (before > 0) this.#hold(sequence, { packet: undefined, arrivalMs: this.#lastArrivalMs });
    else if (before === 0) {
      this.#next(sequence, { packet: undefined, arrivalMs: this.#lastArrivalMs });
      this.#releaseReady();
    }
  }

  take(nowMs: number): Uint8Array | undefined {
    // What is missing has had its time: without it the next frame would not be whole.
    while (this.#held.size > 0 && (this.#buffer.aheadMs ?? 0) < playoutFrameMs) this.#releaseOne();
    return this.#buffer.take(nowMs);
  }

  reset(): void {
    this.#held.clear();
    this.#expected = undefined;
    this.#last = undefined;
    this.#buffer.reset();
  }

  /** How many packets are missing before this one; below 0 if its turn is over. */
  #order(sequence: number, arrivalMs: number, restart: boolean): number {
    const longAgo = arrivalMs - this.#lastArrivalMs > forgetMs;
    this.#lastArrivalMs = arrivalMs;
    if (restart || longAgo) {
      this.#release();
      this.#expected = undefined;
      this.#last = undefined;
    }
    if (this.#expected === undefined) return 0;
    return ((sequence - this.#expected) << 16) >> 16;
  }

  #hold(sequence: number, held: Held): void {
    this.#held.set(sequence, held);
    while (this.#held.size > mostHeld) this.#releaseOne();
  }

  /** Those that wait for nothing any more. */
  #releaseReady(): void {
    while (this.#expected !== undefined && this.#held.has(this.#expected)) this.#releaseOne();
  }

  #release(): void {
    while (this.#held.size > 0) this.#releaseOne();
  }

  /** The first of those held, and before it what the decoder makes up for those that are missing. */
  #releaseOne(): void {
    const expected = this.#expected ?? 0;
    const after = (sequence: number): number => (sequence - expected) & 0xffff;
    let first: number | undefined;
    for (const sequence of this.#held.keys())
      if (first === undefined || after(sequence) < after(first)) first = sequence;
    const held = first === undefined ? undefined : this.#held.get(first);
    if (first === undefined || !held) return;
    this.#held.delete(first);
    if (held.packet && first !== expected) this.#conceal(expected, held.packet, held.arrivalMs);
    this.#next(first, held);
  }

  #next(sequence: number, { packet, arrivalMs }: Held, restart = false): void {
    this.#expected = (sequence + 1) & 0xffff;
    if (!packet) {
      this.#last = undefined;
      this.#buffer.skip(sequence);
      return;
    }
    const samples = this.#decode(packet.payload);
    if (!samples) {
      this.#dropped++;
      return;
    }
    const at = this.#place(packet.timestamp);
    this.#last = { payload: packet.payload.slice(0, 1), end: at + samples.length };
    this.#give(packet, sequence, at, samples, arrivalMs, restart);
  }

  /** The decoder goes through what was lost before `packet`; it is heard unless the buffer has passed there. */
  #conceal(sequence: number, packet: RtpPacket, arrivalMs: number): void {
    const last = this.#last;
    if (!last) return;
    const missing = this.#place(packet.timestamp) - last.end;
    const lostMs = Math.min(mostConcealedMs, missing / unitsPerMs);
    const heard = (this.#buffer.aheadMs ?? -1) >= 0;
    let at = last.end;
    for (const empty of opusLossPackets(last.payload, lostMs)) {
      const made = this.#decode(empty);
      const samples = made?.subarray(0, last.end + missing - at);
      if (!samples || samples.length === 0) return;
      // As late as the packet after it: what was lost tells nothing about the network's delay.
      const sentBeforeMs = (last.end + missing - at) / unitsPerMs;
      if (heard) {
        this.#give(packet, sequence, at, samples, arrivalMs - sentBeforeMs, false);
        this.#concealedMs += samples.length / unitsPerMs;
      }
      at += samples.length;
    }
  }

  #give(
    packet: RtpPacket,
    sequence: number,
    at: number,
    samples: Int16Array,
    arrivalMs: number,
    restart: boolean,
  ): void {
    const { marker, payloadType, ssrc } = packet;
    const payload = bytesOf(samples);
    const linear = { marker, payloadType, ssrc, sequence, timestamp: at >>> 0, payload };
    this.#buffer.put(linear, arrivalMs, restart);
  }

  /** Undefined for what is no Opus after all. */
  #decode(payload: Uint8Array): Int16Array | undefined {
    try {
      return this.#decoder.decode(payload);
    } catch {
      return undefined;
    }
  }

  /** Where a timestamp is, in samples. */
  #place(timestamp: number): number {
    this.#clock += (timestamp - this.#timestamp) | 0;
    this.#timestamp = timestamp;
    return Math.floor(this.#clock / clockUnits);
  }
}
