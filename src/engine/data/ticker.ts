import { type Clock, errorText, type Logger, type Timer } from "../../base/index.ts";

/** Length of a tick of all media. */
export const tickMs = 20;

/** Most ticks made up for after a stall; what is missing beyond is skipped, and the sound goes on from there. */
const maxCatchUp = 3;
/** Late ticks are reported at most once in so long, and single ones not at all: a sweep of the memory may cause them. */
const reportEveryMs = 10_000;
const reportLate = 5;

/** Figures of the media clock. */
export interface TickerFigures {
  readonly ticks: number;
  /** Ticks that ran more than their own length after they were due. */
  readonly late: number;
  /** Ticks that were left out after a stall. */
  readonly skipped: number;
  /** The latest a tick has been, in milliseconds. */
  readonly worstMs: number;
  readonly subscribers: number;
}

/** The one clock of all media of an engine: every 20 ms it calls those who subscribed, in the order of their subscription. */
export interface Ticker {
  readonly figures: TickerFigures;
  /** The latest a tick has been since this was asked last, in milliseconds. */
  takeWorstMs(): number;
  /** Calls `fn` on every tick from the next one on, until the function returned is called. One that throws is reported and removed. */
  subscribe(fn: () => void): () => void;
  /** Ends all ticking for good. */
  stop(): void;
}

/**
 * Ticks are due at absolute times, so errors of single timers do not add up. It runs only while somebody is subscribed;
 * after a pause the first tick comes at once, though never sooner than 20 ms after the last one, so that what follows
 * without a gap stays on the beat.
 */
export function createTicker(clock: Clock, log: Logger): Ticker {
  const subscribers = new Set<() => void>();
  let timer: Timer | undefined;
  let dueMs = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let ticks = 0;
  let late = 0;
  let skipped = 0;
  let worstMs = 0;
  let worstLatelyMs = 0;
  let reported = { atMs: Number.NEGATIVE_INFINITY, late: 0, skipped: 0 };

  const schedule = (): void => {
    timer = clock.after(dueMs - clock.monotonicMs(), run);
  };

  const report = (nowMs: number): void => {
    if (nowMs - reported.atMs < reportEveryMs) return;
    if (skipped === reported.skipped && late - reported.late < reportLate) return;
    log.warn(
      `the media clock is late: ${late - reported.late} ticks late, ${skipped - reported.skipped} left out; the machine or a handler is too slow`,
      { late, skipped, worstMs: Math.round(worstMs) },
    );
    reported = { atMs: nowMs, late, skipped };
  };

  const tick = (): void => {
    ticks++;
    // Those who come during a tick begin with the next one.
    for (const fn of [...subscribers]) {
      if (!subscribers.has(fn)) continue;
      try {
        fn();
      } catch (error) {
        subscribers.delete(fn);
        log.error(`something on the media clock failed and was taken off it: ${errorText(error)}`, { error });
      }
    }
  };

  function run(): void {
    timer = undefined;
    if (clock.monotonicMs() - dueMs < tickMs) {
      beat();
      return;
    }
    // The process was busy. What came meanwhile is not read yet: it is to be there before the ticks that want it.
    let wanted = true;
    timer = {
      cancel() {
        wanted = false;
      },
    };
    clock.turn(() => {
      if (wanted) beat();
    });
  }

  function beat(): void {
    timer = undefined;
    const nowMs = clock.monotonicMs();
    const behindMs = nowMs - dueMs;
    // Timers of whole milliseconds may fire a little early.
    const due = Math.floor((behindMs + 1) / tickMs) + 1;
    if (due > 0) {
      worstMs = Math.max(worstMs, behindMs);
      worstLatelyMs = Math.max(worstLatelyMs, behindMs);
      const missed = Math.max(0, due - maxCatchUp);
      skipped += missed;
      late += due - 1 - missed;
      dueMs += missed * tickMs;
      if (due > 1) report(nowMs);
      for (let i = missed; i < due && subscribers.size > 0; i++) {
        dueMs += tickMs;
        tick();
      }
    }
    if (subscribers.size > 0 && !stopped) schedule();
  }

  return {
    get figures() {
      return { ticks, late, skipped, worstMs, subscribers: subscribers.size };
    },
    takeWorstMs() {
      const taken = worstLatelyMs;
      worstLatelyMs = 0;
      return taken;
    },
    subscribe(fn) {
      // A function of its own, so that one given twice counts twice.
      const subscriber = (): void => fn();
      if (stopped) return () => {};
      subscribers.add(subscriber);
      if (subscribers.size === 1 && timer === undefined) {
        dueMs = Math.max(dueMs, clock.monotonicMs());
        schedule();
      }
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size > 0) return;
        timer?.cancel();
        timer = undefined;
      };
    },
    stop() {
      stopped = true;
      subscribers.clear();
      timer?.cancel();
      timer = undefined;
    },
  };
}
