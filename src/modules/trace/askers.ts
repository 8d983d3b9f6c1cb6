import { type TraceTopic, traceLeaseMs, traceTopics } from "../../trace/index.ts";

/** Who wants records, and of what. */
export interface Askers {
  /** What anybody wants. */
  readonly topics: ReadonlySet<TraceTopic>;
  /**
   * Wants these topics for {@link traceLeaseMs} from now on. @param topics undefined: those that it had, all if it had none
   */
  keep(id: string, topics: ReadonlySet<TraceTopic> | undefined, nowMs: number): void;
  /** False when there was none of that name. */
  stop(id: string): boolean;
  /** Forgets those whose lease has run out. */
  sweep(nowMs: number): void;
}

export function createAskers(): Askers {
  const byId = new Map<string, { readonly topics: ReadonlySet<TraceTopic>; readonly untilMs: number }>();
  let topics: ReadonlySet<TraceTopic> = new Set();
  const changed = (): void => {
    topics = new Set([...byId.values()].flatMap((asker) => [...asker.topics]));
  };
  return {
    get topics() {
      return topics;
    },
    keep(id, wanted, nowMs) {
      const asked = wanted ?? byId.get(id)?.topics ?? new Set(traceTopics);
      byId.set(id, { topics: asked, untilMs: nowMs + traceLeaseMs });
      changed();
    },
    stop(id) {
      const was = byId.delete(id);
      changed();
      return was;
    },
    sweep(nowMs) {
      for (const [id, { untilMs }] of byId) if (untilMs <= nowMs) byId.delete(id);
      changed();
    },
  };
}

/** The topics of a list with commas; undefined for no list. Unknown ones are of a later version, and nobody's business here. */
export function readTopics(text: string | undefined): ReadonlySet<TraceTopic> | undefined {
  if (!text) return undefined;
  const asked = text.split(",").map((topic) => topic.trim());
  return new Set(traceTopics.filter((topic) => asked.includes(topic)));
}
