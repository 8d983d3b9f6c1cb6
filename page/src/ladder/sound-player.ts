import { type Signal, signal } from "@preact/signals";
import type { CallSound } from "./call-sound.ts";

/** Plays kept sound: what the channel said at the left, what it heard at the right. */
export class SoundPlayer {
  readonly playing: Signal<boolean> = signal(false);
  #context: AudioContext | undefined;
  #source: AudioBufferSourceNode | undefined;

  /** @param onTime told where it is, until it stops or ends */
  play({ startMs, rateHz, said, heard }: CallSound, fromMs: number, onTime: (atMs: number) => void): void {
    this.stop();
    const length = Math.max(said.length, heard.length);
    this.#context ??= new AudioContext();
    const context = this.#context;
    void context.resume();
    const buffer = context.createBuffer(2, length, rateHz);
    buffer.copyToChannel(said, 0);
    buffer.copyToChannel(heard, 1);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const offset = Math.min(Math.max(0, (fromMs - startMs) / 1000), Math.max(0, buffer.duration - 0.05));
    source.start(0, offset);
    const since = context.currentTime - offset;
    this.#source = source;
    this.playing.value = true;
    source.onended = () => {
      if (this.#source === source) this.stop();
    };
    const tick = (): void => {
      if (this.#source !== source) return;
      onTime(startMs + (context.currentTime - since) * 1000);
      requestAnimationFrame(tick);
    };
    tick();
  }

  stop(): void {
    const source = this.#source;
    this.#source = undefined;
    this.playing.value = false;
    source?.stop();
  }

  close(): void {
    this.stop();
    void this.#context?.close();
    this.#context = undefined;
  }
}
