import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeysBench, type KeysBench } from "../../../test/keys-bench.ts";
import { type GatherOptions, type GatherOutcome, gather } from "./gather.ts";

interface Told {
  readonly outcome: GatherOutcome;
  readonly atMs: number;
}

/** Asks while keys come: `[at what time in ms, which keys]`, or a hang-up. */
async function asking(
  options: GatherOptions,
  typing: readonly (readonly [atMs: number, keys: string | "hangup"])[],
  bench: KeysBench = createKeysBench(),
): Promise<Told & { readonly bench: KeysBench }> {
  for (const [atMs, keys] of typing) {
    if (keys === "hangup") bench.hangUpAt(atMs);
    else if (atMs < 0) bench.keys.add(keys);
    else bench.at(atMs, keys);
  }
  return { ...(await bench.run(gather(bench.asked, bench.sound, options))), bench };
}

const digits = (typed: string, finishedBy: string): object => ({
  kind: "digits",
  digits: typed,
  finishedBy,
});

test("the finish key ends the digits and is told apart", async () => {
  const { outcome, atMs } = await asking({}, [
    [100, "12"],
    [200, "#"],
  ]);
  assert.deepEqual([outcome, atMs], [digits("12", "#"), 200]);
});

test("the last of the most digits ends them at once", async () => {
  const { outcome, atMs } = await asking({ max: 4 }, [
    [100, "1"],
    [200, "2"],
    [300, "3"],
    [400, "45"],
  ]);
  assert.deepEqual([outcome, atMs], [digits("1234", "max"), 400]);
});

test("the gap ends the digits, and counts instead of the time for the first one", async () => {
  const { outcome, atMs } = await asking({ firstDigitMs: 4000, betweenDigitsMs: 1000 }, [
    [3900, "1"],
    [4800, "2"],
  ]);
  assert.deepEqual([outcome, atMs], [digits("12", "gap"), 5800]);
});

test("fewer digits than the least are invalid, by gap and by finish key", async () => {
  const byGap = await asking({ min: 3 }, [[100, "12"]]);
  assert.deepEqual([byGap.outcome, byGap.atMs], [{ kind: "invalid", digits: "12", why: "short" }, 3100]);
  const byKey = await asking({ min: 3 }, [[100, "12#"]]);
  assert.deepEqual([byKey.outcome, byKey.atMs], [{ kind: "invalid", digits: "12", why: "short" }, 100]);
});

test("the finish key alone gives no digits when none are needed, and is invalid when some are", async () => {
  assert.deepEqual((await asking({ min: 0 }, [[100, "#"]])).outcome, digits("", "#"));
  const needed = await asking({}, [[100, "#"]]);
  assert.deepEqual(needed.outcome, { kind: "invalid", digits: "", why: "short" });
});

test("who types nothing in time gets a timeout, even if no digits are needed", async () => {
  const { outcome, atMs } = await asking({ min: 0 }, []);
  assert.deepEqual([outcome, atMs], [{ kind: "timeout", digits: "" }, 5000]);
});

test("the time for the first digit begins when the prompt is over", async () => {
  const { outcome, atMs } = await asking({ prompt: "pin:4000", firstDigitMs: 2000 }, []);
  assert.deepEqual([outcome, atMs], [{ kind: "timeout", digits: "" }, 6000]);
});

test("all digits together have a limit from the end of the prompt, with and without enough of them", async () => {
  const typing = [
    [1500, "1"],
    [2500, "2"],
    [3500, "3"],
  ] as const;
  const enough = await asking({ prompt: "pin:1000", bargeIn: false, totalMs: 2000 }, typing);
  assert.deepEqual([enough.outcome, enough.atMs], [digits("12", "total"), 3000]);
  const few = await asking({ prompt: "pin:1000", bargeIn: false, totalMs: 2000, min: 4 }, typing);
  assert.deepEqual([few.outcome, few.atMs], [{ kind: "timeout", digits: "12" }, 3000]);
});

