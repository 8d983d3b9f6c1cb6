import type { MediaFormat } from "../media/index.ts";
import { createConcealer, historyMs } from "./concealer.ts";
import { DelayEstimate } from "./delay-estimate.ts";
import type { RtpPacket } from "./packet.ts";
import { type PlayoutBuffer, type PlayoutFigures, type PlayoutOptions, playoutFrameMs } from "./playout.ts";
import { ahead, commonDivisor, noCounts, swapped } from "./playout-arithmetic.ts";
import { PlayoutRing } from "./playout-ring.ts";
import { Standstill } from "./standstill.ts";

/** Waited beyond the slowest packets, for the unevenness of our own clock. */
const marginMs = 4;
/** A frame is left out when the delay is so much above what is asked for: more than the frame, and than chance of phase. */
const skipAboveMs = playoutFrameMs + 10;
/** … and at once, quiet or not, when it is so much. */
const skipNowAboveMs = 100;
/** A frame is inserted when the delay is so much below what is asked for; at once when it is so much. */
const insertBelowMs = 4;
const insertNowBelowMs = 12;
/** Frames that are waited for a quiet or fitting place. */
const patienceFrames = 250;
const quietLevel = 200;
const alike = 0.6;
/** A timestamp that goes back by more, or runs ahead of our clock by more, is a new beginning, whatever its sequence number says. */
const jumpMs = 1000;
/** After so long without packets the next one is newer, whatever its sequence number says. */
const forgetMs = 5000;
/** Sound that may be held beyond the most delay. */
const spareMs = 600;
/** Frames before the first packet that are welcome until playing begins. */
const firstWaitFrames = 10;
/** Smoothing of the delay, against the unevenness of our own clock. */
const smoothing = 1 / 32;

/** Makes a playout buffer for one stream. */
export function createPlayoutBuffer(options: PlayoutOptions): PlayoutBuffer {
  return new Playout(options);
}

/**
 * All times are on one scale: a unit at `position` was sent at `position × msPerUnit`. A packet's delay is its arrival less that;
 * what is being played has the delay "now less that". So a packet is in time if its delay is at most the playout's.
 */
class Playout implements PlayoutBuffer {
  readonly format: MediaFormat;
  readonly #swap: boolean;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #unitSamples: number;
  readonly #msPerUnit: number;
  readonly #frameUnits: number;
  readonly #ring: PlayoutRing;
  readonly #estimate = new DelayEstimate();
  readonly #standstill = new Standstill();
  readonly #concealer;
  readonly #frame: Uint8Array;
  readonly #second: Uint8Array;
  readonly #history: Uint8Array;

  /** Nothing came yet. */
  #fresh = true;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastPosition = 0;
  /** End of the newest sound. */
  #end = 0;

  /** While playing: the next unit to be given. While not: where the sound may begin, at the earliest. */
  #position = 0;
  #playing = false;
  /** While not playing: the first unit there is, if any. */
  #start: number | undefined;
  /** End of the last real sound given: what comes after it is still welcome as long as nothing else was played. */
  #realEnd = 0;
  /** Since when what was given is in the ring without a break. */
  #spanStart = 0;
  /** Something was lost before the last packet without sound. */
  #hole = false;
  #lastArrivalMs = 0;
  /** The sender said that there is nothing to come. */
  #silenceMeant = false;
  /** Delay of what is played, smoothed. */
  #delay = 0;
  /** Units between two packets' beginnings, at most a frame; and where they are within our frames. */
  #grid = 1;
  #patience = 0;

  /** Concealed at the end of what came: whether it was lost or silent is not known yet. */
  #openMs = 0;
  #delaySum = 0;
  #delayFrames = 0;
  readonly #counts = noCounts();

