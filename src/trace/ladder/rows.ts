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
  /** Quiet items have rows as all others do. */
  readonly all: boolean;
}

/** As many of the same in a row, each within a second of the one before, are shown as one: they say no more than the first does. */
const sameRun = 5;
const sameMs = 1000;

/** Which items have a row of their own, and which share one. Errors never disappear in a group of others, keys not from near. */
export function makeRows(
  items: readonly LadderItem[],
  { groupMs, open, all }: RowOptions,
): readonly RowRange[] {
  const rows: RowRange[] = [];
  const joins = groupMs >= keysTooMs ? isHarmless : isPlain;
  let first = 0;
  while (first < items.length) {
    const same = runOf(items, first, sameMs, isSame);
    const near = groupMs > 0 ? runOf(items, first, groupMs, joins) : 1;
    const quiet = all ? 1 : runOf(items, first, sameMs, isQuiet);
    const count = Math.max(same >= sameRun ? same : 1, near, quiet);
    // An opened group has a row for each; it stays open as a whole, else its rest would close again behind its first.
    if (open.has((items[first] as LadderItem).key))
      for (let i = 0; i < count; i++) rows.push({ first: first + i, count: 1 });
    else rows.push({ first, count });
    first += count;
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

const isQuiet: Joins = (before, item) => before.quiet === true && item.quiet === true;

/** From so far, keys are put together too: a call of a thousand keys could never be seen at once otherwise. */
const keysTooMs = 1000;

const isHarmless: Joins = (before, item) => before.tone !== "bad" && item.tone !== "bad";

const isPlain: Joins = (before, item) =>
  before.mark?.kind !== "key" && item.mark?.kind !== "key" && before.tone !== "bad" && item.tone !== "bad";
