import type { Clock, Signal } from "../../base/index.ts";
import { createWait, type Wait } from "../../bus/index.ts";

/** A key that the party pressed. */
export interface TypedKey {
  /** One of 0-9 * # A-D. */
  readonly key: string;
  /** When it came, by the call's clock (`monotonicMs`). */
  readonly atMs: number;
}

/** Reads keys, each once. The newest reader that is open gets them: a question asked inside another has its answers. */
export interface KeyReader extends Disposable {
  /**
   * The next key, at once if one was typed ahead. Resolves to undefined when the call is over or the reader was closed;
   * rejects with TimedOut or Abandoned as its options say.
   */
  next(options?: { readonly timeoutMs?: number; readonly signal?: Signal }): Wait<TypedKey | undefined>;
  close(): void;
}

/** Most keys kept that nobody has read; the oldest go first. */
const mostUnread = 256;

interface Reader {
  deliver(): void;
}

/** The keys of one call: kept until they are read, so that what is typed ahead of a question answers it. */
export class KeyBuffer {
  readonly #clock: Clock;
  readonly #unread: TypedKey[] = [];
  readonly #listeners: Set<(key: TypedKey) => void> = new Set();
  /** The newest last. */
  #readers: Reader[] = [];
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that were typed and not read, the oldest first. */
  get unread(): readonly TypedKey[] {
    return this.#unread;
  }

  /** @param keys the text of a `chan.dtmf`: usually one key */
  add(keys: string): void {
    if (this.#over) return;
    for (const key of keys.toUpperCase()) {
      if (!/[0-9*#A-D]/.test(key)) continue;
      const typed = { key, atMs: this.#clock.monotonicMs() };
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

  /** Calls `fn` for each key as it comes, without reading it. Returns the way to stop that. */
  onKey(fn: (key: TypedKey) => void): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  open(): KeyReader {
    let pending: ReturnType<typeof createWait<TypedKey | undefined>> | undefined;
    let closed = false;
    const reader: Reader = {
      deliver: () => {
        if (!pending || pending.settled || this.#readers.at(-1) !== reader) return;
        const key = this.#unread.shift();
        if (key || this.#over) pending.resolve(key);
      },
    };
    const close = (): void => {
      if (closed) return;
      closed = true;
      this.#readers = this.#readers.filter((other) => other !== reader);
      pending?.resolve(undefined);
      this.#readers.at(-1)?.deliver();
    };
    this.#readers.push(reader);
    return {
      next: (options) => {
        pending = createWait<TypedKey | undefined>("a key", options, undefined, this.#clock);
        if (closed) pending.resolve(undefined);
        else reader.deliver();
        return pending.wait;
      },
      close,
      [Symbol.dispose]: close,
    };
  }

  /** The call is over: what was typed before can still be read, then readers get their end. */
  end(): void {
    this.#over = true;
    this.#listeners.clear();
    for (const reader of [...this.#readers].reverse()) reader.deliver();
  }
}