test("any key stops the prompt and is the first digit", async () => {
  const { outcome, bench } = await asking({ prompt: "pin:5000", max: 2 }, [
    [700, "1"],
    [900, "2"],
  ]);
  assert.deepEqual(outcome, digits("12", "max"));
  assert.deepEqual(bench.played, ["pin:5000 at 0 to 700"]);
});

test("digits that come while the prompt is being stopped are not lost", async () => {
  const { outcome } = await asking(
    { prompt: "pin:5000", max: 3 },
    [
      [700, "1"],
      [720, "2"],
      [740, "3"],
    ],
    createKeysBench(50),
  );
  assert.deepEqual(outcome, digits("123", "max"));
});

test("only the keys that may stop the prompt do; the others answer with them", async () => {
  const { outcome, bench } = await asking({ prompt: "pin:5000", bargeIn: "2*", max: 2 }, [
    [700, "1"],
    [900, "2"],
  ]);
  assert.deepEqual(outcome, digits("12", "max"));
  assert.deepEqual(bench.played, ["pin:5000 at 0 to 900"]);
});

test("a prompt that no key may stop is played to its end, then what was typed into it answers", async () => {
  const { outcome, atMs, bench } = await asking({ prompt: "law:2000", bargeIn: false, max: 2 }, [
    [700, "12"],
  ]);
  assert.deepEqual([outcome, atMs], [digits("12", "max"), 2000]);
  assert.deepEqual(bench.played, ["law:2000 at 0 to 2000"]);
});

test("keys typed ahead answer without the prompt; what is left of them answers the next question", async () => {
  const { outcome, atMs, bench } = await asking({ prompt: "pin:2000", max: 2 }, [[-1, "123"]]);
  assert.deepEqual([outcome, atMs, bench.played], [digits("12", "max"), 0, []]);
  assert.equal(bench.keys.flush(), "3");
});

test("without type-ahead what was typed before is forgotten, and so is what is typed into a prompt that goes on", async () => {
  const ahead = await asking({ prompt: "pin:1000", typeAhead: false, max: 1 }, [
    [-1, "1"],
    [1500, "2"],
  ]);
  assert.deepEqual(ahead.outcome, digits("2", "max"));
  assert.deepEqual(ahead.bench.played, ["pin:1000 at 0 to 1000"]);
  const into = await asking({ prompt: "law:1000", typeAhead: false, bargeIn: false, max: 1 }, [
    [500, "1"],
    [1500, "2"],
  ]);
  assert.deepEqual(into.outcome, digits("2", "max"));
  const some = await asking({ prompt: "law:1000", typeAhead: false, bargeIn: "5", max: 2 }, [
    [300, "1"],
    [500, "56"],
  ]);
  assert.deepEqual(some.outcome, digits("56", "max"));
});

test("a finish key within a second after the last of the most digits belongs to them, a later one does not", async () => {
  const soon = await asking({ max: 2 }, [
    [100, "12"],
    [1090, "#"],
    [1095, "#"],
  ]);
  assert.equal(soon.bench.keys.flush(), "#");
  const late = await asking({ max: 2 }, [
    [100, "12"],
    [1110, "#"],
  ]);
  assert.equal(late.bench.keys.flush(), "#");
  const none = await asking({ max: 2, finishOn: "" }, [[100, "12#"]]);
  assert.equal(none.bench.keys.flush(), "#");
});

test("a key that is not allowed makes it invalid at once; allowed keys may include the usual finish key", async () => {
  const wrong = await asking({ keys: "0123456789" }, [[100, "12*"]]);
  assert.deepEqual([wrong.outcome, wrong.atMs], [{ kind: "invalid", digits: "12", why: "key" }, 100]);
  const pound = await asking({ keys: "12#", max: 3 }, [[100, "1#2"]]);
  assert.deepEqual(pound.outcome, digits("1#2", "max"));
});

