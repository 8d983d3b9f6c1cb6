import {
  estimateBytes,
  type MessagePredicate,
  type MessageRecord,
  type SourcedRecord,
} from "../../trace/index.ts";

/** A message and who told of it. */
export interface LoggedMessage extends SourcedRecord {
  readonly record: MessageRecord;
}

export interface MessageLogLimits {
  /** Default 20,000. */
  readonly messages?: number | undefined;
  /** Estimated. Default 32 MiB. */
  readonly bytes?: number | undefined;
}

/** The latest messages of all, of a call or not; the oldest go first. */
export class MessageLog {
  readonly #limits: { readonly messages: number; readonly bytes: number };
  #messages: LoggedMessage[] = [];
  /** Those before it are dropped; they are cut off now and then, for cutting costs as much as copying. */
  #start = 0;
  #bytes = 0;

  constructor({ messages = 20_000, bytes = 32 * 1024 * 1024 }: MessageLogLimits = {}) {
    this.#limits = { messages, bytes };
  }

  get size(): number {
    return this.#messages.length - this.#start;
  }

  add(message: LoggedMessage): void {
    this.#messages.push(message);
    this.#bytes += estimateBytes(message.record);
    while (this.size > this.#limits.messages || (this.#bytes > this.#limits.bytes && this.size > 1)) {
      const oldest = this.#messages[this.#start++];
      if (oldest) this.#bytes -= estimateBytes(oldest.record);
    }
    if (this.#start > 4096 && this.#start * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#start);
      this.#start = 0;
    }
  }

  clear(): void {
    this.#messages = [];
    this.#start = 0;
    this.#bytes = 0;
  }

  /** The latest that fit, in the order of their coming. */
  latest(fits: MessagePredicate, count: number): LoggedMessage[] {
    const found: LoggedMessage[] = [];
    for (let i = this.#messages.length - 1; i >= this.#start && found.length < count; i--) {
      const message = this.#messages[i];
      if (message && fits(message.record)) found.push(message);
    }
    return found.reverse();
  }
}
