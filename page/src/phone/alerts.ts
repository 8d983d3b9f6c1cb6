import { computed, effect, untracked } from "@preact/signals";
import { activeLine, ringingLine, talkingLine } from "./phone-state.ts";
import { audio, setOutput, startAudio } from "./sound/context.ts";
import { speakInto } from "./sound/microphone.ts";
import { settings } from "./sound/settings.ts";
import { beep, repeat } from "./sound/tones.ts";

const title = "yayts";

/** Two soft chords, as often as a phone rings. */
function ring(context: AudioContext, to: AudioNode): void {
  for (const [index, after] of [0, 0.22, 0.44, 0.66].entries())
    beep(context, to, index % 2 ? [784, 988] : [659, 784], after, 0.2, 0.09);
}

/** As most of Europe has it: 425 Hz for a second, every five. */
function ringback(context: AudioContext, to: AudioNode): void {
  beep(context, to, [425], 0, 1, 0.05);
}

/** A context of its own, for a ring at another device than the call. */
let ringContext: AudioContext | undefined;

function ringSomewhere(context: AudioContext, out: AudioNode): void {
  const { ring: device, output } = settings.value;
  if (device === "" || device === output) {
    ring(context, out);
    return;
  }
  ringContext ??= new AudioContext();
  setOutput(ringContext, device);
  ring(ringContext, ringContext.destination);
}

/** Ringing, ringback, the title of the page, and which line has the microphone: what follows from the lines by itself. */
export function startAlerts(): void {
  const ringing = computed(() => ringingLine.value?.line);
  effect(() => {
    const line = ringing.value;
    // Not over a call that one listens to: a short tone says enough.
    if (line === undefined) return undefined;
    const busy = activeLine.peek();
    if (busy && busy.line !== line)
      return untracked(() => repeat(6000, (context, out) => beep(context, out, [659], 0, 0.15, 0.04)));
    return untracked(() => repeat(3000, ringSomewhere));
  });
  const waiting = computed(
    () => activeLine.value?.direction === "outgoing" && activeLine.value.state === "ringing",
  );
  effect(() => {
    const waits = waiting.value;
    return waits ? untracked(() => repeat(5000, ringback)) : undefined;
  });
  const caller = computed(
    () => ringingLine.value && (ringingLine.value.otherName || ringingLine.value.other),
  );
  effect(() => {
    if (caller.value === undefined) {
      document.title = activeLine.value ? `${activeLine.value.other} · ${title}` : title;
      return undefined;
    }
    const words = `☎ ${caller.value}`;
    let on = false;
    const flash = (): void => {
      on = !on;
      document.title = on ? words : title;
    };
    flash();
    const timer = setInterval(flash, 1000);
    return () => clearInterval(timer);
  });
  effect(() => {
    const line = talkingLine.value;
    untracked(() => speakInto(line));
  });
  effect(() => {
    // After a reload in the middle of a call: the browser may let sound go on, or ask for a click.
    if (talkingLine.value !== undefined && !audio.value) void startAudio();
  });
}
