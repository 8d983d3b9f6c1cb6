import type { LineView } from "../../../src/console/protocol.ts";

/** How a line stands, in words. */
export function lineState(line: LineView, selected: boolean): string {
  switch (line.state) {
    case "calling":
      return "calling";
    case "ringing":
      return line.direction === "incoming" ? "rings here" : "rings there";
    case "early":
      return "not answered yet, sound already comes";
    case "answered":
      return line.held ? "on hold" : selected ? "talking" : "waits";
    case "ended":
      return line.why || "over";
  }
}

/** The colour of its light. */
export function lineTone(line: LineView): "good" | "warn" | undefined {
  if (line.state === "ended") return undefined;
  return line.state === "answered" && !line.held ? "good" : "warn";
}
