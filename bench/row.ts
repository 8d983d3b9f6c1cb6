/** One measured value. */
export interface Row {
  /** What was measured, as in `client: pipelined dispatch`. */
  readonly name: string;
  readonly value: number;
  /** As in `messages/s`, `ms`, `MiB`. */
  readonly unit: string;
  /** The same, measured in the same run with the smallest program that can do it. */
  readonly baseline?: number;
  /** The value over the baseline. */
  readonly ratio?: number;
  /** What it must reach, as in `>= 30000` (the value) or `ratio >= 0.4`. */
  readonly target?: string;
}

/** The middle one of some values; NaN of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
