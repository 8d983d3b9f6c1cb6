import type { Signal } from "@preact/signals";
import { stored } from "../parts/stored.ts";

const most = 10;

/** Numbers that were called from this browser, the latest first. */
export const recentNumbers: Signal<readonly string[]> = stored<readonly string[]>(
  "recent",
  [],
  (found): found is readonly string[] =>
    Array.isArray(found) && found.every((number) => typeof number === "string"),
);

export function remember(number: string): void {
  recentNumbers.value = [number, ...recentNumbers.value.filter((known) => known !== number)].slice(0, most);
}
