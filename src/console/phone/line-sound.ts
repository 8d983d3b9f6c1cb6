import { type AudioAttachment, type AudioFigures, type LiveAudio, liveAudioOf } from "../../call/index.ts";
import type { LineSound as LineSoundView, SoundFrame } from "../protocol.ts";
import { Microphone } from "./microphone.ts";

/** Samples of 20 ms at 8 kHz. */
const frameSamples = 160;
/** Louder than this is no silence. */
const soundPeak = 200;

/** What comes of a line's sound. */
export interface SoundListener {
  /** 20 ms of what the other side says; `position` counts the samples of the line, `heldMs` is how long they waited. */
  hear(samples: Int16Array, position: number, rateHz: 8000 | 16_000, heldMs: number): void;
  /** As much as that of what goes out to it. */
  said(samples: Int16Array, rateHz: 8000 | 16_000): void;
  /** The first time that there is more than silence. */
  begun(): void;
}

/**
 * The sound of one line: what the attachment hears goes to the page, and what the page says goes out at once, or, while there is any, what is
 * said in its place: tones and files, by the beat of the attachment.
 */
export class LineSound {
  readonly #listener: SoundListener;
  #microphone: Microphone = new Microphone();
  #audio: LiveAudio | undefined;
  #forget: () => void = () => {};
  /** Said in place of the microphone: tones first. */
  #tones: Int16Array = new Int16Array(0);
  #said: Int16Array = new Int16Array(0);
  #position = 0;
  #begun = false;
  #speaks = false;
  #direct = false;
  #nextTimestamp: number | undefined;

  constructor(listener: SoundListener) {
    this.#listener = listener;
  }

  get audio(): LiveAudio | undefined {
    return this.#audio;
  }

  /** Whether what the page says goes out. */
  get speaks(): boolean {
    return this.#speaks;
  }

  set speaks(speaks: boolean) {
    if (speaks === this.#speaks) return;
    this.#speaks = speaks;
    this.#tones = new Int16Array(0);
    this.#said = new Int16Array(0);
  }

  get figures(): LineSoundView | undefined {
    return this.#audio && viewOf(this.#audio.figures, this.#direct);
  }

  /**
   * Whether packets go to the page as they come, which has a playout buffer of its own: for a way to the engine that loses none and
   * keeps their order. Otherwise the attachment plays them out first, and conceals what was lost.
   */
  set direct(direct: boolean) {
    this.#direct = direct;
    this.#nextTimestamp = undefined;
  }

  attach(audio: AudioAttachment): void {
    this.detach();
    const live = liveAudioOf(audio);
    if (!live) return;
    this.#audio = live;
    if (this.#microphone.rateHz !== live.rateHz) this.#microphone = new Microphone(live.rateHz);
    const forget = [
      live.onArrival((samples, timestamp) => this.#arrive(live, samples, timestamp)),
      live.onLiveFrame((samples) => this.#beat(live, samples)),
    ];
    this.#forget = () => {
      for (const fn of forget) fn();
    };
  }

  detach(): void {
    this.#forget();
    this.#forget = () => {};
    this.#audio = undefined;
  }

  /** Takes what the page's microphone says. */
  push(frame: SoundFrame): void {
    const audio = this.#audio;
    if (!this.#speaks || !audio) return;
    const { samples, atMs } = this.#microphone.take(frame, audio.clock.monotonicMs());
    // The last frame of a file may wait for its beat: nothing goes before it.
    if (this.#tones.length > 0 || this.#said.length > 0 || audio.queuedMs > 0) return;
    this.#listener.said(samples, audio.rateHz);
    audio.sayNow(samples, atMs);
  }

  /** Says this in place of the microphone, after what is being said so. */
  say(samples: Int16Array): void {
    this.#said = join(this.#said, samples);
  }

  /** The same before everything else. */
  sound(tones: Int16Array): void {
    this.#tones = join(this.#tones, tones);
  }

  #arrive(audio: LiveAudio, samples: Int16Array, timestamp: number): void {
    if (!this.#direct) return;
    const skipped = this.#nextTimestamp === undefined ? 0 : (timestamp - this.#nextTimestamp) | 0;
    // One that was overtaken, as never happens within a machine.
    if (skipped < 0 && skipped > -audio.rateHz) return;
    this.#nextTimestamp = (timestamp + samples.length) >>> 0;
    this.#position = (this.#position + Math.max(0, skipped)) >>> 0;
    // The page takes 20 ms at a time; other engines may send otherwise.
    const frame = audio.rateHz / 50;
    for (let at = 0; at + frame <= samples.length; at += frame)
      this.#hear(audio, samples.subarray(at, at + frame), 0);
  }

  #beat(audio: LiveAudio, samples: Int16Array): void {
    if (!this.#direct) this.#hear(audio, samples, audio.figures.playoutDelayMs);
    const instead = this.#speaks ? this.#next() : undefined;
    if (!instead) return;
    this.#listener.said(instead, 8000);
    void audio.write(instead);
  }

  #hear(audio: LiveAudio, samples: Int16Array, heldMs: number): void {
    if (!this.#begun && samples.some((sample) => Math.abs(sample) > soundPeak)) {
      this.#begun = true;
      this.#listener.begun();
    }
    this.#listener.hear(samples, this.#position, audio.rateHz, heldMs);
    this.#position = (this.#position + samples.length) >>> 0;
  }

  /** What is said in place of the microphone, at 8 kHz. */
  #next(): Int16Array | undefined {
    if (this.#tones.length > 0) {
      const frame = this.#tones.slice(0, frameSamples);
      this.#tones = this.#tones.slice(frameSamples);
      return frame;
    }
    if (this.#said.length > 0) {
      const frame = this.#said.slice(0, frameSamples);
      this.#said = this.#said.subarray(frameSamples);
      return frame;
    }
    return undefined;
  }
}

function join(one: Int16Array, other: Int16Array): Int16Array {
  const joined = new Int16Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}

function viewOf(figures: AudioFigures, direct: boolean): LineSoundView {
  return {
    received: figures.packetsReceived,
    lost: figures.lost,
    late: figures.late,
    jitterMs: Math.round(figures.jitterMs * 10) / 10,
    delayMs: direct ? 0 : Math.round(figures.playoutDelayMs * 10) / 10,
    sent: figures.packetsSent,
  };
}
