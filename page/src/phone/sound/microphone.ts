import { effect, type Signal, signal, untracked } from "@preact/signals";
import { connection } from "../../console.ts";
import { audio, startAudio } from "./context.ts";
import { type SoundSettings, settings } from "./settings.ts";

/** `failed`: there is one, but it gives nothing; another program may hold it. */
export type MicState = "off" | "asking" | "on" | "refused" | "missing" | "failed";

export const micState: Signal<MicState> = signal("off");
export const muted: Signal<boolean> = signal(false);
/** How loud the microphone is, 0…1. */
export const micPeak: Signal<number> = signal(0);
/** What the microphone itself takes, as far as the browser tells. */
export const micLatencyMs: Signal<number | undefined> = signal(undefined);

let line: number | undefined;
let stop: (() => void) | undefined;
let attempt = 0;

/** The line that the microphone speaks into; undefined for none. The first one turns it on. */
export function speakInto(wanted: number | undefined): void {
  if (line === wanted) return;
  line = wanted;
  connection.speakInto(wanted, muted.value);
  if (wanted === undefined) turnOff();
  else if (micState.value === "off" || micState.value === "failed") void turnOn();
}

/** Asks for the microphone; how that went is told by {@link micState}. */
export async function turnOn(): Promise<void> {
  const mine = ++attempt;
  const { mediaDevices } = navigator;
  if (!mediaDevices?.getUserMedia) {
    micState.value = "missing";
    return;
  }
  micState.value = "asking";
  try {
    const chosen = settings.value;
    const stream = await mediaDevices.getUserMedia({ audio: constraints(chosen) });
    const made = await startAudio();
    if (mine !== attempt || !made) return end(stream);
    stop?.();
    stop = connect(stream, made.context, chosen.rateHz);
    micState.value = "on";
  } catch (error) {
    if (mine === attempt) micState.value = stateAfter(error);
  }
}

function turnOff(): void {
  attempt++;
  stop?.();
  stop = undefined;
  micPeak.value = 0;
  if (micState.value === "on" || micState.value === "asking") micState.value = "off";
}

function stateAfter(error: unknown): MicState {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "failed";
}

function constraints(chosen: SoundSettings): MediaTrackConstraints {
  const { input, echoCancellation, noiseSuppression, autoGainControl } = chosen;
  return {
    ...(input ? { deviceId: { ideal: input } } : {}),
    channelCount: 1,
    echoCancellation,
    noiseSuppression,
    autoGainControl,
  };
}

function connect(stream: MediaStream, context: AudioContext, rateHz: 8000 | 16_000): () => void {
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "mic", {
    numberOfOutputs: 0,
    processorOptions: { rateHz },
  });
  node.port.onmessage = ({ data: peak }: MessageEvent<number>) => {
    micPeak.value = muted.value ? 0 : peak;
  };
  // Frames go to the socket's thread, past this one.
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(port1, [port1]);
  connection.listenTo(port2, rateHz);
  source.connect(node);
  const [track] = stream.getAudioTracks();
  const { latency } = (track?.getSettings() ?? {}) as { latency?: number };
  micLatencyMs.value = latency === undefined ? undefined : latency * 1000;
  track?.addEventListener("ended", () => {
    micState.value = "failed";
  });
  return () => {
    node.port.onmessage = null;
    source.disconnect();
    node.disconnect();
    end(stream);
  };
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

// Other settings of the microphone while it is on: take it anew with them.
let before = settings.value;
effect(() => {
  const now = settings.value;
  const names = ["rateHz", "input", "echoCancellation", "noiseSuppression", "autoGainControl"] as const;
  const other = names.some((name) => now[name] !== before[name]);
  before = now;
  if (other && untracked(() => micState.value === "on" && audio.value)) void turnOn();
});

muted.subscribe((is) => connection.speakInto(line, is));
