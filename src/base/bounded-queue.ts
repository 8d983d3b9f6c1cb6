/** A first-in first-out queue with a limit; `push` tells when it is full and leaves the policy to its user. */
export interface BoundedQueue<T> {
  readonly size: number;
  readonly limit: number;
  /** Appends and returns true, or returns false and leaves the queue as it is when it is full. */
  push(item: T): boolean;
  /** Removes and returns the oldest item; undefined when empty. */
  shift(): T | undefined;
}

/** @param limit most items held, at least 1 */
export function createBoundedQueue<T>(limit: number): BoundedQueue<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    get size() {
      return items.length - head;
    },
    limit,
    push(item) {
      if (items.length - head >= limit) return false;
      items.push(item);
      return true;
    },
    shift() {
      if (head >= items.length) return undefined;
      const item = items[head];
      items[head++] = undefined;
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}
