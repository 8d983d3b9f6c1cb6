import { statSync } from "node:fs";
import type { Clock, Timer } from "../../base/index.ts";

/** Told when a file is longer than before: its length, when it was seen, and when it was looked at before that. */
export type Grown = (bytes: number, atMs: number, sinceMs: number) => void;

/** As often as sound comes. */
const everyMs = 20;
/** One look a millisecond: more files are looked at less often. */
const msPerFile = 1;

interface Watched {
  readonly grown: Grown;
  bytes: number;
  sinceMs: number;
}

/** Watches files grow: when sound came into them is known by nothing else. */
export class GrowthWatch {
  readonly #clock: Clock;
  readonly #files = new Map<string, Watched>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From its present length on. Returns the way to stop it. Times are the clock's `monotonicMs`. */
  watch(file: string, grown: Grown): () => void {
    this.#files.set(file, { grown, bytes: sizeOf(file), sinceMs: this.#clock.monotonicMs() });
    this.#timer ??= this.#clock.after(everyMs, () => this.#look(), { background: true });
    return () => {
      this.#lookAt(file);
      this.#files.delete(file);
    };
  }

  #look(): void {
    for (const file of [...this.#files.keys()]) this.#lookAt(file);
    const waitMs = Math.max(everyMs, this.#files.size * msPerFile);
    this.#timer =
      this.#files.size === 0
        ? undefined
        : this.#clock.after(waitMs, () => this.#look(), { background: true });
  }

  #lookAt(file: string): void {
    const watched = this.#files.get(file);
    if (!watched) return;
    const bytes = sizeOf(file);
    const atMs = this.#clock.monotonicMs();
    const { sinceMs } = watched;
    watched.sinceMs = atMs;
    if (bytes <= watched.bytes) return;
    watched.bytes = bytes;
    watched.grown(bytes, atMs, sinceMs);
  }
}

/** Asked at once: by way of the pool of threads it would take longer, and be known later. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
