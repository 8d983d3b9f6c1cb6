import assert from "node:assert/strict";
import { it } from "node:test";
import { realClock } from "./clock.ts";

it("a timer that is longer than the machine's take does not fire at once, and can be cancelled", async () => {
  const fired: number[] = [];
  const timers = [2 ** 31, 1e12, Number.POSITIVE_INFINITY].map((delayMs) =>
    realClock.after(delayMs, () => fired.push(delayMs)),
  );
  await new Promise<void>((resolve) => realClock.after(30, resolve));
  assert.deepEqual(fired, []);
  for (const timer of timers) timer.cancel();
});
