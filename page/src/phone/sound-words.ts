import type { SoundState } from "./sound/context.ts";
import type { Latency } from "./sound/latency.ts";
import type { MicState } from "./sound/microphone.ts";

/** What is wrong with the microphone, and what to do; undefined while nothing is. */
export function micWords(state: MicState): string | undefined {
  switch (state) {
    case "refused":
      return "The browser may not use the microphone: you hear, but nobody hears you. Allow it beside the address.";
    case "missing":
      return "There is no microphone: you hear, but nobody hears you. A file or a tone can speak for you.";
    case "failed":
      return "The microphone gives nothing; another program may hold it. You still hear.";
    case "asking":
    case "off":
    case "on":
      return undefined;
  }
}

/** What a delay consists of, a part on each line. */
export function delayWords({ hearMs, hearing }: Pick<Latency, "hearMs" | "hearing">): string {
  const parts = hearing.map(({ what, ms }) => `${what} ${Math.round(ms)} ms`);
  return [`Heard ${Math.round(hearMs)} ms late:`, ...parts].join("\n");
}

/** Why nothing is heard, and what to do. */
export function soundWords(state: SoundState): string | undefined {
  switch (state) {
    case "waiting":
      return "Click to hear: the browser starts no sound by itself";
    case "insecure":
      return "No sound at this address: browsers want https, or 127.0.0.1";
    case "missing":
      return "This browser cannot play a call's sound";
    case "on":
      return undefined;
  }
}
