import type { PlayoutFigures } from "./playout.ts";

/** What is counted from the beginning on. */
export type PlayoutCounts = {
  -readonly [Name in Exclude<keyof PlayoutFigures, "delayMs" | "meanDelayMs" | "targetMs">]: number;
};

export function noCounts(): PlayoutCounts {
  return { packets: 0, late: 0, dropped: 0, playedMs: 0, concealedMs: 0, inserted: 0, skipped: 0 };
}

/** How far a sequence number is after another: −32768…32767. */
export function ahead(sequence: number, other: number): number {
  return ((sequence - other) << 16) >> 16;
}

/** Greatest common divisor. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** A copy with the bytes of each 16-bit sample exchanged. */
export function swapped(payload: Uint8Array): Uint8Array {
  const result = new Uint8Array(payload.length);
  for (let i = 0; i + 1 < payload.length; i += 2) {
    result[i] = payload[i + 1] ?? 0;
    result[i + 1] = payload[i] ?? 0;
  }
  return result;
}
