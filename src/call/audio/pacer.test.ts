import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, createManualClock } from "../../base/index.ts";
import { type Paced, pacerOf } from "./pacer.ts";

interface Member extends Paced {
  readonly log: string[];
}

function member(clock: Clock, each: () => void = () => {}): Member {
  const log: string[] = [];
  return {
    log,
    hear(beatMs, missed) {
      log.push(`hear ${beatMs}${missed ? ` after ${missed}` : ""} at ${clock.monotonicMs()}`);
      each();
    },
    speak: (beatMs) => void log.push(`speak ${beatMs}`),
  };
}

test("members are heard and speak every 20 ms, and the pacer rests without them", async () => {
  const clock = createManualClock();
  const pacer = pacerOf(clock);
  assert.equal(pacerOf(clock), pacer);
  assert.equal(clock.pending, 0);
  const one = member(clock);
  const leave = pacer.join(one);
  await clock.advance(45);
  assert.deepEqual(one.log, [
    "hear 0 at 0",
    "speak 0",
    "hear 20 at 20",
    "speak 20",
    "hear 40 at 40",
    "speak 40",
  ]);
  leave();
  leave();
  assert.deepEqual([clock.pending, pacer.members], [0, 0]);
  await clock.advance(1000);
  assert.equal(one.log.length, 6);
});

test("a hundred members are spread over the 20 ms", async () => {
  const clock = createManualClock();
  const pacer = pacerOf(clock);
  const members = Array.from({ length: 100 }, () => member(clock));
  const leaves = members.map((one) => pacer.join(one));
  await clock.advance(19);
  const first = members.map(({ log }) => log[0]);
  for (const at of [0, 5, 10, 15])
    assert.equal(first.filter((line) => line === `hear ${at} at ${at}`).length, 25);
  assert.ok(clock.pending <= 4);
  for (const leave of leaves) leave();
  assert.equal(clock.pending, 0);
});

test("what a loop that is woken by a beat does, is done before the same beat speaks", async () => {
  const clock = createManualClock();
  const order: string[] = [];
  let wake: () => void = () => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  void woken
    .then(() => {})
    .then(() => {})
    .then(() => order.push("loop"));
  const leave = pacerOf(clock).join({ hear: () => wake(), speak: () => void order.push("speak") });
  await clock.advance(1);
  leave();
  assert.deepEqual(order, ["loop", "speak"]);
});

test("who leaves while it is heard, or another takes away, speaks no more", async () => {
  const clock = createManualClock();
  const pacer = pacerOf(clock);
  const self = member(clock, () => leave());
  const leave = pacer.join(self);
  await clock.advance(100);
  assert.deepEqual(self.log, ["hear 0 at 0"]);
  assert.equal(clock.pending, 0);
  // And joins again at once: one timer, one beat.
  let leaveNew = (): void => {};
  const next = member(clock);
  const again = member(clock, () => {
    leaveAgain();
    if (next.log.length === 0) leaveNew = pacer.join(next);
  });
  const leaveAgain = pacer.join(again);
  await clock.advance(60);
  assert.deepEqual([again.log.length, clock.pending], [1, 1]);
  const beats = next.log.filter((line) => line.startsWith("hear"));
  assert.equal(new Set(beats).size, beats.length);
  leaveNew();
});

/** A clock whose timers fire when the test says so, however late. */
function lateClock(): { clock: Clock; fireAt(ms: number): void } {
  let nowMs = 0;
  let timer: (() => void) | undefined;
  return {
    clock: {
      now: () => nowMs,
      monotonicMs: () => nowMs,
      after(_, fn) {
        timer = fn;
        return {
          cancel() {
            if (timer === fn) timer = undefined;
          },
        };
      },
      turn: (fn) => fn(),
    },
    fireAt(ms) {
      nowMs = ms;
      const fn = timer;
      timer = undefined;
      fn?.();
    },
  };
}

test("late timers shift no beat, a stall is made up for by three and the rest is told as missed", () => {
  const { clock, fireAt } = lateClock();
  const one = member(clock);
  const leave = pacerOf(clock).join(one);
  for (const ms of [0, 29, 39.4, 60]) fireAt(ms);
  fireAt(300);
  leave();
  assert.deepEqual(
    one.log.filter((line) => line.startsWith("hear")),
    [
      "hear 0 at 0",
      "hear 20 at 29",
      "hear 40 at 39.4",
      "hear 60 at 60",
      "hear 260 after 9 at 300",
      "hear 280 at 300",
      "hear 300 at 300",
    ],
  );
});
