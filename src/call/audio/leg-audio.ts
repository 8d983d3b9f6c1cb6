import { randomInt } from "node:crypto";
import { type Clock, errorText, type Logger, YaytsError } from "../../base/index.ts";
import { createResampler, type Resampler } from "../../media/index.ts";
import { createEventSender, createRtpSender, type EventSender, type RtpSender } from "../../rtp/index.ts";
import {
  type AudioAttachment,
  type AudioEnd,
  type AudioFigures,
  type AudioFormat,
  type AudioFrame,
  type AudioFrames,
  type FramesOptions,
  frameMs,
  type LiveAudio,
  type MarkEnd,
  type WriteEnd,
} from "./audio.ts";
import type { AudioCodec } from "./audio-codec.ts";
import type { AudioSocket, EngineAddress } from "./audio-socket.ts";
import { createFrameQueue, type FrameQueue } from "./frame-queue.ts";
import { absentFrame, comfortNoise, IncomingSound, telephoneEvent } from "./incoming-sound.ts";
import { OutgoingSound, type OutgoingSoundOptions } from "./outgoing-sound.ts";
import { type Paced, pacerOf } from "./pacer.ts";

/** What an attachment is made of, once the engine has answered. */
export interface LegAudioInit {
  readonly leg: string;
  readonly format: AudioFormat;
  readonly codec: AudioCodec;
  /** The codec is of 16 kHz. */
  readonly wide: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly socket: AudioSocket;
  readonly engine: EngineAddress & { readonly rtpId: string };
  readonly playoutMs: number;
  readonly sound: OutgoingSoundOptions;
  /** Takes the sound off the leg. Never rejects. */
  readonly detach: () => Promise<void>;
  /** Called once, when it is over. */
  readonly left: (audio: LegAudio) => void;
}

/** A pause longer than this begins a new talkspurt; beats are exact, so there is nothing between 0 and 20. */
const talkspurtGapMs = 10;
/** One who speaks now and is not heard for so long is silent. */
const silentAfterMs = 100;
/** RFC 3389 §3: the level, the faintest there is. */
const silentNoise = Uint8Array.of(127);
/** Most frames made up for beats that were left out: a process that slept for a night is not to fill the memory. */
const maxMissedFrames = 1500;
const samplesPerMs = 8;

type Listener<Args extends readonly unknown[]> = (...args: Args) => void;

/** See {@link AudioAttachment}. */
export class LegAudio implements LiveAudio, Paced {
  readonly leg: string;
  readonly format: AudioFormat;
  readonly rtpId: string;
  readonly clock: Clock;
  readonly ended: Promise<AudioEnd>;
  readonly #init: LegAudioInit;
  readonly #incoming: IncomingSound;
  readonly #outgoing: OutgoingSound;
  readonly #onLiveFrame: Set<Listener<[Int16Array]>> = new Set();
  readonly #onArrival: Set<Listener<[Int16Array, number]>> = new Set();
  /** Between the two rates, of an attachment that is wide. */
  readonly #rates: Rates | undefined;
  /** When somebody spoke last. */
  #liveMs: number = Number.NEGATIVE_INFINITY;
  #sender: RtpSender;
  /** Keys under way, and who waits for them; made anew with the sender. */
  #events: EventSender | undefined;
  #pressed: (() => void)[] = [];
  readonly #leavePacer: () => void;
  readonly #queues: Set<FrameQueue> = new Set();
  readonly #onFrame: Set<Listener<[AudioFrame]>> = new Set();
  readonly #onSent: Set<Listener<[Int16Array | undefined, number]>> = new Set();
  #settleEnded: (end: AudioEnd) => void = () => {};
  #over = false;
  /** Sound went out on the last beat. */
  #talking = false;
  #packetsSent = 0;
  #nextSequence = 0;
  #framesDropped = 0;
  #malformedTold = false;
  #detached: Promise<void> | undefined;

