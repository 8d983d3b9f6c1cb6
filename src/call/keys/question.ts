import { YaytsError } from "../../base/index.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp } from "../outcomes.ts";
import type { CallSound } from "../sound/call-sound.ts";
import type { Playable } from "../sound/playable.ts";
import { type Collected, type CollectRules, collect } from "./collect.ts";
import { allKeys, type Key, readKeys, readMs } from "./key.ts";
import type { KeyReader } from "./key-buffer.ts";

/** What `gather` and `menu` have in common: what is played, and how long is waited. */
export interface QuestionOptions {
  /** Played first; without it the time for the first digit begins at once. */
  readonly prompt?: Playable | undefined;
  /** Played when what was typed is not taken, before the prompt comes again, and when there is no further try. */
  readonly invalidPrompt?: Playable | undefined;
  /** The same when nothing was typed in time. */
  readonly timeoutPrompt?: Playable | undefined;
  /** How long the first digit may take once the prompt is over. Default 5000. */
  readonly firstDigitMs?: number | undefined;
  /** How long each further digit may take; once there is a digit only this counts. Default 3000. */
  readonly betweenDigitsMs?: number | undefined;
  /** How long all digits of one try may take, from the end of the prompt. Default: no limit. */
  readonly totalMs?: number | undefined;
  /**
   * Keys that stop the prompt, and one typed ahead of it makes it be left out: true any (default), or some as in `"0*#"`. Keys
   * that do not stop it answer when it is over.
   */
  readonly bargeIn?: boolean | string | undefined;
  /** Whether keys typed before the question answer it. Default true; false forgets them, and those typed into a prompt that they do not stop. */
  readonly typeAhead?: boolean | undefined;
  /** Language of the prompts, default the call's. */
  readonly language?: string | undefined;
  /** Louder or softer prompts, in decibels; default 0. */
  readonly volumeDb?: number | undefined;
}

/** A question as it is asked. */
export interface Question extends Pick<CollectRules, "firstDigitMs" | "betweenDigitsMs" | "totalMs"> {
  readonly prompt: Playable | undefined;
  readonly invalidPrompt: Playable | undefined;
  readonly timeoutPrompt: Playable | undefined;
  /** Keys that stop prompts. */
  readonly bargeIn: ReadonlySet<Key>;
  readonly typeAhead: boolean;
  readonly language: string | undefined;
  readonly volumeDb: number | undefined;
}

/** What questions need of a call. */
export type Asked = Pick<CallCore, "begin" | "clock" | "ended" | "keys" | "over" | "signal">;

/** Throws `bad-argument`. */
export function readQuestion(options: QuestionOptions): Question {
  const { bargeIn = true, typeAhead = true, firstDigitMs = 5000, betweenDigitsMs = 3000 } = options;
  const { totalMs = Number.POSITIVE_INFINITY } = options;
  return {
    prompt: options.prompt,
    invalidPrompt: options.invalidPrompt,
    timeoutPrompt: options.timeoutPrompt,
    firstDigitMs: readMs("firstDigitMs", firstDigitMs),
    betweenDigitsMs: readMs("betweenDigitsMs", betweenDigitsMs),
    totalMs: readMs("totalMs", totalMs),
    bargeIn: readBargeIn(bargeIn),
    typeAhead: readFlag("typeAhead", typeAhead),
    language: options.language,
    volumeDb: options.volumeDb,
  };
}

function readBargeIn(bargeIn: boolean | string): ReadonlySet<Key> {
  if (bargeIn === true) return allKeys;
  return new Set(bargeIn === false ? [] : readKeys("bargeIn", bargeIn));
}

function readFlag(name: string, flag: boolean): boolean {
  if (typeof flag === "boolean") return flag;
  throw new YaytsError("bad-argument", `${name} takes true or false, not ${JSON.stringify(flag)}`);
}

/** Asks once: plays `notice` (what was wrong with the try before) and the prompt, then collects digits. */
export async function ask(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  reader: KeyReader,
  question: Question,
  rules: Pick<CollectRules, "fit" | "finishOn">,
  notice: Playable | undefined,
): Promise<Exclude<Collected, { kind: "over" }> | HangUp | Failed> {
  if (!question.typeAhead) asked.keys.flush();
  const unheard = await tell(asked, sound, reader, question, [notice, question.prompt]);
  if (unheard) return unheard;
  const { firstDigitMs, betweenDigitsMs, totalMs } = question;
  const times = { firstDigitMs, betweenDigitsMs, totalMs };
  const collected = await collect(asked.keys, reader, asked.clock, { ...rules, ...times });
  return collected.kind === "over" ? await asked.ended : collected;
}

/** Plays until the end, or until a key that may stop it. Tells why the question cannot go on after it. */
export async function tell(
  asked: Asked,
  sound: Pick<CallSound, "play">,
  reader: KeyReader,
  { bargeIn, typeAhead, language, volumeDb }: Question,
  parts: readonly (Playable | undefined)[],
): Promise<HangUp | Failed | undefined> {
  const what = parts.filter((part) => part !== undefined);
  if (what.length === 0) return undefined;
  const seen = reader.sees(bargeIn);
  if (seen.settled) return asked.over;
  let stopped = false;
  try {
    const playing = sound.play(what.length === 1 ? (what[0] ?? what) : what, { language, volumeDb });
    seen.then(
      (key) => {
        stopped = key;
        if (key) playing.stop().catch(() => {});
      },
      () => {},
    );
    const end = await playing;
    if (end.kind === "hangup" || end.kind === "failed") return end;
  } finally {
    seen.cancel();
  }
  if (!typeAhead) asked.keys.flushBefore(stopped ? bargeIn : new Set());
  return undefined;
}
