import type { Readable, Writable } from "node:stream";
import { DataConsumer, DataSource, type Ticker } from "../data/index.ts";

/** 20 ms of 16-bit linear sound at 8000 samples a second (spec/protocol.md §15). */
const blockBytes = 320;
/** Most sound that waits for a script that does not read: one second; then the oldest goes. */
const maxWaitingBytes = 16_000;

/** What a script writes to descriptor 4: a block a tick, so the script may write faster than real time and waits then. */
export class ScriptSource extends DataSource {
  readonly #stream: Readable;
  #unsubscribe: (() => void) | undefined;
  #onEnd: (() => void)[] = [];

  constructor(stream: Readable, ticker: Ticker) {
    super("slin");
    this.#stream = stream;
    this.#unsubscribe = ticker.subscribe(() => this.#tick());
    // Without a listener of this kind Node throws away what a child that has exited left unread.
    stream.on("readable", () => {});
    stream.on("error", () => this.#end());
  }

  /** Calls `fn` when all that the script wrote has been played. */
  whenPlayed(fn: () => void): void {
    if (this.#unsubscribe) this.#onEnd.push(fn);
    else fn();
  }

  #tick(): void {
    // A short read is passed on as it is; half a sample waits for its other half.
    let block: Buffer | null = this.#stream.read(blockBytes) ?? this.#stream.read();
    if (block && block.length > blockBytes) {
      this.#stream.unshift(block.subarray(blockBytes));
      block = block.subarray(0, blockBytes);
    }
    if (block && block.length % 2 === 1) {
      if (!this.#stream.readableEnded) this.#stream.unshift(block.subarray(-1));
      block = block.subarray(0, -1);
    }
    if (block) this.forward(block);
    else if (this.#stream.readableEnded) this.#end();
  }

  #end(): void {
    if (!this.#unsubscribe) return;
    this.#unsubscribe();
    this.#unsubscribe = undefined;
    this.#stream.destroy();
    this.finish();
    for (const fn of this.#onEnd) fn();
    this.#onEnd = [];
  }

  protected override destroyed(): void {
    this.#end();
  }
}

/** What a script hears on descriptor 3. Never waits for the script. */
export class ScriptConsumer extends DataConsumer {
  readonly #stream: Writable;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #blocked = false;

  constructor(stream: Writable) {
    super("slin");
    this.#stream = stream;
    stream.on("error", () => stream.destroy());
    stream.on("drain", () => this.#drain());
  }

  /** Bytes that the script did not read in time. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  protected consume(block: Uint8Array): void {
    if (this.#stream.destroyed) return;
    const copy = Buffer.from(block);
    if (!this.#blocked) {
      this.#write(copy);
      return;
    }
    this.#waiting.push(copy);
    this.#waitingBytes += copy.length;
    while (this.#waitingBytes > maxWaitingBytes) {
      const oldest = this.#waiting.shift()?.length ?? 0;
      this.#waitingBytes -= oldest;
      this.#dropped += oldest;
    }
  }

  #write(block: Buffer): void {
    this.#blocked = !this.#stream.write(block);
  }

  #drain(): void {
    this.#blocked = false;
    while (!this.#blocked) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#waitingBytes -= next.length;
      this.#write(next);
    }
  }

  protected override destroyed(): void {
    this.#waiting = [];
    this.#stream.destroy();
  }
}
