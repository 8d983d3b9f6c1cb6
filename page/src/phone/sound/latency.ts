import { computed, type ReadonlySignal } from "@preact/signals";
import { connection } from "../../console.ts";
import { selectedLine } from "../phone-state.ts";
import { audio, soundState } from "./context.ts";
import { micLatencyMs, micState } from "./microphone.ts";
import { speakerReport } from "./speaker.ts";

/** A part of the way, and what it takes. */
export interface DelayPart {
  readonly what: string;
  readonly ms: number;
}

/** Where the time goes between the engine and the ear, and between the mouth and the engine, in milliseconds. */
export interface Latency {
  /** On the way to the ear. */
  readonly hearing: readonly DelayPart[];
  /** From the mouth, as far as it is known. */
  readonly saying: readonly DelayPart[];
  readonly hearMs: number;
  readonly sayMs: number | undefined;
}

/** Measured as far as anything tells: what the sound card itself takes is the browser's word. */
export const latency: ReadonlySignal<Latency | undefined> = computed(() => {
  const line = selectedLine.value;
  const context = audio.value?.context;
  if (!line?.sound || !context || line.state === "ended" || soundState.value !== "on") return undefined;
  const network = (connection.roundTripMs.value ?? 0) / 2;
  const engine = line.sound.delayMs;
  const buffer = speakerReport.value.depthMs;
  const output = 1000 * (context.baseLatency + (context.outputLatency || 0));
  const mic = micState.value === "on" ? frameMs + (micLatencyMs.value ?? 0) : undefined;
  return {
    hearing: [
      { what: "engine to console", ms: engine },
      { what: "console to page", ms: network },
      { what: "waiting to be played", ms: buffer },
      { what: "loudspeaker", ms: output },
    ],
    saying: mic === undefined ? [] : [{ what: "microphone", ms: mic }],
    hearMs: engine + network + buffer + output,
    sayMs: mic === undefined ? undefined : mic + network,
  };
});

/** A frame goes out when it is whole. */
const frameMs = 20;
