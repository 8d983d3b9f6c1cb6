import { stat } from "node:fs/promises";
import type { Clock } from "../../base/index.ts";
import { bytesForMs } from "../../media/index.ts";
import { soundLayoutOf } from "./track-blocks.ts";

/** Silence that a recorder left out, for nothing was sent then. */
export interface Gap {
  /** Place in the file, in bytes from its beginning. */
  readonly atBytes: number;
  readonly forMs: number;
}

const everyMs = 100;
/** The embedded engine gathers what it writes for so long, from the first block; a real YATE writes each block. */
const gatherMs = 500;
/** Less than this may be the engine's own rhythm, and that of looking. */
const leastGapMs = 160;

/**
 * Where the gaps of a growing recording are. A recorder of the engine writes what comes and knows no time: when nothing is
 * sent to the party nothing is written, and two sides that are to be heard together would drift apart. So its size is looked
 * at ten times a second.
 */
export class TrackWatch {
  readonly path: string;
  readonly #clock: Clock;
  readonly #beganMs: number;
  readonly #gaps: Gap[] = [];
  #bytes = 0;
  #bytesPerMs = 0;
  #placedMs = 0;
  #lookedMs: number;
  #gathers = false;
  #seeing: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;
  #stoppedMs = Number.POSITIVE_INFINITY;

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
    this.#beganMs = clock.monotonicMs();
    this.#lookedMs = this.#beganMs;
    this.#next();
  }

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Nothing more comes; what came may be seen in the file a moment later. */
  stop(): void {
    this.#stoppedMs = this.#clock.monotonicMs();
    this.#timer?.cancel();
  }

  /** Looks what the file has come to by now. Never rejects. */
  see(): Promise<void> {
    this.#seeing = this.#seeing.then(() => this.#see()).catch(() => {});
    return this.#seeing;
  }

  async #see(): Promise<void> {
    const nowMs = Math.min(this.#clock.monotonicMs(), this.#stoppedMs);
    const sinceMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    const bytes = (await sizeOf(this.path)) ?? 0;
    if (this.#bytesPerMs === 0 && bytes > 0) {
      const layout = await soundLayoutOf(this.path);
      if (!layout) return;
      this.#bytes = layout.dataOffset;
      this.#bytesPerMs = bytesForMs(layout.format, 1000) / 1000;
    }
    const grownMs = (bytes - this.#bytes) / this.#bytesPerMs;
    if (!(grownMs > 0)) return;
    if (grownMs > sinceMs + leastGapMs) this.#gathers = true;
    const arrivedMs = nowMs - this.#beganMs - Math.max(grownMs, this.#gathers ? gatherMs : 0);
    const lateMs = arrivedMs - this.#placedMs;
    if (lateMs > leastGapMs) {
      this.#gaps.push({ atBytes: this.#bytes, forMs: lateMs });
      this.#placedMs += lateMs;
    }
    this.#placedMs += grownMs;
    this.#bytes = bytes;
  }

  #next(): void {
    if (this.#stoppedMs < Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(everyMs, () => void this.#look(), { background: true });
  }

  async #look(): Promise<void> {
    await this.see();
    this.#next();
  }
}

/** Undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}
