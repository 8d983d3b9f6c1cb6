import type { Clock } from "../base/index.ts";
import { createStream, type StreamFeed } from "./stream.ts";
import { Taker, type TakerIndex } from "./taker-index.ts";
import { beginWait, type PendingWait, type WaitOwner } from "./wait.ts";
import type { OnMessageOptions, StreamOptions } from "./yate.ts";

/** One wait for a message. It makes no closures: a hundred thousand of them may stand. */
export class Waiter<M> extends Taker<M, Waiter<M>> implements WaitOwner {
  readonly pending: PendingWait<M>;
  readonly autoreturn: boolean;
  readonly #index: TakerIndex<M, Waiter<M>>;

  constructor(index: TakerIndex<M, Waiter<M>>, options: OnMessageOptions | undefined, clock: Clock) {
    super();
    this.#index = index;
    this.autoreturn = options?.autoreturn ?? false;
    this.pending = beginWait<M>(this, options, clock);
  }

  get what(): string {
    return this.#index.what;
  }

  ended(outcome: unknown): void {
    this.#index.remove(this);
    this.#index.observing?.observer?.ended(this, outcome instanceof Error ? outcome : "message");
  }
}

/** One stream of messages. */
export class Streamer<M> extends Taker<M, Streamer<M>> {
  readonly feed: StreamFeed<M>;
  readonly autoreturn: boolean;

  /** @param giveUp told what nobody took when the stream ended */
  constructor(
    index: TakerIndex<M, Streamer<M>>,
    options: StreamOptions | undefined,
    clock: Clock,
    giveUp?: (left: M[]) => void,
  ) {
    super();
    this.autoreturn = options?.autoreturn ?? false;
    this.feed = createStream<M>(index.what, options, clock, (left, error) => {
      index.remove(this);
      index.observing?.observer?.ended(this, error ?? "ended");
      giveUp?.(left);
    });
  }
}
