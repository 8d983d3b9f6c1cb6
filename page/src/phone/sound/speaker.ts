import { type Signal, signal } from "@preact/signals";
import { connection } from "../../console.ts";
import { audio } from "./context.ts";
import type { SpeakerReport } from "./worklet-messages.ts";

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
  // Frames come from the socket's thread, past this one.
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(port1, [port1]);
  connection.playAt(port2);
});
