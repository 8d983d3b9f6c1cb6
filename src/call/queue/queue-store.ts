import { emptyQueueState, type QueueState } from "./queue-state.ts";

/**
 * Where queues keep what they know (design.md §6). With a store in a database that several copies of an app share, they are
 * one call centre: the agents of one are called for the callers of the other.
 */
export interface QueueStore {
  /**
   * Changes the state, and resolves to what `change` returned once that is kept. Changes come one after another: none sees
   * half of another. `change` writes into the draft it is given and may be called again on a newer one, so it does nothing else.
   */
  update<T>(change: (draft: QueueState) => T): Promise<T>;
  /** Calls `fn` with the state after each change, whoever made it; it must not write into it. Returns the way to stop that. */
  watch(fn: (state: QueueState) => void): () => void;
}

/** A store in this process. */
export function createMemoryStore(): QueueStore {
  const state = emptyQueueState();
  const watchers = new Set<(state: QueueState) => void>();
  return {
    async update(change) {
      // Not before the caller has gone on: a watcher may ask for changes, which come after this one.
      await Promise.resolve();
      const result = change(state);
      for (const watcher of [...watchers]) watcher(state);
      return result;
    },
    watch(fn) {
      watchers.add(fn);
      return () => void watchers.delete(fn);
    },
  };
}
