import type { CallView } from "../../../src/console/protocol.ts";
import type { Pairs } from "../../../src/trace/index.ts";

/** Parameters that name the call or a channel of it, the surest first. */
const naming: readonly string[] = ["billid", "id", "peerid", "targetid", "lastpeerid", "channel", "chan"];

/** The call that a message is about, of those that the console knows. */
export function callOf(params: Pairs, calls: ReadonlyMap<string, CallView>): CallView | undefined {
  for (const name of naming) {
    const value = params.find(([key]) => key === name)?.[1];
    if (!value) continue;
    const found = calls.get(value) ?? callOfChannel(value, calls.values());
    if (found) return found;
  }
  return undefined;
}

/** The latest call to which a channel belongs: an engine that was started anew gives the same names again. */
export function callOfChannel(channel: string, calls: Iterable<CallView>): CallView | undefined {
  let latest: CallView | undefined;
  for (const call of calls)
    if (call.channels.includes(channel) && (!latest || call.startedMs > latest.startedMs)) latest = call;
  return latest;
}
