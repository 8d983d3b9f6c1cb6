import { setTimeout as delay } from "node:timers/promises";
import type { Yate } from "../../bus/index.ts";
import {
  type CallEnd,
  type CallEvent,
  type Caller,
  type CallerOptions,
  placeCaller,
} from "../../testing/index.ts";
import { createEar, type HeardPrompt } from "./ear.ts";

/** What happens to a call, and what its caller heard. */
export type TranscriptEvent =
  | CallEvent
  | { readonly kind: "heard"; readonly name: string; readonly score: number; readonly atMs: number };

export interface ListeningOptions extends Omit<CallerOptions, "onEvent"> {
  readonly onEvent: (event: TranscriptEvent) => void;
}

/** A caller whose ears are open all the time. */
export interface ListeningCaller {
  readonly caller: Caller;
  /** All prompts that it has heard. */
  readonly heard: readonly HeardPrompt[];
  /**
   * Resolves to true at the next prompt that it hears, to false when the time is over or the call has ended.
   * @param playingMs how long to wait once a sound was begun; default: no longer
   */
  hearsSomething(timeoutMs: number, playingMs?: number): Promise<boolean>;
  /** Resolves when the call is over and all of it has been listened to. */
  readonly done: Promise<CallEnd>;
}

const listenMs = 170;
/** How long after something happened a prompt may still be heard to its end; nobody listens to longer silence. */
const attentiveMs = 6000;

/** Places a call and listens until it ends. Rejects as `placeCaller` does. */
export async function placeListeningCaller(
  yate: Yate,
  target: string,
  options: ListeningOptions,
): Promise<ListeningCaller> {
  const startMs = performance.now();
  let attentiveUntilMs = 0;
  const playing = new Set<() => void>();
  const onEvent = (event: TranscriptEvent): void => {
    if (event.kind === "playing") for (const fn of [...playing]) fn();
    attentiveUntilMs = performance.now() + attentiveMs;
    options.onEvent(event);
  };
  const caller = await placeCaller(yate, target, { ...options, onEvent });
  const ear = createEar(caller);
  const heard: HeardPrompt[] = [];
  const waiting = new Set<(something: boolean) => void>();
  const listen = async (): Promise<void> => {
    for (const prompt of await ear.listen()) {
      heard.push(prompt);
      onEvent({ kind: "heard", ...prompt, atMs: Math.round(performance.now() - startMs) });
      for (const tell of waiting) tell(true);
    }
  };
  const done = (async () => {
    const ended = caller.ended.then(
      () => true,
      () => true,
    );
    for (let over = false; !over; over = await Promise.race([ended, delay(listenMs, false)]))
      if (performance.now() < attentiveUntilMs) await listen().catch(() => {});
    const end = await caller.ended;
    await listen();
    for (const tell of waiting) tell(false);
    return end;
  })();
  // Told by whoever waits for the end.
  done.catch(() => {});
  return {
    caller,
    heard,
    done,
    hearsSomething(timeoutMs, playingMs = timeoutMs) {
      return new Promise((resolve) => {
        const finish = (something: boolean): void => {
          clearTimeout(timer);
          waiting.delete(finish);
          playing.delete(wait);
          resolve(something);
        };
        let timer = setTimeout(() => finish(false), timeoutMs);
        const wait = (): void => {
          playing.delete(wait);
          if (playingMs <= timeoutMs) return;
          clearTimeout(timer);
          timer = setTimeout(() => finish(false), playingMs);
        };
        waiting.add(finish);
        playing.add(wait);
      });
    },
  };
}
