import type { Clock } from "../base/index.ts";
import { abandonBy, createWait, type Until, type WaitOptions } from "./wait.ts";
import type { MessageStream } from "./yate.ts";

/** The bus's side of a stream. */
export interface StreamFeed<M> {
  readonly stream: MessageStream<M>;
  /** Gives the stream a message; false when its buffer is full or it is over. */
  push(message: M): boolean;
  /** Counts a message that found no place; returns how many there were. */
  countDropped(): number;
  /** The oldest waiting message, taken out to make place. */
  dropOldest(): M | undefined;
  /** Ends the loop normally, after what is buffered. */
  end(): void;
  /** Ends the loop with an error, after what is buffered. */
  fail(error: Error): void;
}

/**
 * A `for await` loop's source with a bounded buffer.
 * @param onEnd called once when the stream is over, with the messages that nobody took, and the error if there is one
 */
export function createStream<M>(
  what: string,
  options: (WaitOptions & { readonly bufferSize?: number | undefined }) | undefined,
  clock: Clock,
  onEnd: (left: M[], error: Error | undefined) => void,
): StreamFeed<M> {
  const limit = options?.bufferSize ?? 1000;
  let buffer: M[] = [];
  let takers: { resolve(result: IteratorResult<M, undefined>): void; reject(error: Error): void }[] = [];
  let over: { error: Error | undefined } | undefined;
  let dropped = 0;
  let head = 0;

  /** One wait lives as long as the stream and carries its until, signal and timeout. */
  const life = createWait<undefined>(what, options, undefined, clock);

  const finish = (error: Error | undefined, left: M[]): void => {
    if (over) return;
    over = { error };
    life.resolve(undefined);
    const waiting = takers;
    takers = [];
    // A failure is told once; after it the loop is simply over.
    for (const taker of waiting) {
      if (over.error) {
        taker.reject(over.error);
        over.error = undefined;
      } else taker.resolve({ done: true, value: undefined });
    }
    onEnd(left, error);
  };

  const shift = (): M | undefined => {
    const message = buffer[head++];
    if (head === buffer.length) {
      buffer = [];
      head = 0;
    } else if (head > 512) {
      buffer = buffer.slice(head);
      head = 0;
    }
    return message;
  };

  const takeAll = (): M[] => {
    const left = buffer.slice(head);
    buffer = [];
    head = 0;
    return left;
  };

  const stream: MessageStream<M> = {
    get buffered() {
      return buffer.length - head;
    },
    get dropped() {
      return dropped;
    },
    next() {
      if (head < buffer.length) return Promise.resolve({ done: false, value: shift() as M });
      if (over) {
        const { error } = over;
        over.error = undefined;
        return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
      }
      return new Promise((resolve, reject) => takers.push({ resolve, reject }));
    },
    return() {
      finish(undefined, takeAll());
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return stream;
    },
  };

  const feed: StreamFeed<M> = {
    stream,
    push(message) {
      if (over) return false;
      const taker = takers.shift();
      if (taker) taker.resolve({ done: false, value: message });
      else if (buffer.length - head >= limit) return false;
      else buffer.push(message);
      return true;
    },
    countDropped() {
      return ++dropped;
    },
    dropOldest() {
      return head < buffer.length ? shift() : undefined;
    },
    end() {
      finish(undefined, []);
    },
    fail(error) {
      finish(error, []);
    },
  };
  streamLives.set(stream, (until) => abandonBy(life.wait, until, what));
  life.wait.then(feed.end, feed.end);
  return feed;
}

/** The wait that each stream lives by. */
const streamLives = new WeakMap<object, (until: Until) => void>();

/** Ends `stream` normally when `until` ends. */
export function endStreamBy(stream: MessageStream<unknown>, until: Until): void {
  streamLives.get(stream)?.(until);
}
