import { onAbort, type Signal } from "../../base/index.ts";

/** Work that several wait for is done once; when nobody waits any more, it is told to stop. */
export interface SharedWork<Outcome> {
  /**
   * Joins the work of this key, or begins it.
   * @param aborted what this caller gets when its own signal fires first
   */
  join(
    key: string,
    begin: (signal: AbortSignal) => Promise<Outcome>,
    signal: Signal | undefined,
    aborted: () => Outcome,
  ): Promise<Outcome>;
}

interface Running<Outcome> {
  readonly outcome: Promise<Outcome>;
  readonly controller: AbortController;
  waiting: number;
}

/** Makes a set of shared works. What `begin` gives must not reject. */
export function createSharedWork<Outcome>(): SharedWork<Outcome> {
  const running = new Map<string, Running<Outcome>>();
  return {
    join(key, begin, signal, aborted) {
      if (signal?.aborted) return Promise.resolve(aborted());
      let work = running.get(key);
      if (!work) {
        const controller = new AbortController();
        const outcome = begin(controller.signal).finally(() => {
          if (running.get(key)?.controller === controller) running.delete(key);
        });
        work = { outcome, controller, waiting: 0 };
        running.set(key, work);
      }
      const { outcome, controller } = work;
      const joined = work;
      joined.waiting++;
      if (!signal) return outcome;
      return new Promise((resolve, reject) => {
        const stopListening = onAbort(signal, () => {
          resolve(aborted());
          if (--joined.waiting > 0) return;
          // Whoever comes now begins anew.
          if (running.get(key) === joined) running.delete(key);
          controller.abort();
        });
        outcome.then(resolve, reject).finally(stopListening);
      });
    },
  };
}
