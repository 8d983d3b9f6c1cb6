import { onAbort, type Signal } from "../../base/index.ts";

/** Lets a few in at a time, in their order. */
export interface Turnstile {
  /** Resolves to what is to be called at the end, once there is room; to undefined when the signal fires first. */
  enter(signal: Signal): Promise<(() => void) | undefined>;
}

/** @param places how many may be inside at once, at least 1 */
export function createTurnstile(places: number): Turnstile {
  let free = Math.max(1, places);
  const waiting: (() => void)[] = [];
  const leaver = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      free++;
      waiting.shift()?.();
    };
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (free > 0) {
        free--;
        return Promise.resolve(leaver());
      }
      return new Promise((resolve) => {
        const admit = (): void => {
          stopListening();
          free--;
          resolve(leaver());
        };
        const stopListening = onAbort(signal, () => {
          waiting.splice(waiting.indexOf(admit), 1);
          resolve(undefined);
        });
        waiting.push(admit);
      });
    },
  };
}
