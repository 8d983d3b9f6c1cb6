import type { WatchedMessage } from "../../bus/index.ts";
import {
  type HandlerStep,
  type MessageRecord,
  maskParam,
  maskRetvalue,
  type Pairs,
} from "../../trace/index.ts";

/** Where an engine notes who was asked (spec/kernel.md §5). */
const trackParam = "handlers";

/**
 * What can be told of a message that was only watched: how it ended, and who was asked as far as the engine notes it. Handlers of apps
 * that give no `trackparam` leave no trace there, so that the one who handled it may be another than the last of the steps.
 */
export function recordOfWatched(
  message: Pick<WatchedMessage, "name" | "retvalue" | "params" | "handled">,
  seq: number,
  atMs: number,
): MessageRecord {
  const params: Pairs = [...message.params].map(([name, value]) => [name, maskParam(name, value)]);
  return {
    kind: "message",
    seq,
    atMs,
    name: message.name,
    sender: "",
    handled: message.handled,
    retvalue: maskRetvalue(message.name, message.retvalue),
    params,
    steps: trackedSteps(message.params.get(trackParam) ?? "", message.handled),
    next: [],
  };
}

/**
 * Reads `name:priority,…`. Modules that reuse a message for another dispatch leave the old list in front of the new one; as priorities
 * only rise within one dispatch, what counts begins where they last fall.
 */
export function trackedSteps(tracked: string, handled: boolean): HandlerStep[] {
  const items: { readonly name: string; readonly priority: number }[] = [];
  for (const item of tracked.split(",")) {
    const [, name, priority] = /^(.+):(-?\d+)(?:#.*)?$/.exec(item) ?? [];
    if (name === undefined) continue;
    const next = { name, priority: Number(priority) };
    const last = items.at(-1);
    if (last && place(next.priority) < place(last.priority)) items.length = 0;
    items.push(next);
  }
  return items.map((item, i) => ({ ...item, handled: handled && i === items.length - 1, changes: [] }));
}

/** A negative priority comes after all others (spec/kernel.md §2). */
function place(priority: number): number {
  return priority < 0 ? Number.MAX_SAFE_INTEGER : priority;
}