test("several finish keys are possible, and small letters are keys", async () => {
  assert.deepEqual((await asking({ finishOn: "*d" }, [[100, "1#2d"]])).outcome, digits("1#2", "D"));
});

test("it asks again as often as it is told, with the prompt for the mistake before the prompt, and after the last one", async () => {
  const { outcome, bench, atMs } = await asking(
    {
      prompt: "pin:1000",
      invalidPrompt: "wrong:500",
      timeoutPrompt: "hello:300",
      min: 4,
      retries: 2,
      firstDigitMs: 2000,
    },
    [
      [1500, "12#"],
      [3000, "99"],
      [3100, "#"],
    ],
  );
  assert.deepEqual(bench.played, [
    "pin:1000 at 0 to 1000",
    "wrong:500+pin:1000 at 1500 to 3000",
    "wrong:500+pin:1000 at 3100 to 4600",
    "hello:300 at 6600 to 6900",
  ]);
  assert.deepEqual([outcome, atMs], [{ kind: "timeout", digits: "" }, 6900]);
});

test("what was typed after a mistake does not answer the next try", async () => {
  const { outcome } = await asking({ keys: "123", max: 2, retries: 1 }, [
    [-1, "1923"],
    [500, "31"],
  ]);
  assert.deepEqual(outcome, digits("31", "max"));
});

test("validate takes digits or not, at once or later, and may say why", async () => {
  const seen: string[] = [];
  const { outcome, bench } = await asking(
    {
      prompt: "pin:1000",
      invalidPrompt: "wrong:500",
      max: 2,
      retries: 3,
      async validate(typed, { signal }) {
        seen.push(typed);
        assert.equal(signal.aborted, false);
        await Promise.resolve();
        return typed === "11" ? "too-easy:700" : typed === "42";
      },
    },
    [
      [100, "11"],
      [2000, "12"],
      [5000, "42"],
    ],
  );
  assert.deepEqual([outcome, seen], [digits("42", "max"), ["11", "12", "42"]]);
  assert.deepEqual(bench.played, [
    "pin:1000 at 0 to 100",
    "too-easy:700+pin:1000 at 100 to 1800",
    "wrong:500+pin:1000 at 2000 to 3500",
  ]);
  const last = await asking({ max: 1, validate: () => false }, [[100, "1"]]);
  assert.deepEqual(last.outcome, { kind: "invalid", digits: "1", why: "refused" });
});

test("what validate throws, gather throws, and the keys are free again", async () => {
  const bench = createKeysBench();
  bench.keys.add("1");
  const question = gather(bench.asked, bench.sound, {
    max: 1,
    validate: () => Promise.reject(new Error("no database")),
  });
  await assert.rejects(bench.run(question), /no database/);
  using reader = bench.keys.open();
  bench.keys.add("2");
  assert.equal((await reader.next())?.key, "2");
});

test("hang-up before it, in the prompt, between the digits and in validate gives hangup", async () => {
  const hangup = { kind: "hangup", by: "party", reason: "hangup" };
  const over = createKeysBench();
  over.hangUp();
  assert.deepEqual((await asking({ prompt: "pin:1000" }, [], over)).outcome, hangup);
  assert.deepEqual(over.played, []);
  for (const options of [{ prompt: "pin:1000", retries: 3 }, { prompt: "pin:1000", bargeIn: false }, {}]) {
    const inPrompt = await asking(options, [[500, "hangup"]]);
    assert.deepEqual([inPrompt.outcome, inPrompt.atMs], [hangup, 500]);
  }
  const between = await asking({}, [
    [100, "1"],
    [500, "hangup"],
  ]);
  assert.deepEqual([between.outcome, between.atMs], [hangup, 500]);
  const judging = await asking({ max: 1, validate: () => new Promise<boolean>(() => {}) }, [
    [100, "1"],
    [500, "hangup"],
  ]);
  assert.deepEqual([judging.outcome, judging.atMs], [hangup, 500]);
  const inNotice = await asking({ max: 1, validate: () => "no:1000" }, [
    [100, "1"],
    [500, "hangup"],
  ]);
  assert.deepEqual([inNotice.outcome, inNotice.atMs], [hangup, 500]);
});

