/**
 * A caller for questions, under a clock in the test's hand: keys come when they are told to, and prompts last as long as their
 * name says (`welcome:1500`). What is under test gets everything else as in a call.
 */
import { Abandoned, createManualClock, type ManualClock, YaytsError } from "../src/base/index.ts";
import { createWait } from "../src/bus/index.ts";
import { KeyBuffer } from "../src/call/keys/key-buffer.ts";
import type { Asked } from "../src/call/keys/question.ts";
import type { HangUp, PlayEnd } from "../src/call/outcomes.ts";
import type { CallSound, Playing } from "../src/call/sound/call-sound.ts";
import type { Playable } from "../src/call/sound/playable.ts";

export interface KeysBench {
  readonly clock: ManualClock;
  readonly keys: KeyBuffer;
  readonly asked: Asked;
  readonly sound: Pick<CallSound, "play">;
  /** What was played, and how it went: `welcome:1500 at 0 to 200`. */
  readonly played: readonly string[];
  /** Types keys so many milliseconds after the start of the test. */
  at(ms: number, keys: string): void;
  hangUpAt(ms: number): void;
  hangUp(): HangUp;
  /** Lets time go on until `question` has its outcome; tells when that was. Keys and hang-ups after it come, too. */
  run<T>(question: Promise<T>): Promise<{ outcome: T; atMs: number }>;
}

const hungUp: HangUp = { kind: "hangup", by: "party", reason: "hangup" };
/** Longer than anything that is waited for here. */
const wholeMs = 600_000;

/** @param stopMs how long it takes until a prompt that is stopped has ended */
export function createKeysBench(stopMs = 0): KeysBench {
  const clock = createManualClock();
  const keys = new KeyBuffer(clock);
  const ending = createWait<HangUp>("the end", undefined);
  const abort = new AbortController();
  let over: HangUp | undefined;
  const playings = new Set<(end: PlayEnd) => void>();
  const played: string[] = [];

  const play = (what: Playable): Playing => {
    const startMs = clock.monotonicMs();
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    const name = nameOf(what);
    let ended = false;
    const end = (how: PlayEnd): void => {
      if (ended) return;
      ended = true;
      timer.cancel();
      playings.delete(end);
      played.push(`${name} at ${startMs} to ${clock.monotonicMs()}`);
      resolve(how);
    };
    const playedMs = (): number => clock.monotonicMs() - startMs;
    const timer = clock.after(durationMs(what), () => end({ kind: "completed", playedMs: playedMs() }));
    playings.add(end);
    if (name === "missing") end({ kind: "failed", error: new YaytsError("no-media", "no prompt missing") });
    return Object.assign(promise, {
      stop() {
        if (stopMs === 0) end({ kind: "stopped", by: "app", playedMs: playedMs() });
        else clock.after(stopMs, () => end({ kind: "stopped", by: "app", playedMs: playedMs() }));
        return promise;
      },
      pause() {},
      resume() {},
      paused: false,
      playedMs: 0,
    });
  };

  const bench: KeysBench = {
    clock,
    keys,
    asked: {
      clock,
      keys,
      ended: ending.wait,
      signal: abort.signal,
      get over() {
        return over;
      },
      begin: async () => over,
    },
    sound: { play },
    played,
    at: (ms, text) => void clock.after(ms - clock.monotonicMs(), () => keys.add(text)),
    hangUpAt: (ms) => void clock.after(ms - clock.monotonicMs(), () => bench.hangUp()),
    // In the order in which a call ends (CallCore.finish).
    hangUp() {
      over = hungUp;
      keys.end();
      abort.abort(new Abandoned("the call is over", hungUp));
      for (const end of [...playings]) end(hungUp);
      ending.resolve(hungUp);
      return hungUp;
    },
    async run(question) {
      let atMs = Number.NaN;
      const watched = question.finally(() => {
        atMs = clock.monotonicMs();
      });
      watched.catch(() => {});
      await clock.advance(wholeMs);
      if (Number.isNaN(atMs)) throw new Error("the question has no outcome");
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`);
      return { outcome: await question, atMs };
    },
  };
  return bench;
}

function nameOf(what: Playable): string {
  if (typeof what === "string") return what;
  return Array.isArray(what) ? what.map(nameOf).join("+") : "?";
}

function durationMs(what: Playable): number {
  if (Array.isArray(what)) return what.reduce((sum, part) => sum + durationMs(part), 0);
  return typeof what === "string" ? Number(what.split(":")[1] ?? 0) : 0;
}
