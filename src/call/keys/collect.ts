import { type Clock, TimedOut } from "../../base/index.ts";
import type { Key } from "./key.ts";
import type { KeyBuffer, KeyReader, TypedKey } from "./key-buffer.ts";

/**
 * What digits typed so far can become: `open` when more must come, `enough` when more may come, `full` when no more can, and
 * `none` when nothing that begins so is wanted.
 */
export type Fit = "open" | "enough" | "full" | "none";

/** What digits are collected by. Times are in milliseconds; Infinity is no limit. */
export interface CollectRules {
  fit(digits: string): Fit;
  readonly finishOn: ReadonlySet<Key>;
  readonly firstDigitMs: number;
  readonly betweenDigitsMs: number;
  readonly totalMs: number;
}

/** What ended digits: the finish key that was pressed, the last digit that there can be, or time. */
export type FinishedBy = Key | "max" | "gap" | "total";

/** Why digits were not taken: too few, a key that is not wanted there, or `validate`. */
export type WhyInvalid = "short" | "key" | "refused";

export type Collected =
  | { readonly kind: "digits"; readonly digits: string; readonly finishedBy: FinishedBy }
  | { readonly kind: "timeout"; readonly digits: string }
  /** `digits` are those before the key that was not wanted. */
  | { readonly kind: "invalid"; readonly digits: string; readonly why: WhyInvalid }
  /** The call is over. */
  | { readonly kind: "over" };

/** Callers end numbers with the finish key by habit: one so soon after the last digit that there can be belongs to it. */
const habitMs = 1000;

/** The longest that timers take (the machine's, 2^31 - 1 ms); what is longer is no limit. */
const longestTimerMs = 2_147_483_647;

/** Collects digits from now on. */
export async function collect(
  keys: KeyBuffer,
  reader: KeyReader,
  clock: Clock,
  rules: CollectRules,
): Promise<Collected> {
  const endMs = clock.monotonicMs() + rules.totalMs;
  let digits = "";
  for (;;) {
    // Once there is a digit, only the gap counts.
    const gapMs = digits === "" ? rules.firstDigitMs : rules.betweenDigitsMs;
    const leftMs = Math.max(0, endMs - clock.monotonicMs());
    const typed = await next(reader, Math.min(gapMs, leftMs));
    if (typed === undefined) return { kind: "over" };
    const enough = rules.fit(digits) === "enough";
    if (typed === "late") {
      const finishedBy = leftMs < gapMs ? "total" : "gap";
      // Nobody said anything, not even the finish key: that is no answer, whatever the least may be.
      if (digits === "") return { kind: "timeout", digits };
      if (enough) return { kind: "digits", digits, finishedBy };
      return finishedBy === "total" ? { kind: "timeout", digits } : { kind: "invalid", digits, why: "short" };
    }
    const { key, atMs } = typed;
    if (rules.finishOn.has(key))
      return enough ? { kind: "digits", digits, finishedBy: key } : { kind: "invalid", digits, why: "short" };
    const fit = rules.fit(digits + key);
    if (fit === "none") return { kind: "invalid", digits, why: "key" };
    digits += key;
    if (fit !== "full") continue;
    if (rules.finishOn.size > 0) keys.forgiveNext(rules.finishOn, atMs + habitMs);
    return { kind: "digits", digits, finishedBy: "max" };
  }
}

/** The next key; undefined when the call is over. */
async function next(reader: KeyReader, withinMs: number): Promise<TypedKey | "late" | undefined> {
  try {
    return await reader.next({ timeoutMs: withinMs > longestTimerMs ? undefined : withinMs });
  } catch (error) {
    if (error instanceof TimedOut) return "late";
    throw error;
  }
}
