import type { Clock, Signal } from "../../base/index.ts";
import { createWait, type PendingWait, type Wait } from "../../bus/index.ts";
import { isKey, type Key } from "./key.ts";

/** A key that the party pressed. */
export interface TypedKey {
  /** One of 0-9 * # A-D. */
  readonly key: Key;
  /** When it came, by the call's clock (`monotonicMs`). */
  readonly atMs: number;
}

/** Reads keys, each once. The newest reader that is open gets them: a question asked inside another has its answers. */
export interface KeyReader extends Disposable {
  /**
   * The next key, at once if one was typed ahead. Resolves to undefined when the call is over or the reader was closed;
   * rejects with TimedOut or Abandoned as its options say.
   */
  next(options?: {
    readonly timeoutMs?: number | undefined;
    readonly signal?: Signal | undefined;
  }): Wait<TypedKey | undefined>;
  /**
   * Resolves to true when one of these keys waits to be read, without reading it; at once if one was typed ahead. Resolves to
   * false when the call is over or the reader was closed.
   */
  sees(keys: ReadonlySet<Key>): Wait<boolean>;
  close(): void;
}

/** Most keys kept that nobody has read; the oldest go first. */
const mostUnread = 256;

/** A key that is not to be kept if it is the next one. */
interface Forgiven {
  readonly keys: ReadonlySet<Key>;
  readonly untilMs: number;
}

/** The keys of one call: kept until they are read, so that what is typed ahead of a question answers it. */
export class KeyBuffer {
  readonly #clock: Clock;
  readonly #unread: TypedKey[] = [];
  readonly #listeners: Set<(key: TypedKey) => void> = new Set();
  /** The newest last. */
  #readers: Reader[] = [];
  #forgiven: Forgiven | undefined;
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that were typed and not read, the oldest first. */
  get unread(): readonly TypedKey[] {
    return this.#unread;
  }

  /** Whether the call is over, and no more keys come. */
  get over(): boolean {
    return this.#over;
  }

  /** @param keys the text of a `chan.dtmf`: usually one key. What is no key is passed over. */
  add(keys: string): void {
    if (this.#over) return;
    for (const key of keys.toUpperCase()) {
      if (!isKey(key)) continue;
      const typed = { key, atMs: this.#clock.monotonicMs() };
      const forgiven = this.#forgiven;
      this.#forgiven = undefined;
      if (forgiven && isForgiven(typed, forgiven)) continue;
      this.#unread.push(typed);
      if (this.#unread.length > mostUnread) this.#unread.shift();
      for (const listener of [...this.#listeners]) listener(typed);
      this.#readers.at(-1)?.deliver();
    }
  }

  /** Forgets what was typed ahead, and tells it. */
  flush(): string {
    return this.#unread
      .splice(0)
      .map(({ key }) => key)
      .join("");
  }

  /** Forgets what was typed before the first of these keys; without one of them, all. */
  flushBefore(keys: ReadonlySet<Key>): void {
    const at = this.#unread.findIndex(({ key }) => keys.has(key));
    this.#unread.splice(0, at < 0 ? this.#unread.length : at);
  }

  /** Leaves out the next key if it is one of these and came, or comes, before `untilMs` (as `monotonicMs` tells it). */
  forgiveNext(keys: ReadonlySet<Key>, untilMs: number): void {
    const [next] = this.#unread;
    if (!next) this.#forgiven = { keys, untilMs };
    else if (isForgiven(next, { keys, untilMs })) this.#unread.shift();
  }

  /** Calls `fn` for each key as it comes, without reading it. Returns the way to stop that. */
  onKey(fn: (key: TypedKey) => void): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  open(): KeyReader {
    const reader = new Reader(this, this.#clock, {
      take: () => (this.#readers.at(-1) === reader ? this.#unread.shift() : undefined),
      isNewest: () => this.#readers.at(-1) === reader,
      closed: () => {
        this.#readers = this.#readers.filter((other) => other !== reader);
        this.#readers.at(-1)?.deliver();
      },
    });
    this.#readers.push(reader);
    return reader;
  }

  /** The call is over: what was typed before can still be read, then readers get their end. */
  end(): void {
    this.#over = true;
    this.#listeners.clear();
    for (const reader of [...this.#readers].reverse()) reader.deliver();
  }
}

function isForgiven(typed: TypedKey, { keys, untilMs }: Forgiven): boolean {
  return keys.has(typed.key) && typed.atMs <= untilMs;
}

/** A reader's side of the buffer. */
interface ReaderOwner {
  /** The oldest unread key, if this reader is the one that gets it. */
  take(): TypedKey | undefined;
  isNewest(): boolean;
  closed(): void;
}

class Reader implements KeyReader {
  readonly #buffer: KeyBuffer;
  readonly #clock: Clock;
  readonly #owner: ReaderOwner;
  #next: PendingWait<TypedKey | undefined> | undefined;
  #seen: { readonly keys: ReadonlySet<Key>; readonly pending: PendingWait<boolean> } | undefined;
  #closed = false;

  constructor(buffer: KeyBuffer, clock: Clock, owner: ReaderOwner) {
    this.#buffer = buffer;
    this.#clock = clock;
    this.#owner = owner;
  }

  next(options?: {
    readonly timeoutMs?: number | undefined;
    readonly signal?: Signal | undefined;
  }): Wait<TypedKey | undefined> {
    const pending = createWait<TypedKey | undefined>("a key", options, undefined, this.#clock);
    this.#next = pending;
    this.deliver();
    return pending.wait;
  }

  sees(keys: ReadonlySet<Key>): Wait<boolean> {
    const pending = createWait<boolean>("a key to be typed", undefined, undefined, this.#clock);
    this.#seen = { keys, pending };
    this.deliver();
    return pending.wait;
  }

  /** Hands on what there is: keys to the newest reader, the end to all. */
  deliver(): void {
    const seen = this.#seen;
    if (seen && this.#owner.isNewest() && this.#buffer.unread.some(({ key }) => seen.keys.has(key)))
      seen.pending.resolve(true);
    if (this.#next && !this.#next.settled && !this.#closed) {
      const key = this.#owner.take();
      if (key) this.#next.resolve(key);
    }
    if (!this.#closed && !this.#buffer.over) return;
    this.#next?.resolve(undefined);
    seen?.pending.resolve(false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.closed();
    this.deliver();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
