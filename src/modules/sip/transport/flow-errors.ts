/** Those that wait for a flow to break. */
export interface FlowErrors {
  add(fn: (error: Error) => void): () => void;
  /** Tells them, after what is running now: whoever sends is never called back before `send` has returned. */
  tell(error: Error): void;
  /** How many watch. */
  readonly size: number;
}

export function createFlowErrors(): FlowErrors {
  const watchers = new Set<{ readonly fn: (error: Error) => void }>();
  return {
    get size() {
      return watchers.size;
    },
    add(fn) {
      const watcher = { fn };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    tell(error) {
      queueMicrotask(() => {
        for (const watcher of [...watchers]) if (watchers.has(watcher)) watcher.fn(error);
      });
    },
  };
}
