import type { SourcedRecord } from "./records.ts";

/**
 * Records that came before the call they belong to is known: a SIP request before its channel, an authentication before
 * `chan.startup`. Bounded: the keys that waited longest go first, and of one key its latest records.
 */
export class PendingRecords {
  readonly #byKey = new Map<string, SourcedRecord[]>();
  readonly #maxKeys: number;
  readonly #maxRecords: number;

  constructor(maxKeys = 200, maxRecords = 40) {
    this.#maxKeys = maxKeys;
    this.#maxRecords = maxRecords;
  }

  add(key: string, sourced: SourcedRecord): void {
    const list = this.#byKey.get(key) ?? [];
    if (list.length >= this.#maxRecords) list.shift();
    list.push(sourced);
    this.#byKey.delete(key);
    this.#byKey.set(key, list);
    if (this.#byKey.size > this.#maxKeys) {
      const [oldest] = this.#byKey.keys();
      if (oldest !== undefined) this.#byKey.delete(oldest);
    }
  }

  /** Hands out what waits for a key. */
  take(key: string): readonly SourcedRecord[] {
    const list = this.#byKey.get(key);
    if (!list) return [];
    this.#byKey.delete(key);
    return list;
  }
}
