import { platform } from "./platform.ts";

/** A timer that has been started; `cancel` is idempotent and harmless after it fired. */
export interface Timer {
  cancel(): void;
}

/**
 * Where time comes from. Everything that waits asks a clock, so a test can hold time in its hand (design.md §4.3).
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a scale that never jumps; only differences mean something. */
  monotonicMs(): number;
  /**
   * Calls `fn` once after `delayMs` (negative counts as 0), never if that is `Infinity`. The timer keeps the process
   * alive unless `background`.
   */
  after(delayMs: number, fn: () => void, options?: { background?: boolean }): Timer;
  /** Calls `fn` when the running continuations have had their turn: no microtask is left. Order of calls is kept. */
  turn(fn: () => void): void;
  /**
   * Names work that time should not run ahead of, such as a file being read: a manual clock moves on only when it has
   * settled. The machine's clock cannot wait, and has no such member.
   */
  hold?(work: Promise<unknown>): void;
}

/** Runs after all microtasks; browsers have no `setImmediate`, there a timer of 0 ms does it. */
function nextTurn(fn: () => void): void {
  if (platform.setImmediate) platform.setImmediate(fn);
  else platform.setTimeout(fn, 0);
}

/** The machine's timers take 31 bits; one that is asked for more fires at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The clock of the machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => platform.performance.now(),
  after(delayMs, fn, options) {
    if (delayMs > longestDelayMs) return afterLong(delayMs, fn, options);
    const handle = platform.setTimeout(fn, Math.max(0, delayMs));
    if (options?.background && typeof handle === "object") handle.unref?.();
    return { cancel: () => platform.clearTimeout(handle) };
  },
  turn: nextTurn,
};

/** In stretches that the machine's timers take; `Infinity` never comes. */
function afterLong(delayMs: number, fn: () => void, options?: { background?: boolean }): Timer {
  const next = (): void => {
    timer = realClock.after(delayMs - longestDelayMs, fn, options);
  };
  let timer = realClock.after(longestDelayMs, next, options);
  return { cancel: () => timer.cancel() };
}

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms`, firing each timer at its due time and giving the continuations their turn after each. */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly pending: number;
}

interface ManualTimer extends Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/**
 * A clock for tests: time moves only by `advance`, timers fire in the order of their due times (and of their making),
 * and the program's continuations run between them.
 * @param startMs wall-clock time to start from, default 2026-01-01T00:00:00Z
 */
export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  let made = 0;
  const timers = new Set<ManualTimer>();

  const earliest = (limitMs: number): ManualTimer | undefined => {
    let first: ManualTimer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > limitMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order))
        first = timer;
    }
    return first;
  };
  const held = new Set<Promise<unknown>>();
  let heldDone = 0;
  const turn = (): Promise<void> => new Promise((resolve) => realClock.turn(resolve));
  /** Lets continuations run until none of the work named to `hold` is left, and what follows from it has had its turn. */
  const settle = async (): Promise<void> => {
    let before: number;
    do {
      before = heldDone;
      await Promise.allSettled(held);
      await turn();
    } while (held.size > 0 || heldDone !== before);
  };

  return {
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after(delayMs, fn) {
      const timer: ManualTimer = {
        dueMs: nowMs + Math.max(0, delayMs),
        order: made++,
        fn,
        cancel: () => void timers.delete(timer),
      };
      timers.add(timer);
      return timer;
    },
    turn: nextTurn,
    hold(work) {
      const done = (): void => {
        if (held.delete(work)) heldDone++;
      };
      held.add(work);
      work.then(done, done);
    },
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (let timer = earliest(endMs); timer; timer = earliest(endMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.fn();
        await settle();
      }
      nowMs = endMs;
    },
  };
}
