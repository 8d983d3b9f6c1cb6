import { YaytsError } from "../../base/index.ts";

/** A key of a telephone; A to D are on few of them (RFC 4733 §3.2). */
export type Key =
  | "0"
  | "1"
  | "2"
  | "3"
  | "4"
  | "5"
  | "6"
  | "7"
  | "8"
  | "9"
  | "*"
  | "#"
  | "A"
  | "B"
  | "C"
  | "D";

const everyKey = "0123456789*#ABCD";

export const allKeys: ReadonlySet<Key> = new Set([...everyKey].filter(isKey));

export function isKey(text: string): text is Key {
  return text.length === 1 && everyKey.includes(text);
}

/** The keys in `text`, which an argument `name` has; letters may be small. Throws `bad-argument` when one is none. */
export function readKeys(name: string, text: string): readonly Key[] {
  const keys = typeof text === "string" ? [...text.toUpperCase()] : undefined;
  if (!keys?.every(isKey))
    throw new YaytsError(
      "bad-argument",
      `${name} takes keys out of ${everyKey}, not ${JSON.stringify(text)}`,
    );
  return keys;
}

/** A time that an argument gives: 0 or more; Infinity is no limit. */
export function readMs(name: string, ms: number): number {
  if (typeof ms === "number" && ms >= 0) return ms;
  throw new YaytsError(
    "bad-argument",
    `${name} takes milliseconds, 0 or more, or Infinity, not ${String(ms)}`,
  );
}

/** A count that an argument gives: whole, at least `least`. */
export function readCount(name: string, count: number, least: number): number {
  if (count === Number.POSITIVE_INFINITY || (Number.isSafeInteger(count) && count >= least)) return count;
  throw new YaytsError(
    "bad-argument",
    `${name} takes a whole number, ${least} or more, not ${String(count)}`,
  );
}
