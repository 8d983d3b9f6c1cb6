import type { CallView } from "../../../src/console/protocol.ts";

/** Live calls first, those of each kind the latest first; each once, what was told last wins over what was asked before. */
export function orderCalls(
  told: ReadonlyMap<string, CallView>,
  asked: readonly CallView[],
  search: string,
): readonly CallView[] {
  const all = new Map(asked.map((call) => [call.id, call]));
  // Those that the server told but did not find are no matches; live ones it may not have searched yet.
  for (const call of told.values()) if (all.has(call.id) || fitsCall(call, search)) all.set(call.id, call);
  const isLive = (call: CallView): number => (call.state === "ended" ? 0 : 1);
  return [...all.values()].sort((a, b) => isLive(b) - isLive(a) || b.startedMs - a.startedMs);
}

/** The language of `calls.past`: words, all of which must be somewhere in numbers, channels, reason or keys. */
export function fitsCall(call: CallView, search: string): boolean {
  const text = [call.from, call.to, call.id, ...call.channels, call.reason, call.keys]
    .join("\n")
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
