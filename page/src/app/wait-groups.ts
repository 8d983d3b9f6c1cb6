import type { TracePlace, WaitRecord } from "../../../src/trace/index.ts";

/** Waits that were begun by the same line of the app, for messages of the same name. */
export interface WaitGroup {
  readonly key: string;
  readonly what: WaitRecord["what"];
  readonly name: string;
  readonly place: TracePlace | undefined;
  /** The oldest first. */
  readonly waits: readonly WaitRecord[];
  readonly oldestMs: number;
  /** How many more there are than there were a minute ago, of the oldest that is known; a leak grows. */
  readonly grownBy: number;
}

export type GroupOrder = "age" | "count" | "growth";

/** How many waits each group had at a time. */
interface Counts {
  readonly atMs: number;
  readonly counts: ReadonlyMap<string, number>;
}

const keepMs = 60_000;
const everyMs = 5000;

/** Groups the open waits of an app as they come each second, and remembers how many there were. */
export class WaitGroups {
  #past: Counts[] = [];
  #groups: readonly WaitGroup[] = [];

  get groups(): readonly WaitGroup[] {
    return this.#groups;
  }

  /** Takes what is open at this time. */
  take(waits: readonly WaitRecord[], nowMs: number): void {
    const byKey = new Map<string, WaitRecord[]>();
    for (const wait of waits) {
      const key = keyOf(wait);
      const found = byKey.get(key);
      if (found) found.push(wait);
      else byKey.set(key, [wait]);
    }
    this.#past = this.#past.filter(({ atMs }) => atMs >= nowMs - keepMs);
    const [oldest] = this.#past;
    this.#groups = [...byKey].map(([key, members]) => {
      const sorted = members.toSorted((a, b) => a.atMs - b.atMs);
      const [first] = sorted;
      return {
        key,
        what: first?.what ?? "onmsg",
        name: first?.name ?? "",
        place: first?.place,
        waits: sorted,
        oldestMs: first?.atMs ?? nowMs,
        grownBy: oldest ? sorted.length - (oldest.counts.get(key) ?? 0) : 0,
      };
    });
    const last = this.#past.at(-1);
    if (!last || nowMs - last.atMs >= everyMs)
      this.#past.push({ atMs: nowMs, counts: new Map([...byKey].map(([key, { length }]) => [key, length])) });
  }
}

/** Groups with what of them is older than `olderThanMs`, in the order wished; those with nothing left are left out. */
export function arranged(
  groups: readonly WaitGroup[],
  order: GroupOrder,
  olderThanMs: number,
  nowMs: number,
): readonly WaitGroup[] {
  const by = {
    age: (a: WaitGroup, b: WaitGroup) => a.oldestMs - b.oldestMs,
    count: (a: WaitGroup, b: WaitGroup) => b.waits.length - a.waits.length || a.oldestMs - b.oldestMs,
    growth: (a: WaitGroup, b: WaitGroup) => b.grownBy - a.grownBy || b.waits.length - a.waits.length,
  }[order];
  return groups
    .map((group) =>
      olderThanMs > 0
        ? { ...group, waits: group.waits.filter(({ atMs }) => nowMs - atMs > olderThanMs) }
        : group,
    )
    .filter(({ waits }) => waits.length > 0)
    .sort(by);
}

function keyOf({ what, name, place }: WaitRecord): string {
  return JSON.stringify([what, name, place?.file, place?.line, place?.column]);
}
