import { type Signal, signal } from "@preact/signals";
import type { SoundFrame } from "../../../../src/console/protocol.ts";
import { connection } from "../../console.ts";
import { audio } from "./context.ts";
import type { SpeakerFrame, SpeakerReport } from "./worklet-messages.ts";

/** Of the loudspeaker: how loud, and what waits to be played. */
export const speakerReport: Signal<SpeakerReport> = signal({ depthMs: 0, late: 0, marginMs: 0, peak: 0 });

let node: AudioWorkletNode | undefined;

audio.subscribe((made) => {
  if (!made || node) return;
  node = new AudioWorkletNode(made.context, "speaker", { numberOfInputs: 0, outputChannelCount: [1] });
  node.port.onmessage = ({ data }: MessageEvent<SpeakerReport>) => {
    speakerReport.value = data;
  };
  node.connect(made.out);
});

connection.onSound(({ rateHz, position, samples }: SoundFrame) => {
  const frame: SpeakerFrame = { rateHz, position, samples };
  node?.port.postMessage(frame, [samples.buffer]);
});
