import type { MessageRecord, SourcedRecord } from "../../../src/trace/index.ts";

/** A message in the table. */
export interface MessageRow {
  /** Its number since the page was opened: ascending, and never used again. */
  readonly n: number;
  /** Who made the record. */
  readonly source: string;
  readonly record: MessageRecord;
}

/** How many more than it keeps a book takes before it drops the oldest: in lumps, because each drop moves the table. */
const slack = 500;

/**
 * The latest messages. While it is paused what comes is set aside, as bounded as the rest, and counted.
 */
export class MessageBook {
  readonly #keep: number;
  #rows: MessageRow[] = [];
  #aside: MessageRow[] = [];
  #asideCount = 0;
  /** What is aside takes the place of the rows, instead of following them. */
  #asideAnew = false;
  #paused = false;
  #n = 0;
  /** The last record of each source, to know what comes a second time. */
  readonly #last = new Map<string, number>();

  /** @param keep rows that are kept at least; the oldest beyond are dropped */
  constructor(keep = 10_000) {
    this.#keep = keep;
  }

  get rows(): readonly MessageRow[] {
    return this.#rows;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** How many came while it was paused and are not shown, also those that were dropped since. */
  get asideCount(): number {
    return this.#asideCount;
  }

  /**
   * Takes a batch as the server told it. One that begins at or before what is there already is a backlog that was asked for anew,
   * or an engine that began anew: it takes the place of everything.
   */
  add(batch: readonly SourcedRecord[]): void {
    const seen = new Set<string>();
    for (const { source, record } of batch) {
      if (seen.has(source.name)) continue;
      seen.add(source.name);
      if (record.seq <= (this.#last.get(source.name) ?? -1)) {
        this.#beginAnew();
        break;
      }
    }
    const into = this.#paused ? this.#aside : this.#rows;
    for (const { source, record } of batch) {
      if (record.kind !== "message") continue;
      this.#last.set(source.name, record.seq);
      into.push({ n: this.#n++, source: source.name, record });
      if (this.#paused) this.#asideCount++;
    }
    this.#trim(into);
  }

  pause(): void {
    this.#paused = true;
  }

  /** Shows what came meanwhile, and stays paused. */
  showAside(): void {
    if (this.#asideAnew) this.#rows = [];
    this.#rows.push(...this.#aside);
    this.#aside = [];
    this.#asideCount = 0;
    this.#asideAnew = false;
    this.#trim(this.#rows);
  }

  resume(): void {
    this.#paused = false;
    this.showAside();
  }

  clear(): void {
    this.#rows = [];
    this.#aside = [];
    this.#asideCount = 0;
    this.#asideAnew = false;
    this.#last.clear();
  }

  /** What somebody has stopped to look at stays. */
  #beginAnew(): void {
    if (!this.#paused) {
      this.clear();
      return;
    }
    this.#aside = [];
    this.#asideCount = 0;
    this.#asideAnew = true;
    this.#last.clear();
  }

  #trim(rows: MessageRow[]): void {
    if (rows.length > this.#keep + slack) rows.splice(0, rows.length - this.#keep);
  }
}
