import { type Signal, signal } from "@preact/signals";
import { settings } from "./settings.ts";
import { contextRateHz } from "./worklet-messages.ts";

/**
 * Whether the page can make sound. `waiting`: the browser wants a click first. `insecure`: it makes none at this address, because
 * that is neither https nor this machine. `missing`: it cannot at all.
 */
export type SoundState = "waiting" | "on" | "insecure" | "missing";

export const soundState: Signal<SoundState> = signal(
  !window.isSecureContext ? "insecure" : typeof AudioWorkletNode === "undefined" ? "missing" : "waiting",
);

/** What the page's audio is made with; undefined until it has been started. */
export interface Audio {
  readonly context: AudioContext;
  /** Before the loudspeaker: all that is heard goes there. */
  readonly out: GainNode;
}

type WithSink = AudioContext & { setSinkId?(id: string): Promise<void> };

let starting: Promise<Audio | undefined> | undefined;
export const audio: Signal<Audio | undefined> = signal(undefined);

/** Whether the device that plays can be chosen here. */
export const choosesOutput: boolean =
  typeof AudioContext !== "undefined" && "setSinkId" in AudioContext.prototype;

/** Starts sound, or wakes it. Call it from a click or a key: browsers make no sound before. Undefined where there is none. */
export async function startAudio(): Promise<Audio | undefined> {
  if (soundState.value === "insecure" || soundState.value === "missing") return undefined;
  starting ??= make();
  const made = await starting;
  if (made && made.context.state !== "running") await wake(made.context);
  return made;
}

/** `resume` of a browser that waits for a click settles only then. */
async function wake(context: AudioContext): Promise<void> {
  await Promise.race([context.resume().catch(() => {}), new Promise((done) => setTimeout(done, 300))]);
  note(context);
}

function note(context: AudioContext): void {
  soundState.value = context.state === "running" ? "on" : "waiting";
}

async function make(): Promise<Audio | undefined> {
  try {
    const context = new AudioContext({ sampleRate: contextRateHz, latencyHint: 0 });
    context.onstatechange = () => note(context);
    await Promise.all([
      context.audioWorklet.addModule("./speaker.js"),
      context.audioWorklet.addModule("./mic.js"),
    ]);
    const out = context.createGain();
    out.connect(context.destination);
    settings.subscribe(({ volume, output }) => {
      out.gain.value = volume;
      setOutput(context, output);
    });
    audio.value = { context, out };
    return audio.value;
  } catch {
    soundState.value = "missing";
    return undefined;
  }
}

/** Plays at a device; one that has gone is as good as none chosen. */
export function setOutput(context: AudioContext, device: string): void {
  (context as WithSink).setSinkId?.(device).catch(() => {});
}

/** The first click or key anywhere is enough. */
for (const event of ["pointerdown", "keydown"] as const)
  addEventListener(event, () => void (soundState.value === "on" || startAudio()), { capture: true });
