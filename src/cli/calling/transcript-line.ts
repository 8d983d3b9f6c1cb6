import { describeCallEvent } from "../../testing/index.ts";
import type { Style } from "../style.ts";
import type { TranscriptEvent } from "./listening-caller.ts";

/** Writes the events of a call as lines: time since its start, time of the step, what happened. */
export function createTranscriptPrinter(
  style: Style,
  print: (line: string) => void,
): (event: TranscriptEvent) => void {
  let beforeMs = 0;
  return (event) => {
    const step = Math.max(0, event.atMs - beforeMs);
    beforeMs = event.atMs;
    const time = `${(event.atMs / 1000).toFixed(3)} s`.padStart(10);
    const took = (step >= 10_000 ? `+${(step / 1000).toFixed(1)} s` : `+${step} ms`).padStart(9);
    print(`${style.dim(`${time} ${took}`)}  ${colourOf(event, style)(describe(event))}`);
  };
}

function describe(event: TranscriptEvent): string {
  return event.kind === "heard"
    ? `heard ${event.name} (${Math.round(event.score * 100)} % alike)`
    : describeCallEvent(event);
}

function colourOf({ kind }: TranscriptEvent, style: Style): (text: string) => string {
  switch (kind) {
    case "heard":
      return style.green;
    case "key-sent":
    case "key-received":
      return style.yellow;
    case "answered":
      return style.cyan;
    case "failed":
      return style.red;
    case "hungup":
    case "disconnected":
      return style.magenta;
    case "placed":
    case "routed":
    case "ringing":
    case "progress":
    case "connected":
    case "playing":
      return (text) => text;
  }
}
