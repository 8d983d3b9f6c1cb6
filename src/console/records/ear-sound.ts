import type { Clock } from "../../base/index.ts";
import { bytesOf, createTranslator, slinToAlaw, type Translator } from "../../media/index.ts";
import type { Ear } from "../phone/ear.ts";
import { Arrivals, type PlacedSound } from "./arrivals.ts";
import { type ChannelSound, maxKeptMs } from "./channel-sound.ts";

/** What ears need. */
export interface EarHost {
  readonly clock: Clock;
  /** Gives an ear to a phone, if the channel is one's. Returns the way to take it away. */
  readonly listen: (channel: string, ear: Ear) => (() => void) | undefined;
  /** Whether there is room for more. */
  readonly mayGrow: () => boolean;
}

/** Sound of a phone of this console: its very frames, at their times. */
export class EarSound implements ChannelSound, Ear {
  readonly channel: string;
  readonly startMs: number;
  readonly #fromMs: number;
  readonly #host: EarHost;
  readonly #said = new Track();
  readonly #heard = new Track();
  #detach: (() => void) | undefined;

  constructor(channel: string, host: EarHost) {
    this.channel = channel;
    this.#host = host;
    this.startMs = host.clock.now();
    this.#fromMs = host.clock.monotonicMs();
  }

  /** Returns whether the channel is one of a phone that can be heard. */
  listen(): boolean {
    this.#detach ??= this.#host.listen(this.channel, this);
    return this.#detach !== undefined;
  }

  get bytes(): number {
    return this.#said.length + this.#heard.length;
  }

  said(samples: Int16Array, rateHz: 8000 | 16_000): void {
    this.#take(this.#said, samples, rateHz);
  }

  heard(samples: Int16Array, rateHz: 8000 | 16_000, agoMs: number): void {
    this.#take(this.#heard, samples, rateHz, agoMs);
  }

  read(): Promise<{ readonly said: PlacedSound; readonly heard: PlacedSound }> {
    return Promise.resolve({ said: this.#said.place(this.#fromMs), heard: this.#heard.place(this.#fromMs) });
  }

  resume(): Promise<void> {
    this.listen();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#detach?.();
    this.#detach = undefined;
    return Promise.resolve();
  }

  delete(): Promise<void> {
    return this.stop();
  }

  #take(track: Track, samples: Int16Array, rateHz: 8000 | 16_000, agoMs = 0): void {
    const nowMs = this.#host.clock.monotonicMs();
    if (nowMs - this.#fromMs < maxKeptMs && this.#host.mayGrow()) track.push(samples, rateHz, nowMs - agoMs);
  }
}

/** One direction. */
class Track {
  readonly #arrivals = new Arrivals();
  readonly #narrow: Translator | undefined = createTranslator("slin/16000", "alaw");
  #bytes = new Uint8Array(1 << 14);

  get length(): number {
    return this.#arrivals.count;
  }

  push(samples: Int16Array, rateHz: 8000 | 16_000, atMs: number): void {
    const sound =
      rateHz === 16_000 && this.#narrow ? this.#narrow.translate(bytesOf(samples)) : slinToAlaw(samples);
    const end = this.length + sound.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(sound, this.length);
    this.#arrivals.note(end, atMs);
  }

  place(fromMs: number): PlacedSound {
    return this.#arrivals.place(this.#bytes.subarray(0, this.length), fromMs, maxKeptMs);
  }
}
