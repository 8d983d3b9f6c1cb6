import { YaytsError } from "../../base/index.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { CallSound } from "../sound/call-sound.ts";
import type { Playable } from "../sound/playable.ts";
import type { CollectRules, FinishedBy, Fit, WhyInvalid } from "./collect.ts";
import { allKeys, type Key, readCount, readKeys } from "./key.ts";
import { type Asked, ask, type Question, type QuestionOptions, readQuestion, tell } from "./question.ts";

/** How to gather digits. */
export interface GatherOptions extends QuestionOptions {
  /** Fewest digits, default 1. With 0 the finish key alone gives none. */
  readonly min?: number | undefined;
  /** Most digits: the last one ends it at once. Default: no limit. */
  readonly max?: number | undefined;
  /**
   * Keys that end the digits and are not of them, default `#`; `""` none. One that comes within a second after the last of
   * `max` digits belongs to them, too: callers press it by habit.
   */
  readonly finishOn?: string | undefined;
  /** Keys that can be digits, default all; any other, but those of `finishOn`, makes the try invalid at once. */
  readonly keys?: string | undefined;
  /** How often it is asked again when nothing was typed in time or what was typed is not taken. Default 0. */
  readonly retries?: number | undefined;
  /**
   * Looks at the digits: true takes them, false does not, and a prompt that is played instead of `invalidPrompt` says why not.
   * What it throws, `gather` throws. `signal` fires at hang-up, and what it still does then is not waited for.
   */
  readonly validate?:
    | ((digits: string, context: { readonly signal: AbortSignal }) => Verdict | Promise<Verdict>)
    | undefined;
}

/** What `validate` thinks of digits: good, bad, or bad and why. */
export type Verdict = boolean | Playable;

/** What became of a question for digits. */
export type GatherOutcome =
  /** `finishedBy`: the finish key, or what else ended them. */
  | { readonly kind: "digits"; readonly digits: string; readonly finishedBy: FinishedBy }
  /** Nothing was typed in time, or too little in `totalMs`; `digits` is what was typed so far. */
  | { readonly kind: "timeout"; readonly digits: string }
  /** `why`: too few digits, a key that is none of `keys` (after `digits`), or `validate` refused them. */
  | { readonly kind: "invalid"; readonly digits: string; readonly why: WhyInvalid }
  | HangUp
  | Failed;

/** A question for digits as it is asked. */
interface DigitsQuestion extends Question {
  readonly rules: Pick<CollectRules, "fit" | "finishOn">;
  readonly retries: number;
  readonly validate: GatherOptions["validate"];
}

/** Asks for digits. Rejects with `bad-argument`, and with what `validate` throws. */
export async function gather(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  options: GatherOptions,
): Promise<GatherOutcome> {
  const question = readGather(options);
  const over = await asked.begin();
  if (over) return over;
  using reader = asked.keys.open();
  let notice: Playable | undefined;
  for (let left = question.retries; ; left--) {
    const answer = await ask(asked, sound, reader, question, question.rules, notice);
    const { outcome, why } = await judge(asked, question, answer);
    if (outcome.kind !== "timeout" && outcome.kind !== "invalid") return outcome;
    notice = why ?? (outcome.kind === "timeout" ? question.timeoutPrompt : question.invalidPrompt);
    // What was typed after a mistake answers neither this question nor the next one.
    asked.keys.flush();
    if (left <= 0) return (await tell(asked, sound, reader, question, [notice])) ?? outcome;
  }
}

function readGather(options: GatherOptions): DigitsQuestion {
  const min = readCount("min", options.min ?? 1, 0);
  const max = readCount("max", options.max ?? Number.POSITIVE_INFINITY, 1);
  if (min > max || min === Number.POSITIVE_INFINITY)
    throw new YaytsError("bad-argument", `min must not be more than max: ${min} is more than ${max}`);
  const finishOn = new Set(readKeys("finishOn", options.finishOn ?? "#"));
  const digits = new Set(options.keys === undefined ? allKeys : readKeys("keys", options.keys));
  if (digits.size === 0) throw new YaytsError("bad-argument", "keys names no key: nothing could be typed");
  const both = options.keys === undefined ? undefined : [...finishOn].find((key) => digits.has(key));
  if (both && options.finishOn !== undefined)
    throw new YaytsError("bad-argument", `${both} cannot be in both finishOn and keys`);
  if (both) finishOn.delete(both);
  return {
    ...readQuestion(options),
    rules: { fit: fitOf(min, max, digits), finishOn },
    retries: readCount("retries", options.retries ?? 0, 0),
    validate: readValidate(options.validate),
  };
}

function readValidate(validate: GatherOptions["validate"]): GatherOptions["validate"] {
  if (validate === undefined || typeof validate === "function") return validate;
  throw new YaytsError("bad-argument", `validate takes a function, not ${JSON.stringify(validate)}`);
}

function fitOf(min: number, max: number, allowed: ReadonlySet<Key>): (digits: string) => Fit {
  const keys: ReadonlySet<string> = allowed;
  return (digits) => {
    const last = digits.at(-1);
    if (last !== undefined && !keys.has(last)) return "none";
    if (digits.length >= max) return "full";
    return digits.length >= min ? "enough" : "open";
  };
}

/** Lets `validate` look at digits; `why` is what it wants to be played. */
async function judge(
  asked: Asked,
  { validate }: DigitsQuestion,
  outcome: GatherOutcome,
): Promise<{ readonly outcome: GatherOutcome; readonly why?: Playable }> {
  if (outcome.kind !== "digits" || !validate) return { outcome };
  const { digits } = outcome;
  const judged = asked.over ? false : validate(digits, { signal: asked.signal });
  const verdict = await Promise.race([judged, asked.ended.then(() => false)]);
  if (asked.over) return { outcome: asked.over };
  if (verdict === true) return { outcome };
  const invalid = { outcome: { kind: "invalid", digits, why: "refused" } } as const;
  return verdict ? { ...invalid, why: verdict } : invalid;
}