test("a hang-up right after the last digit does not take the answer away", async () => {
  assert.deepEqual(
    (
      await asking({ max: 2 }, [
        [100, "12"],
        [100, "hangup"],
      ])
    ).outcome,
    digits("12", "max"),
  );
});

test("a prompt that cannot be played fails it", async () => {
  const { outcome } = await asking({ prompt: "missing", retries: 5 }, []);
  assert.equal(outcome.kind === "failed" && outcome.error.code, "no-media");
});

test("the question asked last has the keys, also one that validate asks; then the one before it goes on", async () => {
  const bench = createKeysBench();
  const inner: GatherOutcome[] = [];
  bench.at(100, "7");
  bench.at(200, "1");
  const { outcome } = await bench.run(
    gather(bench.asked, bench.sound, {
      max: 1,
      prompt: "sure:5000",
      async validate() {
        inner.push(await gather(bench.asked, bench.sound, { max: 1, prompt: "really:5000" }));
        return true;
      },
    }),
  );
  assert.deepEqual([outcome, inner], [digits("7", "max"), [digits("1", "max")]]);
});

test("no limits at all are possible", async () => {
  const { outcome, atMs } = await asking(
    { firstDigitMs: Number.POSITIVE_INFINITY, betweenDigitsMs: 2 ** 31 },
    [
      [400_000, "1"],
      [500_000, "#"],
    ],
  );
  assert.deepEqual([outcome, atMs], [digits("1", "#"), 500_000]);
});

test("with no time for the first digit only what was typed ahead counts", async () => {
  assert.deepEqual((await asking({ firstDigitMs: 0, max: 1 }, [[-1, "1"]])).outcome, digits("1", "max"));
  const none = await asking({ firstDigitMs: 0 }, []);
  assert.deepEqual([none.outcome, none.atMs], [{ kind: "timeout", digits: "" }, 0]);
});

test("bad arguments are refused by name", async () => {
  const wrong: [object, RegExp][] = [
    [{ min: 3, max: 2 }, /min must not be more than max: 3 is more than 2/],
    [{ min: -1 }, /min takes a whole number, 0 or more, not -1/],
    [{ min: Number.POSITIVE_INFINITY }, /min/],
    [{ max: 0 }, /max takes a whole number, 1 or more, not 0/],
    [{ max: 1.5 }, /max/],
    [{ max: "4" }, /max/],
    [{ finishOn: "x" }, /finishOn takes keys out of 0123456789\*#ABCD, not "x"/],
    [{ finishOn: 5 }, /finishOn/],
    [{ keys: "" }, /keys names no key/],
    [{ keys: "1-9" }, /keys takes keys/],
    [{ keys: "12#", finishOn: "#" }, /# cannot be in both finishOn and keys/],
    [{ bargeIn: "?" }, /bargeIn takes keys/],
    [{ bargeIn: 1 }, /bargeIn/],
    [{ typeAhead: "no" }, /typeAhead takes true or false, not "no"/],
    [{ firstDigitMs: -1 }, /firstDigitMs takes milliseconds, 0 or more, or Infinity, not -1/],
    [{ betweenDigitsMs: Number.NaN }, /betweenDigitsMs/],
    [{ totalMs: "5s" }, /totalMs/],
    [{ retries: -1 }, /retries takes a whole number/],
    [{ validate: /4/ }, /validate takes a function/],
  ];
  for (const [options, text] of wrong) {
    const { asked, sound } = createKeysBench();
    await assert.rejects(gather(asked, sound, options), (error: Error) => {
      assert.match(error.message, /^\[bad-argument\] /);
      assert.match(error.message, text);
      return true;
    });
  }
});
