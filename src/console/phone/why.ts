import type { CallFailure, HangUp, TransferEnd } from "../../call/index.ts";

/** The engine's words (spec/calls.md §3), for people. */
const words: Readonly<Record<string, string>> = {
  busy: "busy",
  cancelled: "you hung up",
  congestion: "the network is congested",
  forbidden: "rejected: that is forbidden",
  "bad-argument": "there is no such number",
  incomplete: "the number is incomplete",
  looping: "the call went in circles",
  noanswer: "no answer",
  noauth: "rejected: it wants a password",
  noconn: "it could not be reached",
  nomedia: "no sound that both sides understand",
  noroute: "nobody took the number",
  offline: "nobody is at that phone",
  pickup: "answered elsewhere",
  rejected: "rejected",
  timeout: "no answer in time",
  transferred: "transferred",
  unallocated: "there is no such number",
};

/** How a call that did not come about is told. */
export function whyNoCall({ kind, reason, code }: CallFailure): string {
  const text = words[reason] ?? (kind === "failed" ? reason || "it failed" : words[kind]);
  const told = reason && reason !== kind && !words[reason] && kind !== "failed" ? `${text}: ${reason}` : text;
  return withCode(told ?? kind, code);
}

/** How a call that is over is told. */
export function whyOver({ by, reason, code }: HangUp, answered: boolean): string {
  if (by === "engine") return reason || "the engine ended it";
  if (by === "app") return reason === "transferred" ? "transferred" : "you hung up";
  const plain = reason === "" || reason === "hangup";
  if (plain) return answered ? "they hung up" : "they gave up";
  return withCode(words[reason] ?? reason, code);
}

/** How a transfer ended. */
export function outcomeOf(end: TransferEnd): string {
  switch (end.kind) {
    case "transferred":
      return "transferred";
    case "hangup":
      return `not transferred: ${end.by === "party" ? "they hung up" : end.reason || "the call is over"}`;
    case "failed":
      return `not transferred: ${"reason" in end ? whyNoCall(end) : end.error.message}`;
    default:
      return `not transferred: ${whyNoCall(end)}`;
  }
}

function withCode(text: string, code: number | undefined): string {
  return code ? `${text} (${code})` : text;
}
