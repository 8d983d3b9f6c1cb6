import type { CallView } from "../../../src/console/protocol.ts";
import type { IconName } from "../parts/icon.tsx";
import { clockWords, lengthWords } from "../parts/time-words.ts";

export interface CallLook {
  readonly icon: IconName;
  readonly word: string;
  readonly tone: "good" | "warn" | "bad" | "info" | "";
}

const living = {
  new: { icon: "phone", word: "new", tone: "info" },
  routing: { icon: "right", word: "routing", tone: "info" },
  ringing: { icon: "phone", word: "ringing", tone: "warn" },
  answered: { icon: "phone", word: "talking", tone: "good" },
} as const satisfies Record<Exclude<CallView["state"], "ended">, CallLook>;

/** Ends that nobody needs to look into. */
const ordinary: ReadonlySet<string> = new Set(["", "hangup", "normal", "normal-clearing"]);

/** How a call is, by an icon, a word and a colour. */
export function callLook({ state, reason, answeredMs, errors }: CallView): CallLook {
  if (state !== "ended") return living[state];
  if (errors > 0) return { icon: "warning", word: reason || "error", tone: "bad" };
  if (answeredMs !== undefined)
    return { icon: "hangup", word: ordinary.has(reason) ? "ended" : reason, tone: "" };
  return {
    icon: "close",
    word: ordinary.has(reason) ? "not answered" : reason,
    tone: reason === "busy" ? "warn" : "bad",
  };
}

/** How long it has been or was: talking, or else trying. */
export function callLength({ state, startedMs, answeredMs, endedMs }: CallView, nowMs: number): string {
  return lengthWords(
    (state === "ended" ? (endedMs ?? startedMs) : Math.max(nowMs, startedMs)) - (answeredMs ?? startedMs),
  );
}

/** When, how long and how it ended, in one line. */
export function callSentence(call: CallView): string {
  const date = new Date(call.startedMs);
  const day = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  const parts = [`${day} ${clockWords(call.startedMs)}`];
  if (call.answeredMs !== undefined)
    parts.push(`answered after ${((call.answeredMs - call.startedMs) / 1000).toFixed(1)} s`);
  if (call.endedMs !== undefined) {
    parts.push(`${lengthWords(call.endedMs - call.startedMs)} in all`);
    parts.push(call.reason ? `ended: ${call.reason}` : "ended");
  } else parts.push(call.state);
  if (call.keys) parts.push(`keys ${call.keys}`);
  return parts.join(", ");
}
