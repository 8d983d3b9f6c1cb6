/**
 * `gather` against a second telling of what it promises: a calculation on the list of all keys, without clock, promises or
 * states. Every key has a time of its own (in the last two places), so that nothing depends on which of two events at the same
 * time comes first.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKeysBench } from "../../../test/keys-bench.ts";
import { type GatherOptions, gather } from "./gather.ts";

interface Press {
  readonly key: string;
  readonly atMs: number;
}

/** The options that are varied, all given. */
interface Asking {
  readonly promptMs: number;
  readonly invalidMs: number;
  readonly timeoutMs: number;
  readonly min: number;
  readonly max: number;
  readonly finishOn: string;
  readonly keys: string;
  readonly firstDigitMs: number;
  readonly betweenDigitsMs: number;
  readonly totalMs: number;
  readonly bargeIn: string;
  readonly typeAhead: boolean;
  readonly retries: number;
  readonly evenOnly: boolean;
}

interface Told {
  readonly outcome: object;
  readonly atMs: number;
  /** Keys that nobody has read when all were typed. */
  readonly left: string;
}

function model(asking: Asking, presses: readonly Press[], startMs: number): Told {
  let keys = [...presses];
  let nowMs = startMs;
  const forgetUntil = (ms: number): void => {
    keys = keys.filter(({ atMs }) => atMs > ms);
  };
  const play = (forMs: number): void => {
    if (forMs === 0) return;
    const endMs = nowMs + forMs;
    const stop = keys.find(({ key, atMs }) => atMs < endMs && asking.bargeIn.includes(key));
    const typedAhead = stop !== undefined && stop.atMs <= nowMs;
    nowMs = stop ? Math.max(nowMs, stop.atMs) : endMs;
    if (!asking.typeAhead && !typedAhead) forgetUntil(stop ? stop.atMs - 1 : endMs);
  };
  const tryOnce = (): { kind: string; digits: string; [more: string]: string } => {
    const limitMs = nowMs + asking.totalMs;
    for (let digits = ""; ; ) {
      const gapEndMs = nowMs + (digits ? asking.betweenDigitsMs : asking.firstDigitMs);
      const endMs = Math.min(gapEndMs, limitMs);
      const press = keys[0];
      if (!press || (press.atMs > nowMs && press.atMs >= endMs)) {
        nowMs = Math.max(nowMs, endMs);
        if (!digits) return { kind: "timeout", digits };
        if (digits.length >= asking.min)
          return { kind: "digits", digits, finishedBy: limitMs < gapEndMs ? "total" : "gap" };
        return limitMs < gapEndMs ? { kind: "timeout", digits } : { kind: "invalid", digits, why: "short" };
      }
      keys.shift();
      nowMs = Math.max(nowMs, press.atMs);
      if (asking.finishOn.includes(press.key)) {
        if (digits.length < asking.min) return { kind: "invalid", digits, why: "short" };
        return { kind: "digits", digits, finishedBy: press.key };
      }
      if (!asking.keys.includes(press.key)) return { kind: "invalid", digits, why: "key" };
      digits += press.key;
      if (digits.length < asking.max) continue;
      const next = keys[0];
      if (next && asking.finishOn.includes(next.key) && next.atMs <= press.atMs + 1000) keys.shift();
      return { kind: "digits", digits, finishedBy: "max" };
    }
  };
  let noticeMs = 0;
  for (let left = asking.retries; ; left--) {
    if (!asking.typeAhead) forgetUntil(nowMs);
    play(noticeMs + asking.promptMs);
    let outcome = tryOnce();
    if (outcome.kind === "digits" && asking.evenOnly && outcome.digits.length % 2 === 1)
      outcome = { kind: "invalid", digits: outcome.digits, why: "refused" };
    if (outcome.kind !== "digits") {
      noticeMs = outcome.kind === "timeout" ? asking.timeoutMs : asking.invalidMs;
      forgetUntil(nowMs);
      if (left > 0) continue;
      play(noticeMs);
    }
    return { outcome, atMs: nowMs, left: keys.map(({ key }) => key).join("") };
  }
}

async function real(asking: Asking, presses: readonly Press[], startMs: number): Promise<Told> {
  const bench = createKeysBench();
  for (const { key, atMs } of presses) bench.at(atMs, key);
  await bench.clock.advance(startMs);
  const prompt = (ms: number): string | undefined => (ms ? `prompt:${ms}` : undefined);
  const { promptMs, invalidMs, timeoutMs, evenOnly, ...rest } = asking;
  const options: GatherOptions = {
    ...rest,
    prompt: prompt(promptMs),
    invalidPrompt: prompt(invalidMs),
    timeoutPrompt: prompt(timeoutMs),
    validate: evenOnly ? (digits) => digits.length % 2 === 0 : undefined,
  };
  const { outcome, atMs } = await bench.run(gather(bench.asked, bench.sound, options));
  return { outcome, atMs, left: bench.keys.flush() };
}

const hundreds = (most: number): fc.Arbitrary<number> => fc.nat(most).map((n) => n * 100);

const askings: fc.Arbitrary<Asking> = fc
  .record({
    promptMs: fc.oneof(fc.constant(0), hundreds(40)),
    invalidMs: fc.oneof(fc.constant(0), hundreds(10)),
    timeoutMs: fc.oneof(fc.constant(0), hundreds(10)),
    min: fc.nat(3),
    more: fc.oneof(fc.nat(3), fc.constant(Number.POSITIVE_INFINITY)),
    finishOn: fc.constantFrom("", "#", "*#"),
    someKeys: fc.constantFrom("0123456789", "0123456789*#", "12"),
    firstDigitMs: hundreds(30),
    betweenDigitsMs: hundreds(20),
    totalMs: fc.oneof(hundreds(50), fc.constant(Number.POSITIVE_INFINITY)),
    bargeIn: fc.constantFrom("0123456789*#ABCD", "", "1#"),
    typeAhead: fc.boolean(),
    retries: fc.nat(3),
    evenOnly: fc.boolean(),
  })
  .map(({ more, someKeys, ...asking }) => ({
    ...asking,
    max: Math.max(1, asking.min + more),
    keys: [...someKeys].filter((key) => !asking.finishOn.includes(key)).join(""),
  }));

const presses: fc.Arbitrary<Press[]> = fc
  .array(
    fc.tuple(
      fc.oneof(hundreds(4), hundreds(30)),
      fc.constantFrom("1", "1", "2", "2", "5", "7", "#", "#", "*", "A"),
    ),
    { maxLength: 20 },
  )
  .map((typed) => {
    let hundredsMs = 0;
    return typed.map(([gapMs, key], at) => {
      hundredsMs += gapMs;
      return { key, atMs: hundredsMs + at + 1 };
    });
  });

test("whatever is asked and typed, the outcome, its time and the keys that are left are as promised", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(askings, presses, hundreds(30), async (asking, typed, startMs) => {
      assert.deepEqual(await real(asking, typed, startMs), model(asking, typed, startMs));
    }),
    { numRuns: 1500 },
  );
});
