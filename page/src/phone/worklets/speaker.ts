import { createResampler, type Resampler } from "../../../../src/media/index.ts";
import type { SpeakerFrame } from "../../socket/socket-messages.ts";
import { createPlayoutBuffer } from "../sound/playout-buffer.ts";
import { contextRateHz, type SpeakerReport } from "../sound/worklet-messages.ts";

declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: new () => unknown): void;

/** Blocks of 128 samples between two reports: a tenth of a second. */
const reportBlocks = 25;

/** Plays what the console sends. */
class Speaker extends AudioWorkletProcessor {
  readonly #buffer = createPlayoutBuffer(contextRateHz);
  #resampler: Resampler = createResampler(8000, contextRateHz);
  #rateHz = 8000;
  #expected = -1;
  #blocks = 0;
  #depth = 0;
  #peak = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data: frames }: MessageEvent<MessagePort>) => {
      frames.onmessage = ({ data }: MessageEvent<SpeakerFrame>) => this.#take(data);
    };
  }

  #take({ rateHz, position, samples }: SpeakerFrame): void {
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#resampler = createResampler(rateHz, contextRateHz);
    }
    const contiguous = position === this.#expected;
    this.#expected = (position + samples.length) >>> 0;
    this.#buffer.push(this.#resampler.push(samples), contiguous);
  }

  process(_inputs: unknown, [output]: Float32Array[][]): boolean {
    const [first, ...others] = output ?? [];
    if (!first) return true;
    this.#buffer.pull(first);
    for (const other of others) other.set(first);
    for (const value of first) this.#peak = Math.max(this.#peak, Math.abs(value));
    this.#depth += this.#buffer.depthMs;
    if (++this.#blocks === reportBlocks) this.#report();
    return true;
  }

  #report(): void {
    const { late, marginMs } = this.#buffer.figures;
    const report: SpeakerReport = { depthMs: this.#depth / this.#blocks, late, marginMs, peak: this.#peak };
    this.port.postMessage(report);
    this.#blocks = 0;
    this.#depth = 0;
    this.#peak = 0;
  }
}

registerProcessor("speaker", Speaker);