  constructor({ format, networkOrder = false, minMs = 20, maxMs = 200 }: PlayoutOptions) {
    this.format = format;
    this.#swap = networkOrder && format.codec === "slin";
    this.#minMs = Math.max(0, minMs);
    this.#maxMs = Math.max(this.#minMs, maxMs);
    this.#unitSamples = format.codec === "gsm" ? 160 : 1;
    this.#msPerUnit = (this.#unitSamples * 1000) / format.sampleRateHz;
    this.#frameUnits = playoutFrameMs / this.#msPerUnit;
    const needed = (this.#maxMs + spareMs) / this.#msPerUnit;
    this.#ring = new PlayoutRing(2 ** Math.ceil(Math.log2(needed)), format.unitBytes);
    this.#concealer = createConcealer(format);
    this.#frame = new Uint8Array(this.#frameUnits * format.unitBytes);
    this.#second = new Uint8Array(this.#frame.length);
    this.#history = new Uint8Array((historyMs / this.#msPerUnit) * format.unitBytes);
  }

  get figures(): PlayoutFigures {
    const known = !this.#fresh;
    return {
      ...this.#counts,
      delayMs: this.#delayFrames > 0 ? Math.max(0, this.#delay - this.#estimate.fastestMs) : 0,
      meanDelayMs: this.#delayFrames > 0 ? this.#delaySum / this.#delayFrames : 0,
      targetMs: known ? Math.max(0, this.#required() - this.#estimate.fastestMs) : this.#minMs,
    };
  }

  get aheadMs(): number | undefined {
    return this.#playing ? (this.#end - this.#position) * this.#msPerUnit : undefined;
  }

  put(packet: RtpPacket, arrivalMs: number, restart = false): void {
    this.#counts.packets++;
    const units = Math.floor(packet.payload.length / this.format.unitBytes);
    if (units === 0 || units > this.#ring.capacity / 2) {
      this.#counts.dropped++;
      return;
    }
    this.#decide(this.#standstill.isPast(arrivalMs));
    if (!restart && this.#suspect(packet, arrivalMs)) return;
    this.#accept(packet, units, arrivalMs, restart);
  }

  #accept(packet: RtpPacket, units: number, arrivalMs: number, restart: boolean): void {
    const position = this.#place(packet, arrivalMs, restart);
    this.#lastArrivalMs = arrivalMs;
    if (position === undefined) {
      this.#counts.late++;
      return;
    }
    this.#estimate.add(arrivalMs - position * this.#msPerUnit, arrivalMs);
    this.#grid = commonDivisor(units, this.#frameUnits);
    this.#store(packet.payload, position, units);
  }

  /** Whether a packet is kept because its sender's clock may have stood still. */
  #suspect(packet: RtpPacket, arrivalMs: number): boolean {
    if (this.#fresh || !this.#follows(ahead(packet.sequence, this.#lastSequence))) return false;
    const step = this.#stepUnits(packet);
    return this.#standstill.suspect(packet, arrivalMs, {
      pauseMs: arrivalMs - this.#lastArrivalMs,
      stepMs: step * this.#msPerUnit,
      slowerMs: arrivalMs - (this.#lastPosition + step) * this.#msPerUnit - this.#estimate.slowestMs,
    });
  }

  /** Takes the packet that was kept: after a standstill its arrival tells where it belongs, not its timestamp. */
  #decide(stoodStill: boolean): void {
    const { packet, arrivalMs } = this.#standstill;
    if (!packet) return;
    this.#standstill.forget();
    const units = Math.floor(packet.payload.length / this.format.unitBytes);
    this.#accept(packet, units, arrivalMs, stoodStill);
  }

