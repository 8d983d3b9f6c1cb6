import type { Clock } from "../base/index.ts";
import { type TraceTopic, traceLeaseMs, traceTopics } from "./trace-messages.ts";

/** Who asks for records, and for which; each until its lease ends. */
export interface Leases {
  /** Takes a `yayts.trace`; true when somebody asks who did not before. */
  take(message: { get(name: string): string | undefined }): boolean;
  has(topic: TraceTopic): boolean;
  readonly any: boolean;
  clear(): void;
}

/** @param changed called when somebody's lease has run out */
export function createLeases(clock: Clock, changed: () => void): Leases {
  const askers = new Map<string, { readonly topics: ReadonlySet<string>; readonly untilMs: number }>();

  const look = (): void => {
    const nowMs = clock.monotonicMs();
    for (const [id, { untilMs }] of askers) if (untilMs <= nowMs) askers.delete(id);
    changed();
  };

  return {
    take(message) {
      const id = message.get("id") ?? "";
      const operation = message.get("operation");
      if (operation === "stop") {
        if (askers.delete(id)) changed();
        return false;
      }
      if (operation !== "start" && operation !== "keep") return false;
      const before = askers.get(id);
      const of = message.get("of");
      const topics = of ? new Set(of.split(",")) : (before?.topics ?? new Set<string>(traceTopics));
      askers.set(id, { topics, untilMs: clock.monotonicMs() + traceLeaseMs });
      clock.after(traceLeaseMs, look, { background: true });
      return operation === "start" || !before;
    },
    has(topic) {
      for (const { topics } of askers.values()) if (topics.has(topic)) return true;
      return false;
    },
    get any() {
      return askers.size > 0;
    },
    clear: () => askers.clear(),
  };
}
