/**
 * The few globals of the platform that the pure layers lean on, in one place. Node and browsers have them all but
 * `setImmediate`, which browsers lack.
 */
interface Platform {
  setTimeout(fn: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
  setImmediate?(fn: () => void): unknown;
  performance: { now(): number };
}

type TimerHandle = number | { unref?(): unknown; ref?(): unknown };

export const platform: Platform = globalThis as unknown as Platform;

/** What the pure layers need of an `AbortSignal`; every `AbortSignal` fits. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * Calls `fn` once when the signal fires, at once if it has fired already.
 * @returns a function that takes the registration back.
 */
export function onAbort(signal: Signal, fn: (reason: unknown) => void): () => void {
  if (signal.aborted) {
    fn(signal.reason);
    return () => {};
  }
  const listener = () => fn(signal.reason);
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
