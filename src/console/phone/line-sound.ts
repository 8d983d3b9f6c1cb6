import { type AudioAttachment, type AudioFigures, type WideAudio, wideAudioOf } from "../../call/index.ts";
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
 * The sound of one line: what the attachment hears goes to the page, and what the page says goes out, or, while there is any, what is
 * said in its place: tones and files. The beat is the attachment's.
 */
export class LineSound {
  readonly #listener: SoundListener;
  #microphone: Microphone = new Microphone();
  #audio: AudioAttachment | undefined;
  #forget: () => void = () => {};
  /** Said in place of the microphone: tones first. */
  #tones: Int16Array = new Int16Array(0);
  #said: Int16Array = new Int16Array(0);
  #position = 0;
  #begun = false;
  #speaks = false;

  constructor(listener: SoundListener) {
    this.#listener = listener;
  }

  get audio(): AudioAttachment | undefined {
    return this.#audio;
  }

  /** Whether what the page says goes out. */
  get speaks(): boolean {
    return this.#speaks;
  }

  set speaks(speaks: boolean) {
    if (speaks === this.#speaks) return;
    this.#speaks = speaks;
    this.#microphone.clear();
    this.#tones = new Int16Array(0);
    this.#said = new Int16Array(0);
  }

  get figures(): LineSoundView | undefined {
    return this.#audio && viewOf(this.#audio.figures);
  }

  attach(audio: AudioAttachment): void {
    this.detach();
    this.#audio = audio;
    const wide = wideAudioOf(audio);
    if (this.#microphone.rateHz !== (wide ? 16_000 : 8000))
      this.#microphone = new Microphone(wide ? 16_000 : 8000);
    this.#forget = wide
      ? wide.onWideFrame((samples) => this.#beat(audio, wide, samples))
      : audio.onFrame(({ samples }) => this.#beat(audio, undefined, samples));
  }

  detach(): void {
    this.#forget();
    this.#forget = () => {};
    this.#audio = undefined;
  }

  /** Takes what the page's microphone says. */
  push(frame: SoundFrame): void {
    if (this.#speaks && this.#audio) this.#microphone.push(frame);
  }

  /** Says this in place of the microphone, after what is being said so. */
  say(samples: Int16Array): void {
    this.#said = join(this.#said, samples);
  }

  /** The same before everything else. */
  sound(tones: Int16Array): void {
    this.#tones = join(this.#tones, tones);
  }

  #beat(audio: AudioAttachment, wide: WideAudio | undefined, samples: Int16Array): void {
    if (!this.#begun && samples.some((sample) => Math.abs(sample) > soundPeak)) {
      this.#begun = true;
      this.#listener.begun();
    }
    this.#listener.hear(samples, this.#position, this.#microphone.rateHz, audio.figures.playoutDelayMs);
    this.#position = (this.#position + samples.length) >>> 0;
    if (!this.#speaks) return;
    // The microphone goes on while something else is said: it is not to be late afterwards.
    const live = this.#microphone.pull();
    const instead = this.#next();
    if (instead) this.#listener.said(instead, 8000);
    else if (live) this.#listener.said(live, this.#microphone.rateHz);
    if (instead) void audio.write(instead);
    else if (live && wide) wide.sayWide(live);
    else if (live) void audio.write(live);
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

function viewOf(figures: AudioFigures): LineSoundView {
  return {
    received: figures.packetsReceived,
    lost: figures.lost,
    late: figures.late,
    jitterMs: Math.round(figures.jitterMs * 10) / 10,
    delayMs: Math.round(figures.playoutDelayMs * 10) / 10,
    sent: figures.packetsSent,
  };
}
