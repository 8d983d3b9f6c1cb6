import type { MicFrame } from "../../socket/socket-messages.ts";
import { createFrameCutter } from "../sound/frame-cutter.ts";
import { contextRateHz } from "../sound/worklet-messages.ts";

declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(
  name: string,
  processor: new (options: { readonly processorOptions: { readonly rateHz: 8000 | 16_000 } }) => unknown,
): void;

/** Gives what the microphone hears in frames of 20 ms. */
class Mic extends AudioWorkletProcessor {
  readonly #cutter: ReturnType<typeof createFrameCutter>;

  constructor({ processorOptions }: { readonly processorOptions: { readonly rateHz: 8000 | 16_000 } }) {
    super();
    let frames: MessagePort | undefined;
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      frames = data;
    };
    this.#cutter = createFrameCutter(
      contextRateHz,
      processorOptions.rateHz,
      ({ samples, position, peak }) => {
        this.port.postMessage(peak);
        const frame: MicFrame = { samples, position };
        frames?.postMessage(frame, [samples.buffer]);
      },
    );
  }

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const channel = input?.[0];
    if (channel) this.#cutter.push(channel);
    return true;
  }
}

registerProcessor("mic", Mic);
