import { setTimeout as delay } from "node:timers/promises";
import { errorText, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { OutgoingCallError } from "../../flow/index.ts";
import { UsageError } from "../usage-error.ts";
import { type ListeningCaller, placeListeningCaller, type TranscriptEvent } from "./listening-caller.ts";

export interface ScriptedCallOptions {
  readonly target: string;
  /** Keys; a comma is a pause of a second. */
  readonly press: string;
  /** Fixed time between keys; undefined: until something was heard, at most {@link answerMs}. */
  readonly waitMs?: number | undefined;
  /** How long to stay after the last key, or after the answer when there is none. */
  readonly stayMs: number;
  /** Hang up as soon as the answer to the last key was heard. */
  readonly leaveWhenHeard?: boolean | undefined;
  /** How long an answer may take to be heard once its sound was begun; default {@link answerMs}. */
  readonly playingMs?: number | undefined;
  readonly recordTo?: string | undefined;
  readonly caller?: string | undefined;
  /** Where the call goes without being routed. */
  readonly direct?: string | undefined;
  readonly ringMs: number;
  /** Hangs up. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TranscriptEvent) => void;
}

/** How a scripted call went. */
export type CallOutcome =
  | {
      readonly kind: "answered";
      /** Names of the prompts. */
      readonly heard: readonly string[];
      /** How long something could be heard, prompts included. */
      readonly soundMs: number;
      readonly reason: string;
      readonly durationMs: number;
    }
  | { readonly kind: "not-answered"; readonly reason: string };

/** How long the answer to a key may take to be heard. */
export const answerMs = 2000;
const pauseMs = 1000;
const samplesPerMs = 8;

/** @throws UsageError */
export function checkKeys(keys: string): string {
  const wrong = /[^0-9*#A-Da-d,]/.exec(keys)?.[0];
  if (wrong !== undefined)
    throw new UsageError(
      `--press cannot press ${JSON.stringify(wrong)}`,
      "keys are 0-9 * # A-D, a comma is a pause",
    );
  return keys.toUpperCase();
}

/** Places a call, presses the keys and hangs up. Not answered is an outcome; anything else that fails rejects. */
export async function playScriptedCall(yate: Yate, options: ScriptedCallOptions): Promise<CallOutcome> {
  const { signal, onEvent } = options;
  let listening: ListeningCaller;
  try {
    listening = await placeListeningCaller(yate, options.target, {
      caller: options.caller,
      params: options.direct === undefined ? undefined : { direct: options.direct },
      recordTo: options.recordTo,
      maxcallMs: options.ringMs,
      signal,
      onEvent,
    });
    await listening.caller.answered;
  } catch (error) {
    if (error instanceof OutgoingCallError) return { kind: "not-answered", reason: error.reason };
    if (signal.aborted) return { kind: "not-answered", reason: "given up" };
    throw error;
  }
  try {
    await pressKeys(listening, options);
  } finally {
    await listening.caller.hangup().catch(() => {});
  }
  const end = await listening.done.catch((error: unknown) => {
    throw error instanceof YaytsError
      ? error
      : new YaytsError("call-failed", errorText(error), { cause: error });
  });
  const { caller } = listening;
  const sound = await caller.recording().catch(() => new Int16Array(0));
  const silenceMs = sound.length > 0 ? await caller.heardSilenceMs() : 0;
  return {
    kind: "answered",
    soundMs: Math.max(0, Math.round(sound.length / samplesPerMs - silenceMs)),
    heard: listening.heard.map(({ name }) => name),
    reason: end.reason,
    durationMs: end.durationMs,
  };
}

/** Ends early when the call does. */
async function pressKeys(listening: ListeningCaller, options: ScriptedCallOptions): Promise<void> {
  const over = new AbortController();
  void listening.done.then(
    () => over.abort(),
    () => over.abort(),
  );
  const ends = AbortSignal.any([over.signal, options.signal]);
  const pause = (ms: number): Promise<unknown> => delay(ms, undefined, { signal: ends }).catch(() => {});
  const keys = [...options.press];
  for (const [at, key] of keys.entries()) {
    if (ends.aborted) return;
    if (key === ",") {
      await pause(pauseMs);
      continue;
    }
    const last = keys.slice(at + 1).every((next) => next === ",");
    const heard = listening.hearsSomething(answerMs, options.playingMs);
    await listening.caller.press(key);
    if (last && !options.leaveWhenHeard) continue;
    await (options.waitMs === undefined ? heard : pause(options.waitMs));
  }
  if (!options.leaveWhenHeard || keys.length === 0) await pause(options.stayMs);
}
