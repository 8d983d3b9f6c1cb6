import { YaytsError } from "../../base/index.ts";
import { frameMs, frameSamples, type MarkEnd, type WriteEnd } from "./audio.ts";

/** What {@link OutgoingSound} is made of. */
export interface OutgoingSoundOptions {
  readonly lowWaterMs: number;
  readonly maxQueuedMs: number;
  readonly heardAfterMs: number;
}

interface Mark {
  readonly name: string;
  /** Place in the sound, in samples from the beginning. */
  readonly at: number;
  readonly settle: (end: MarkEnd) => void;
}

interface GoneMark {
  readonly name: string;
  readonly heardMs: number;
  readonly settle: (end: MarkEnd) => void;
}

const samplesPerMs = frameSamples / frameMs;

/** Sound that waits to go out, with the marks in it. Pure: time comes with the beats. */
export class OutgoingSound {
  readonly #options: OutgoingSoundOptions;
  #blocks: Int16Array[] = [];
  /** How much of the first block is gone. */
  #used = 0;
  #queued = 0;
  /** Samples taken or discarded since the beginning. */
  #position = 0;
  /** When the last sound that went out is over. */
  #endMs = Number.NEGATIVE_INFINITY;
  #marks: Mark[] = [];
  #gone: GoneMark[] = [];
  #writers: ((end: WriteEnd) => void)[] = [];
  #closed = false;

  constructor(options: OutgoingSoundOptions) {
    this.#options = options;
  }

  get queuedMs(): number {
    return this.#queued / samplesPerMs;
  }

  write(samples: Int16Array): Promise<WriteEnd> {
    if (this.#closed) return Promise.resolve({ kind: "closed" });
    const { maxQueuedMs, lowWaterMs } = this.#options;
    if (this.#queued + samples.length > maxQueuedMs * samplesPerMs) {
      const error = new YaytsError(
        "overflow",
        `${samples.length / samplesPerMs} ms of sound were written where ${this.queuedMs} of at most ${maxQueuedMs} are queued: await what write() returns`,
      );
      return Promise.resolve({ kind: "failed", error });
    }
    if (samples.length > 0) this.#blocks.push(samples.slice());
    this.#queued += samples.length;
    if (this.queuedMs < lowWaterMs) return Promise.resolve({ kind: "written" });
    return new Promise((resolve) => void this.#writers.push(resolve));
  }

  mark(name: string, nowMs: number): Promise<MarkEnd> {
    if (this.#closed) return Promise.resolve({ kind: "closed", name });
    return new Promise((settle) => {
      if (this.#queued > 0) {
        this.#marks.push({ name, at: this.#position + this.#queued, settle });
        return;
      }
      const heardMs = this.#endMs + this.#options.heardAfterMs;
      if (heardMs <= nowMs) settle({ kind: "played", name, atMs: nowMs });
      else this.#gone.push({ name, heardMs, settle });
    });
  }

  /**
   * The next frame, or undefined when nothing is queued. A last piece that is shorter is filled up with silence.
   * @param beatMs when the frame begins
   */
  take(beatMs: number): Int16Array | undefined {
    if (this.#queued === 0) return undefined;
    const frame = new Int16Array(frameSamples);
    let filled = 0;
    while (filled < frameSamples) {
      const block = this.#blocks[0];
      if (!block) break;
      const part = block.subarray(this.#used, this.#used + frameSamples - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#used += part.length;
      if (this.#used === block.length) {
        this.#blocks.shift();
        this.#used = 0;
      }
    }
    const before = this.#position;
    this.#position += filled;
    this.#queued -= filled;
    this.#endMs = beatMs + filled / samplesPerMs;
    while (this.#marks[0] && this.#marks[0].at <= this.#position) {
      const { name, at, settle } = this.#marks[0];
      const heardMs = beatMs + (at - before) / samplesPerMs + this.#options.heardAfterMs;
      this.#gone.push({ name, heardMs, settle });
      this.#marks.shift();
    }
    if (this.queuedMs < this.#options.lowWaterMs) this.#release({ kind: "written" });
    return frame;
  }

  /** Settles the marks that have been heard by now. */
  settleMarks(nowMs: number): void {
    while (this.#gone[0] && this.#gone[0].heardMs <= nowMs) {
      const { name, heardMs, settle } = this.#gone[0];
      this.#gone.shift();
      settle({ kind: "played", name, atMs: heardMs });
    }
  }

  /** Discards what is queued; returns how much, in milliseconds. */
  clear(): number {
    const clearedMs = this.queuedMs;
    this.#blocks = [];
    this.#used = 0;
    this.#position += this.#queued;
    this.#queued = 0;
    for (const { name, settle } of this.#marks.splice(0)) settle({ kind: "cleared", name });
    this.#release({ kind: "cleared" });
    return clearedMs;
  }

  close(): void {
    this.#closed = true;
    for (const { name, settle } of [...this.#gone.splice(0), ...this.#marks.splice(0)])
      settle({ kind: "closed", name });
    this.#release({ kind: "closed" });
    this.clear();
  }

  #release(end: WriteEnd): void {
    for (const resolve of this.#writers.splice(0)) resolve(end);
  }
}
