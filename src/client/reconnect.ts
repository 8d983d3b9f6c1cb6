/** How a lost connection is made again. */
export interface ReconnectOptions {
  /** Wait before the first attempt in milliseconds, default 100; doubled each time. */
  readonly firstMs?: number;
  /** Longest wait in milliseconds, default 10,000. */
  readonly maxMs?: number;
  /** Part of each wait that is left to chance, so that many apps do not come back at once: 0 to 1, default 0.2. */
  readonly jitter?: number;
}

/** The wait before attempt 1, 2, … in whole milliseconds. */
export function retryDelayMs(
  attempt: number,
  options: ReconnectOptions,
  random: () => number = Math.random,
): number {
  const { firstMs = 100, maxMs = 10_000, jitter = 0.2 } = options;
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(fullMs * (1 - jitter * random()));
}
