import { type Clock, errorText, type Logger, type Timer } from "../../base/index.ts";
import { createStream, type MessageStream, type StreamFeed } from "../../bus/index.ts";
import type { QueueEvent } from "./queue-events.ts";
import { assign, type Change, nextDueMs, passTime } from "./queue-rules.ts";
import { emptyQueueState, type QueueState } from "./queue-state.ts";
import type { QueueStore } from "./queue-store.ts";

/** Most events that wait for a loop over them; over it the oldest are dropped. */
const mostEvents = 1000;

/** The queues of one store, in this process: makes changes, tells what they bring, and wakes when time brings some. */
export class CallCentre {
  readonly clock: Clock;
  readonly log: Logger;
  readonly #store: QueueStore;
  readonly #listeners: Map<string, Set<StreamFeed<QueueEvent>>> = new Map();
  readonly #followers: Set<(state: QueueState) => void> = new Set();
  #latest: QueueState = emptyQueueState();
  #timer: Timer | undefined;
  #timerDueMs: number | undefined;

  constructor(store: QueueStore, clock: Clock, log: Logger) {
    this.#store = store;
    this.clock = clock;
    this.log = log;
    store.watch((state) => this.#changed(state));
  }

  /** The state after the last change; not to be written into. */
  get latest(): QueueState {
    return this.#latest;
  }

  /** Makes a change, and lets calls ring at whom it has set free. Rejects when the store fails. */
  async change<T>(fn: (change: Change) => T): Promise<T> {
    const { result, events } = await this.#store.update((state) => {
      const change: Change = { state, nowMs: this.clock.now(), events: [] };
      passTime(change);
      const result = fn(change);
      assign(change);
      return { result, events: change.events };
    });
    for (const event of events) {
      for (const feed of this.#listeners.get(event.queue) ?? []) {
        if (feed.push(event)) continue;
        feed.dropOldest();
        feed.countDropped();
        feed.push(event);
      }
    }
    return result;
  }

  /** A change that nobody waits for; a store that fails is reported. */
  changeSoon(fn: (change: Change) => unknown): void {
    this.change(fn).catch((error: unknown) =>
      this.log.error(`the store of the queues failed: ${errorText(error)}`),
    );
  }

  /** Calls `fn` after each change. Returns the way to stop that. */
  follow(fn: (state: QueueState) => void): () => void {
    this.#followers.add(fn);
    return () => void this.#followers.delete(fn);
  }

  /** What happens in a queue, from now on. */
  events(queue: string): MessageStream<QueueEvent> {
    const feeds = this.#listeners.get(queue) ?? new Set();
    this.#listeners.set(queue, feeds);
    const feed = createStream<QueueEvent>(
      `events of the queue ${queue}`,
      { bufferSize: mostEvents },
      this.clock,
      () => void feeds.delete(feed),
    );
    feeds.add(feed);
    return feed.stream;
  }

  #changed(state: QueueState): void {
    this.#latest = state;
    for (const follower of [...this.#followers]) follower(state);
    const dueMs = nextDueMs(state);
    if (dueMs === this.#timerDueMs && this.#timer) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer =
      dueMs === undefined
        ? undefined
        : this.clock.after(
            dueMs - this.clock.now(),
            () => {
              this.#timer = undefined;
              this.changeSoon(() => {});
            },
            { background: true },
          );
  }
}
