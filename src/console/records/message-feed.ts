import type { MessagePredicate, SourcedRecord } from "../../trace/index.ts";
import type { LoggedMessage } from "./message-log.ts";

/** Told at a time: 2000 a second, more than a page can show and a person can read. */
const maxAtOnce = 100;
/** What is held for a page that is slow. */
const maxPending = 2000;
/** Of what was there before, at a time. */
const backlogAtOnce = 500;

/** The live messages of one page: those that fit, no faster than it takes them. */
export class MessageFeed {
  readonly filter: string;
  readonly #fits: MessagePredicate;
  #backlog: readonly SourcedRecord[];
  #pending: SourcedRecord[] = [];
  #skipped = 0;
  #lost = 0;
  #toldRate = -1;

  constructor(filter: string, fits: MessagePredicate, backlog: readonly SourcedRecord[]) {
    this.filter = filter;
    this.#fits = fits;
    this.#backlog = backlog;
  }

  add(message: LoggedMessage): void {
    if (!this.#fits(message.record)) return;
    this.#pending.push(message);
    if (this.#pending.length <= maxPending) return;
    // The newest matter; a tenth at a time, for shifting them one by one costs.
    const excess = maxPending / 10;
    this.#pending.splice(0, excess);
    this.#skipped += excess;
  }

  lost(count: number): void {
    this.#lost += count;
  }

  /** What to tell now; undefined for nothing. */
  take(perSecond: number):
    | {
        readonly records: readonly SourcedRecord[];
        readonly perSecond: number;
        readonly lost: number;
        readonly skipped: number;
      }
    | undefined {
    let records: readonly SourcedRecord[];
    if (this.#backlog.length > 0) {
      records = this.#backlog.slice(0, backlogAtOnce);
      this.#backlog = this.#backlog.slice(backlogAtOnce);
    } else {
      records = this.#pending.slice(0, maxAtOnce);
      this.#pending = this.#pending.slice(maxAtOnce);
    }
    if (records.length === 0 && this.#lost === 0 && this.#skipped === 0 && perSecond === this.#toldRate)
      return undefined;
    const told = { records, perSecond, lost: this.#lost, skipped: this.#skipped };
    this.#lost = 0;
    this.#skipped = 0;
    this.#toldRate = perSecond;
    return told;
  }
}