  constructor(init: LegAudioInit) {
    const { codec, socket, engine, clock } = init;
    this.#init = init;
    this.leg = init.leg;
    this.format = init.format;
    this.rtpId = engine.rtpId;
    this.clock = clock;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.#incoming = new IncomingSound(codec, init.playoutMs);
    this.#incoming.onArrival = (bytes, timestamp) => {
      if (this.#onArrival.size > 0) this.#tell(this.#onArrival, codec.decode(bytes), timestamp);
    };
    this.#outgoing = new OutgoingSound(init.sound);
    this.#rates = init.wide ? createRates() : undefined;
    this.#sender = this.#createSender(randomInt(2500, 62_501), randomInt(2 ** 32));
    socket.open(engine, (bytes) => this.#receive(bytes));
    this.#leavePacer = pacerOf(clock).join(this);
  }

  get rateHz(): 8000 | 16_000 {
    return this.#rates ? 16_000 : 8000;
  }

  get over(): boolean {
    return this.#over;
  }

  get queuedMs(): number {
    return this.#outgoing.queuedMs;
  }

  get figures(): AudioFigures {
    const { socket } = this.#init;
    const { received, playout } = this.#incoming.figures;
    let framesDropped = this.#framesDropped;
    for (const { frames } of this.#queues) framesDropped += frames.dropped;
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: received.packets,
      lost: received.lost,
      late: playout.late,
      jitterMs: received.jitterMs,
      playoutDelayMs: playout.delayMs,
      concealedMs: playout.concealedMs,
      framesDropped,
      strangers: socket.strangers,
      malformed: this.#incoming.malformed,
      unsent: socket.unsent,
      socketErrors: socket.errors,
    };
  }

  frames(options: FramesOptions = {}): AudioFrames {
    const queue = createFrameQueue(options, (dropped) => {
      this.#queues.delete(queue);
      this.#framesDropped += dropped;
    });
    if (this.#over) queue.end();
    else this.#queues.add(queue);
    return queue.frames;
  }

  onFrame(fn: (frame: AudioFrame) => void): () => void {
    return listen(this.#onFrame, fn);
  }

  onLiveFrame(fn: (samples: Int16Array) => void): () => void {
    return listen(this.#onLiveFrame, fn);
  }

  onArrival(fn: (samples: Int16Array, timestamp: number) => void): () => void {
    return listen(this.#onArrival, fn);
  }

  sayNow(samples: Int16Array, atMs: number): void {
    if (this.#over) return;
    this.#liveMs = this.clock.monotonicMs();
    this.#talking = true;
    this.#sender.send(this.#init.codec.encode(samples), atMs);
  }

  onSent(fn: (samples: Int16Array | undefined, atMs: number) => void): () => void {
    return listen(this.#onSent, fn);
  }

  write(samples: Int16Array): Promise<WriteEnd> {
    if (!(samples instanceof Int16Array))
      throw new YaytsError("bad-argument", "what is written must be an Int16Array of samples at 8 kHz");
    return this.#outgoing.write(samples);
  }

  clear(): number {
    const clearedMs = this.#outgoing.clear();
    if (!this.#over && this.#talking) this.#cutOff();
    return clearedMs;
  }

  mark(name: string): Promise<MarkEnd> {
    return this.#outgoing.mark(name, this.clock.monotonicMs());
  }

  press(keys: string, onMs = 200): Promise<void> {
    if (!(onMs >= 40 && onMs <= 1250))
      throw new YaytsError("bad-argument", `onMs takes 40 to 1250 milliseconds, not ${String(onMs)}`);
    if (this.#over) return Promise.resolve();
    this.#events ??= createEventSender({ sender: this.#sender, payloadType: telephoneEvent });
    this.#events.press(keys, this.clock.monotonicMs(), onMs * samplesPerMs);
    return new Promise((resolve) => void this.#pressed.push(resolve));
  }

  hear(beatMs: number, missed: number): void {
    const fill = Math.min(missed, maxMissedFrames);
    for (let i = fill; i > 0; i--) this.#deliver(absentFrame(beatMs - i * frameMs));
    this.#outgoing.settleMarks(beatMs);
    this.#deliver(this.#narrow(this.#incoming.take(this.clock.monotonicMs(), beatMs)));
  }

  speak(beatMs: number): void {
    const written = this.#outgoing.take(beatMs);
    if (written) {
      this.#talking = true;
      this.#sender.send(this.#init.codec.encode(this.#rates?.widen.push(written) ?? written), beatMs);
    } else if (this.clock.monotonicMs() - this.#liveMs > silentAfterMs) this.#endTalkspurt();
    this.#tickEvents(beatMs);
    this.#tell(this.#onSent, written, beatMs);
  }

  async close(): Promise<void> {
    this.finish({ kind: "closed" });
    await this.#detached;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends it. The first reason counts. */
  finish(end: AudioEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#leavePacer();
    this.#init.socket.close();
    this.#outgoing.close();
    this.#settlePressed();
    this.#onFrame.clear();
    this.#onLiveFrame.clear();
    this.#onArrival.clear();
    this.#onSent.clear();
    for (const queue of [...this.#queues]) queue.end();
    // The other endings have taken the leg, the engine or the sound away already.
    if (end.kind === "closed" || end.kind === "aborted") this.#detached = this.#init.detach();
    this.#init.left(this);
    this.#settleEnded(end);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#incoming.receive(bytes, this.clock.monotonicMs()) || this.#malformedTold) return;
    this.#malformedTold = true;
    this.#init.log.warn(
      `${this.leg}: the engine sent a datagram that is no packet of this stream; it is dropped`,
    );
  }

  /** What came, for those who listen at 8 kHz. */
  #narrow(frame: AudioFrame): AudioFrame {
    this.#tell(this.#onLiveFrame, frame.samples);
    if (!this.#rates) return frame;
    return { ...frame, samples: this.#rates.narrow.push(frame.samples) };
  }

  #tickEvents(beatMs: number): void {
    this.#events?.tick(beatMs);
    if (this.#events && !this.#events.active) this.#settlePressed();
  }

  #settlePressed(): void {
    for (const resolve of this.#pressed.splice(0)) resolve();
  }

  /**
   * Tells the engine that the silence is meant: without that a playout buffer takes it for a loss, and conceals it for 60 ms.
   * A real YATE ignores the packet (spec/rtp.md §2).
   */
  #endTalkspurt(): void {
    if (!this.#talking) return;
    this.#talking = false;
    this.#sender.sendEvent(
      silentNoise,
      comfortNoise,
      this.#sender.timestampAt(this.clock.monotonicMs()),
      false,
    );
  }

  /**
   * Has the engine discard what it still holds for its playout: that belongs to a source that is gone. One packet of another source
   * may be a stray, the second one in sequence is believed (RFC 3550 A.1); a real YATE, which holds nothing, believes the first.
   */
  #cutOff(): void {
    this.#talking = false;
    const timestamp = this.#sender.timestampAt(this.clock.monotonicMs());
    this.#events?.stop();
    this.#events = undefined;
    this.#settlePressed();
    this.#sender = this.#createSender(this.#nextSequence, timestamp);
    for (let i = 0; i < 2; i++) this.#sender.sendEvent(silentNoise, comfortNoise, timestamp, false);
  }

  #createSender(sequence: number, timestampOffset: number): RtpSender {
    const { codec, socket } = this.#init;
    return createRtpSender({
      ssrc: randomInt(2 ** 32),
      sequence,
      timestampOffset,
      payload: { payloadType: codec.payloadType, format: codec.media },
      talkspurtGapMs,
      transmit: (packet) => {
        this.#nextSequence = ((((packet[2] ?? 0) << 8) | (packet[3] ?? 0)) + 1) & 0xffff;
        this.#packetsSent++;
        socket.send(packet);
      },
    });
  }

  #deliver(frame: AudioFrame): void {
    for (const queue of this.#queues) queue.push(frame);
    this.#tell(this.#onFrame, frame);
  }

  #tell<Args extends readonly unknown[]>(listeners: Set<Listener<Args>>, ...args: Args): void {
    for (const fn of [...listeners]) {
      // One of the others may have closed it.
      if (this.#over) return;
      try {
        fn(...args);
      } catch (error) {
        listeners.delete(fn);
        this.#init.log.error(
          `a listener to the sound of ${this.leg} failed and was taken away: ${errorText(error)}`,
          {
            error,
          },
        );
      }
    }
  }
}

interface Rates {
  readonly narrow: Resampler;
  readonly widen: Resampler;
}

function createRates(): Rates {
  return {
    narrow: createResampler(16_000, 8000),
    widen: createResampler(8000, 16_000),
  };
}

/** What an attachment that this package made has for one who speaks and hears now. */
export function liveAudioOf(audio: AudioAttachment): LiveAudio | undefined {
  return audio instanceof LegAudio ? audio : undefined;
}

function listen<F>(listeners: Set<F>, fn: F): () => void {
  listeners.add(fn);
  return () => void listeners.delete(fn);
}
