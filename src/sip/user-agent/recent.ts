import type { Clock, Timer } from "../../base/index.ts";

/**
 * What is to be remembered for some time after its last mention: two generations, the older of which is forgotten every
 * `lifetimeMs`. Entries live once to twice that long; there is no timer when there are none.
 */
export class Recent<V> {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #keep: (value: V) => boolean;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #timer: Timer | undefined;

  /** @param keep says of an entry that is due whether it is to stay one turn more */
  constructor(clock: Clock, lifetimeMs: number, keep: (value: V) => boolean) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#keep = keep;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
    this.#arm();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(this.#lifetimeMs, () => this.#turn(), { background: true });
  }

  #turn(): void {
    this.#timer = undefined;
    const due = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    for (const [key, value] of due) if (!this.#old.has(key) && this.#keep(value)) this.#young.set(key, value);
    if (this.size > 0) this.#arm();
  }
}
