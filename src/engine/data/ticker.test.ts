import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, createManualClock, type Logger, silentLogger } from "../../base/index.ts";
import { createTicker } from "./ticker.ts";

test("the media clock runs only while somebody is subscribed", async () => {
  const clock = createManualClock();
  const ticker = createTicker(clock, silentLogger);
  assert.equal(clock.pending, 0);
  let ticks = 0;
  const unsubscribe = ticker.subscribe(() => ticks++);
  assert.equal(clock.pending, 1);
  await clock.advance(99);
  assert.equal(ticks, 5, "at 0, 20, 40, 60 and 80 ms");
  unsubscribe();
  assert.equal(clock.pending, 0);
  await clock.advance(1000);
  assert.equal(ticks, 5);
});

test("subscribers are called in the order of their subscription, those who come during a tick from the next one on", async () => {
  const clock = createManualClock();
  const ticker = createTicker(clock, silentLogger);
  const calls: string[] = [];
  ticker.subscribe(() => {
    calls.push("a");
    if (calls.length === 1) ticker.subscribe(() => calls.push("c"));
  });
  ticker.subscribe(() => calls.push("b"));
  await clock.advance(20);
  assert.deepEqual(calls, ["a", "b", "a", "b", "c"]);
});

test("a subscriber that unsubscribes another in a tick spares it that tick", async () => {
  const clock = createManualClock();
  const ticker = createTicker(clock, silentLogger);
  const calls: string[] = [];
  let drop = (): void => {};
  ticker.subscribe(() => {
    calls.push("a");
    drop();
  });
  drop = ticker.subscribe(() => calls.push("b"));
  await clock.advance(20);
  assert.deepEqual(calls, ["a", "a"]);
});

test("what follows within 20 ms of the last tick stays on the beat", async () => {
  const clock = createManualClock();
  const ticker = createTicker(clock, silentLogger);
  const at: number[] = [];
  const first = ticker.subscribe(() => at.push(clock.monotonicMs()));
  await clock.advance(40);
  first();
  await clock.advance(7);
  ticker.subscribe(() => at.push(clock.monotonicMs()));
  await clock.advance(40);
  assert.deepEqual(at, [0, 20, 40, 60, 80]);
});

test("a subscriber that throws is reported and taken off, the others go on", async () => {
  const clock = createManualClock();
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (text) => void errors.push(text) };
  const ticker = createTicker(clock, log);
  let ticks = 0;
  ticker.subscribe(() => {
    throw new Error("broken codec");
  });
  ticker.subscribe(() => ticks++);
  await clock.advance(40);
  assert.equal(ticks, 3);
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /broken codec/);
  assert.equal(ticker.figures.subscribers, 1);
});

test("a stopped media clock never ticks again", async () => {
  const clock = createManualClock();
  const ticker = createTicker(clock, silentLogger);
  let ticks = 0;
  ticker.subscribe(() => ticks++);
  ticker.stop();
  ticker.subscribe(() => ticks++);
  await clock.advance(100);
  assert.equal(ticks, 0);
  assert.equal(clock.pending, 0);
});

/** A clock whose timers fire when the test says so, however late. */
function lateClock(): { clock: Clock; fireAt(ms: number): void; askedMs: number[] } {
  let nowMs = 0;
  let timer: (() => void) | undefined;
  const askedMs: number[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, fn) {
      askedMs.push(nowMs + delayMs);
      timer = fn;
      return {
        cancel() {
          timer = undefined;
        },
      };
    },
    turn: (fn) => fn(),
  };
  return {
    clock,
    askedMs,
    fireAt(ms) {
      nowMs = ms;
      const fn = timer;
      timer = undefined;
      fn?.();
    },
  };
}

test("timers that fire late do not shift the ticks after them", () => {
  const { clock, fireAt, askedMs } = lateClock();
  const ticker = createTicker(clock, silentLogger);
  let ticks = 0;
  ticker.subscribe(() => ticks++);
  for (const ms of [3, 27, 41, 75.5]) fireAt(ms);
  assert.equal(ticks, 4);
  assert.deepEqual(askedMs, [0, 20, 40, 60, 80]);
  assert.equal(ticker.figures.late, 0);
});

test("a timer that fires half a millisecond early counts as in time", () => {
  const { clock, fireAt } = lateClock();
  const ticker = createTicker(clock, silentLogger);
  let ticks = 0;
  ticker.subscribe(() => ticks++);
  fireAt(0);
  fireAt(19.5);
  assert.equal(ticks, 2);
});

test("ticks that come late let what came meanwhile be read first, and are spared when nobody wants them any more", () => {
  const late = lateClock();
  const turns: (() => void)[] = [];
  const ticker = createTicker({ ...late.clock, turn: (fn) => void turns.push(fn) }, silentLogger);
  let ticks = 0;
  const leave = ticker.subscribe(() => ticks++);
  late.fireAt(0);
  assert.deepEqual([ticks, turns.length], [1, 0], "one in time waits for nothing");
  late.fireAt(61);
  assert.equal(ticks, 1);
  turns.shift()?.();
  assert.equal(ticks, 4);
  late.fireAt(121);
  leave();
  turns.shift()?.();
  assert.equal(ticks, 4);
});

test("after a stall three ticks at most are made up for, the rest is left out, counted and reported once", () => {
  const warnings: string[] = [];
  const { clock, fireAt, askedMs } = lateClock();
  const ticker = createTicker(clock, { ...silentLogger, warn: (text) => void warnings.push(text) });
  let ticks = 0;
  ticker.subscribe(() => ticks++);
  fireAt(0);
  fireAt(1021);
  assert.equal(ticks, 4);
  assert.deepEqual([ticker.figures.late, ticker.figures.skipped], [2, 48]);
  assert.equal(askedMs.at(-1), 1040, "back on the beat");
  fireAt(1100);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /2 ticks late, 48 left out/);
});