  skip(sequence: number): void {
    this.#decide(true);
    const newer = ahead(sequence, this.#lastSequence);
    if (this.#fresh || newer <= 0) return;
    // What was lost before it may have been sound.
    if (newer > 1) this.#hole = true;
    this.#lastSequence = sequence;
    this.#silenceMeant = true;
  }

  reset(): void {
    this.#fresh = true;
    this.#playing = false;
    this.#start = undefined;
    this.#openMs = 0;
    this.#standstill.forget();
    this.#ring.clearAll();
    this.#estimate.reset();
    this.#concealer.stop();
  }

  take(nowMs: number): Uint8Array | undefined {
    if (this.#standstill.isPast(nowMs)) this.#decide(true);
    if (!this.#playing && !this.#begin(nowMs)) {
      // A packet that came late is waiting for company: go on with what was begun.
      if (this.#start === undefined || !this.#concealer.live) return undefined;
      this.#concealer.fill(this.#frame, 0, this.#frameUnits);
      this.#counts.concealedMs += playoutFrameMs;
      return this.#frame;
    }
    const delay = nowMs - this.#position * this.#msPerUnit;
    this.#delay += (delay - this.#delay) * smoothing;
    const run = this.#ring.soundRun(this.#position, this.#frameUnits);
    if (run === this.#frameUnits) return this.#playWhole();
    if (run === 0 && this.#ring.isSilent(this.#position)) return this.#pause();
    // Whether there is something to go on from, or has been going on.
    const mayConceal = this.#concealer.live || this.#realEnd === this.#position;
    if (run === 0 && this.#end <= this.#position && (this.#silenceMeant || !mayConceal)) return this.#pause();
    return this.#playBroken();
  }

  /** Where a packet's sound belongs; undefined if it is from before a new beginning. */
  #place(packet: RtpPacket, arrivalMs: number, restart: boolean): number | undefined {
    if (this.#fresh) {
      // Whole frames, near the arrival: so delays are small numbers.
      const position = Math.round(arrivalMs / this.#msPerUnit);
      this.#fresh = false;
      // The first to come need not be the first sent.
      this.#position = position - firstWaitFrames * this.#frameUnits;
      this.#realEnd = this.#position;
      this.#end = position;
      return this.#newest(packet, position);
    }
    // After a long time sequence numbers tell no order any more.
    const longAgo = arrivalMs - this.#lastArrivalMs > forgetMs;
    const newer = longAgo ? 1 : ahead(packet.sequence, this.#lastSequence);
    const units = this.#stepUnits(packet);
    const delayMs = arrivalMs - (this.#lastPosition + units) * this.#msPerUnit;
    // No packet is faster than the network, and none that is newer was sent before.
    const jumped = delayMs < this.#estimate.recentMs - jumpMs || units * this.#msPerUnit < -jumpMs;
    if (restart || jumped) {
      if (!restart && newer <= 0) return undefined;
      // Its timestamps tell nothing about those before: it goes where its arrival says, but not before what is there.
      const byClock = Math.round((arrivalMs - this.#estimate.recentMs) / this.#msPerUnit);
      const earliest = Math.max(this.#end, this.#position);
      const position = byClock < earliest + 2 * this.#frameUnits ? earliest : byClock;
      if (restart || this.#follows(newer)) this.#silence(position);
      else this.#settleOpen();
      return this.#newest(packet, position);
    }
    const position = this.#lastPosition + units;
    if (newer > 0) {
      // Nothing was lost between them, so a hole in the timestamps is a silence.
      if (this.#follows(newer) && position > this.#end) this.#silence(position);
      else this.#settleOpen();
      this.#newest(packet, position);
    }
    return position;
  }

  /** How far the packet's timestamp is after that of the newest. */
  #stepUnits(packet: RtpPacket): number {
    return Math.round(((packet.timestamp - this.#lastTimestamp) | 0) / this.#unitSamples);
  }

  /** Whether a packet that is newer by `newer` comes right after what came before, with nothing lost between. */
  #follows(newer: number): boolean {
    return newer === 1 && !this.#hole;
  }

  #newest(packet: RtpPacket, position: number): number {
    this.#hole = false;
    this.#lastSequence = packet.sequence;
    this.#lastTimestamp = packet.timestamp;
    this.#lastPosition = position;
    this.#silenceMeant = false;
    return position;
  }

  /** The time from the end of what came to `position` is meant to be silent. */
  #silence(position: number): void {
    this.#openMs = 0;
    // Where nothing is held there is nothing to tell apart.
    if (!this.#playing && this.#start === undefined) return;
    const from = Math.max(this.#end, this.#position);
    const units = position - from;
    if (units > 0 && units < (this.#ring.capacity * 3) / 4) this.#ring.markSilent(from, units);
  }

  /** What was concealed at the end had been lost indeed. */
  #settleOpen(): void {
    this.#counts.concealedMs += this.#openMs;
    this.#openMs = 0;
  }

  #store(payload: Uint8Array, position: number, units: number): void {
    const end = position + units;
    if (
      this.#playing &&
      position < this.#position &&
      this.#end <= this.#position &&
      position >= this.#realEnd
    ) {
      // It is late, but nothing was played since: play it, with more delay from now on.
      this.#estimate.hurry();
      this.#playing = false;
      this.#position = this.#realEnd;
    }
    let from = position;
    if (from < this.#position) {
      this.#estimate.hurry();
      from = this.#position;
      if (end <= from) {
        this.#counts.late++;
        return;
      }
    }
    const lowest = this.#playing ? this.#position : Math.min(this.#start ?? from, from);
    if (Math.max(end, this.#end) - lowest > this.#ring.capacity) {
      // Nobody takes anything, or a jump: what is held is of no use any more.
      this.#counts.dropped++;
      this.#ring.clearAll();
      this.#playing = false;
      this.#start = undefined;
      this.#position = from;
      this.#end = end;
    }
    if (!this.#playing) this.#start = Math.min(this.#start ?? from, from);
    this.#end = Math.max(this.#end, end);
    this.#ring.write(from, this.#swap ? swapped(payload) : payload, from - position, end - from);
  }

  /** The delay that the network asks for, from the zero of the scale. */
  #wanted(): number {
    const { fastestMs, slowestMs, recentMs } = this.#estimate;
    return Math.min(Math.max(slowestMs + marginMs, fastestMs + this.#minMs), recentMs + this.#maxMs);
  }

  /** … and that our frames ask for, where they do not begin with packets: the last packet that has a part in a frame decides. */
  #required(): number {
    const grid = this.#grid;
    const phase = (((this.#lastPosition - this.#position) % grid) + grid) % grid;
    return this.#wanted() + (this.#frameUnits - grid + phase) * this.#msPerUnit;
  }

  /** Begins to play if there is something and it has waited long enough. */
  #begin(nowMs: number): boolean {
    if (this.#start === undefined) return false;
    const wanted = this.#wanted() + (this.#frameUnits - this.#grid) * this.#msPerUnit;
    let start = this.#start;
    let delay = nowMs - start * this.#msPerUnit;
    if (delay < wanted) return false;
    const tooMuch = delay - Math.max(wanted, this.#estimate.recentMs + this.#maxMs);
    if (tooMuch > 0) {
      const frames = Math.ceil(tooMuch / playoutFrameMs);
      this.#counts.skipped += Math.min(frames, Math.ceil((this.#end - start) / this.#frameUnits));
      this.#ring.clear(start, Math.min(this.#ring.capacity, frames * this.#frameUnits));
      start += frames * this.#frameUnits;
      delay -= frames * playoutFrameMs;
      this.#concealer.stop();
    }
    if (start >= this.#end) {
      this.#ring.clearAll();
      this.#start = undefined;
      this.#position = this.#end;
      return false;
    }
    if (start !== this.#realEnd) this.#spanStart = start;
    this.#start = undefined;
    this.#position = start;
    this.#playing = true;
    this.#delay = delay;
    return true;
  }

  /** A frame that is all there: given as it is, unless the delay is to change. */
  #playWhole(): Uint8Array {
    const excess = this.#delay - this.#required();
    if (excess > skipAboveMs && this.#skipFrame(excess)) return this.#frame;
    if (excess < -insertBelowMs && this.#insertFrame(excess)) return this.#frame;
    if (excess <= skipAboveMs && excess >= -insertBelowMs) this.#patience = 0;
    this.#ring.read(this.#position, this.#frameUnits, this.#frame, 0);
    if (this.#concealer.live) {
      this.#concealer.recover(this.#frame, 0, this.#frameUnits);
      this.#ring.rewrite(this.#position, this.#frame, this.#frameUnits);
    }
    this.#counts.playedMs += playoutFrameMs;
    this.#advance(this.#frameUnits);
    this.#realEnd = this.#position;
    return this.#frame;
  }

  /** Makes one frame of two. */
  #skipFrame(excess: number): boolean {
    const units = this.#frameUnits;
    if (this.#concealer.live || this.#ring.soundRun(this.#position + units, units) < units) return false;
    this.#ring.read(this.#position, units, this.#frame, 0);
    this.#ring.read(this.#position + units, units, this.#second, 0);
    const now =
      excess > skipNowAboveMs ||
      this.#delay > this.#estimate.recentMs + this.#maxMs ||
      ++this.#patience > patienceFrames;
    if (
      !now &&
      this.#concealer.level(this.#frame) >= quietLevel &&
      this.#concealer.likeness(this.#frame, this.#second) < alike
    ) {
      return false;
    }
    this.#concealer.join(this.#frame, this.#second);
    this.#ring.rewrite(this.#position + units, this.#frame, units);
    this.#patience = 0;
    this.#counts.skipped++;
    this.#counts.playedMs += playoutFrameMs;
    this.#delay -= playoutFrameMs;
    this.#advance(2 * units);
    this.#realEnd = this.#position;
    return true;
  }

  /** Gives a made-up frame; what is there waits. */
  #insertFrame(excess: number): boolean {
    if (this.#concealer.live) return false;
    const now = excess < -insertNowBelowMs || ++this.#patience > patienceFrames;
    this.#ring.read(this.#position, this.#frameUnits, this.#frame, 0);
    if (!now && this.#concealer.level(this.#frame) >= quietLevel) return false;
    this.#beginConcealing(this.#position);
    if (!this.#concealer.live) return false;
    this.#concealer.fill(this.#frame, 0, this.#frameUnits);
    this.#patience = 0;
    this.#counts.inserted++;
    this.#delay += playoutFrameMs;
    return true;
  }

  /** A frame of which something is missing: piece by piece. */
  #playBroken(): Uint8Array | undefined {
    const units = this.#frameUnits;
    let heard = false;
    let at = 0;
    while (at < units) {
      const here = this.#position + at;
      const run = this.#ring.soundRun(here, units - at);
      if (run > 0) {
        this.#ring.read(here, run, this.#frame, at);
        if (this.#concealer.live) this.#concealer.recover(this.#frame, at, run);
        this.#ring.rewrite(here, this.#frame.subarray(at * this.format.unitBytes), run);
        this.#counts.playedMs += run * this.#msPerUnit;
        this.#realEnd = here + run;
        heard = true;
        at += run;
        continue;
      }
      const missing = this.#ring.missingRun(here, units - at);
      const meant = this.#ring.isSilent(here) || (this.#silenceMeant && here >= this.#end);
      if (meant) this.#concealer.stop();
      else if (this.#realEnd === here) this.#beginConcealing(here);
      if (this.#concealer.live) {
        heard = true;
        const missingMs = missing * this.#msPerUnit;
        if (here >= this.#end) this.#openMs += missingMs;
        else this.#counts.concealedMs += missingMs;
      }
      this.#fillMissing(at, missing);
      at += missing;
    }
    this.#ring.rewrite(this.#position, this.#frame, units);
    this.#advance(units);
    return heard ? this.#frame : undefined;
  }

  #fillMissing(at: number, units: number): void {
    if (this.#concealer.live) this.#concealer.fill(this.#frame, at, units);
    else {
      const { unitBytes, silenceByte } = this.format;
      this.#frame.fill(silenceByte, at * unitBytes, (at + units) * unitBytes);
    }
  }

  /** Nothing to play until more comes, or until the silence is over. */
  #pause(): undefined {
    this.#playing = false;
    this.#concealer.stop();
    this.#patience = 0;
    if (this.#end > this.#position) {
      const silence = this.#ring.missingRun(this.#position, this.#end - this.#position);
      this.#ring.clear(this.#position, silence);
      this.#start = this.#position + silence;
    } else {
      // What comes late is still welcome.
      this.#ring.clear(this.#end, Math.min(this.#ring.capacity, this.#position - this.#end));
      this.#position = this.#realEnd;
      this.#start = undefined;
    }
    return undefined;
  }

  #beginConcealing(position: number): void {
    const available = Math.min(position - this.#spanStart, historyMs / this.#msPerUnit);
    const bytes = Math.max(0, available) * this.format.unitBytes;
    const history = this.#history.subarray(this.#history.length - bytes);
    if (available > 0) this.#ring.read(position - available, available, history, 0);
    this.#concealer.begin(history);
  }

  #advance(units: number): void {
    this.#ring.clear(this.#position, units);
    this.#position += units;
    this.#delaySum += Math.max(0, this.#delay - this.#estimate.fastestMs);
    this.#delayFrames++;
  }
}
