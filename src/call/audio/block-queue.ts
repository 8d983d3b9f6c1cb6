import { type BoundedQueue, createBoundedQueue } from "../../base/index.ts";

/** Blocks of sound for one loop; full is full. */
export class BlockQueue implements AsyncIterable<Int16Array> {
  readonly #queue: BoundedQueue<Int16Array>;
  #waiting: (() => void)[] = [];
  #ended = false;

  constructor(limit: number) {
    this.#queue = createBoundedQueue(limit);
  }

  /** False when there is no room. */
  push(block: Int16Array): boolean {
    const taken = this.#queue.push(block);
    this.#wake();
    return taken;
  }

  /** No more come; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Int16Array, undefined> {
    for (;;) {
      const block = this.#queue.shift();
      if (block) yield block;
      else if (this.#ended) return undefined;
      else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
