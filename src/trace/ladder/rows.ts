import type { LadderItem } from "./ladder-item.ts";

/** Items `first` to `first + count - 1`; more than one are shown as one. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

export interface RowOptions {
  /** What follows within so long is put together; 0: only what repeats itself. */
  readonly groupMs: number;
  /** Keys of the first items of groups that the user opened. */
  readonly open: ReadonlySet<string>;
}

/** As many of the same in a row, each within a second of the one before, are shown as one: they say no more than the first does. */
const sameRun = 5;
const sameMs = 1000;

/** Which items have a row of their own, and which share one. Keys and errors never disappear in a group of others. */
export function makeRows(items: readonly LadderItem[], { groupMs, open }: RowOptions): readonly RowRange[] {
  const rows: RowRange[] = [];
  let first = 0;
  while (first < items.length) {
    const item = items[first] as LadderItem;
    let count = 1;
    if (!open.has(item.key)) {
      const same = runOf(items, first, sameMs, isSame);
      count = Math.max(same >= sameRun ? same : 1, groupMs > 0 ? runOf(items, first, groupMs, isPlain) : 1);
    }
    // An opened group stays open as a whole, else its rest would close again behind its first.
    const spread = open.has(item.key)
      ? Math.max(
          1,
          runOf(items, first, sameMs, isSame),
          groupMs > 0 ? runOf(items, first, groupMs, isPlain) : 1,
        )
      : 1;
    if (count > 1) rows.push({ first, count });
    else for (let i = 0; i < spread; i++) rows.push({ first: first + i, count: 1 });
    first += Math.max(count, spread);
  }
  return rows;
}

type Joins = (before: LadderItem, item: LadderItem) => boolean;

function runOf(items: readonly LadderItem[], first: number, withinMs: number, joins: Joins): number {
  let last = first;
  for (;;) {
    const [item, next] = [items[last], items[last + 1]];
    if (!item || !next || next.atMs - item.atMs > withinMs || !joins(item, next)) return last - first + 1;
    last++;
  }
}

const isSame: Joins = (before, item) =>
  !before.mark &&
  !item.mark &&
  item.kind === before.kind &&
  item.label === before.label &&
  item.tone === before.tone;

const isPlain: Joins = (before, item) =>
  before.mark?.kind !== "key" && item.mark?.kind !== "key" && before.tone !== "bad" && item.tone !== "bad";
