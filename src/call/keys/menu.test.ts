import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeysBench, type KeysBench } from "../../../test/keys-bench.ts";
import { type MenuOutcome, menu } from "./menu.ts";
import { again, type ChosenOf, type MenuChoices, type MenuOptions, submenu } from "./menu-options.ts";

type Typing = readonly (readonly [atMs: number, keys: string | "hangup"])[];

/** Offers a menu while keys come: `[at what time in ms, which keys]`, or a hang-up. */
async function offering<const C extends MenuChoices>(
  options: MenuOptions<C>,
  typing: Typing,
  bench: KeysBench = createKeysBench(),
): Promise<{ outcome: MenuOutcome<ChosenOf<C>>; atMs: number; bench: KeysBench }> {
  for (const [atMs, keys] of typing) {
    if (keys === "hangup") bench.hangUpAt(atMs);
    else if (atMs < 0) bench.keys.add(keys);
    else bench.at(atMs, keys);
  }
  return { ...(await bench.run(menu(bench.asked, bench.sound, options))), bench };
}

const choices = { 1: "sales", 2: "support", 31: "fax" } as const;

test("a key makes its choice at once and stops the prompt", async () => {
  const { outcome, atMs, bench } = await offering({ prompt: "main:5000", choices }, [[700, "2"]]);
  assert.deepEqual(outcome, { kind: "choice", choice: "support", key: "2", path: ["2"] });
  assert.deepEqual([atMs, bench.played], [700, ["main:5000 at 0 to 700"]]);
});

test("a choice may have several digits", async () => {
  const { outcome, atMs } = await offering({ choices }, [
    [100, "3"],
    [900, "1"],
  ]);
  assert.deepEqual([outcome.kind === "choice" && outcome.choice, atMs], ["fax", 900]);
});

test("where one choice begins another, the gap or the finish key decides", async () => {
  const both = { choices: { 1: "one", 12: "twelve" }, betweenDigitsMs: 2000 };
  const chosen = async (typing: Typing): Promise<unknown[]> => {
    const { outcome, atMs } = await offering(both, typing);
    return [outcome.kind === "choice" ? outcome.choice : outcome, atMs];
  };
  assert.deepEqual(await chosen([[100, "1"]]), ["one", 2100]);
  assert.deepEqual(await chosen([[100, "1#"]]), ["one", 100]);
  assert.deepEqual(
    await chosen([
      [100, "1"],
      [1500, "2"],
    ]),
    ["twelve", 1500],
  );
});

test("what is no choice is invalid at once and offered again, three times in all", async () => {
  const { outcome, bench, atMs } = await offering(
    { prompt: "main:1000", invalidPrompt: "wrong:500", timeoutPrompt: "hello:400", choices },
    [
      [1100, "7"],
      [3000, "32"],
    ],
  );
  assert.deepEqual(bench.played, [
    "main:1000 at 0 to 1000",
    "wrong:500+main:1000 at 1100 to 2600",
    "wrong:500+main:1000 at 3000 to 4500",
    "hello:400 at 9500 to 9900",
  ]);
  assert.deepEqual([outcome, atMs], [{ kind: "timeout", digits: "" }, 9900]);
  const once = await offering({ choices, tries: 1 }, [[100, "35"]]);
  assert.deepEqual(once.outcome, { kind: "invalid", digits: "3", why: "key" });
});

test("help, repetition, back and operator have keys, which can be others", async () => {
  const usual = { prompt: "main:1000", choices, help: "help:700", repeat: true, back: true, operator: true };
  const helped = await offering(usual, [
    [100, "#"],
    [2000, "9"],
    [2500, "1"],
  ]);
  assert.equal(helped.outcome.kind === "choice" && helped.outcome.choice, "sales");
  assert.deepEqual(helped.bench.played, [
    "main:1000 at 0 to 100",
    "help:700+main:1000 at 100 to 1800",
    "main:1000 at 2000 to 2500",
  ]);
  assert.deepEqual((await offering(usual, [[100, "*"]])).outcome, { kind: "back", key: "*" });
  assert.deepEqual((await offering(usual, [[100, "0"]])).outcome, { kind: "operator", key: "0" });
  const other = { choices: { 0: "zero" }, help: "help:700", helpKey: "5", back: "7", operator: "99" };
  assert.deepEqual((await offering(other, [[100, "57"]])).outcome, { kind: "back", key: "7" });
  assert.deepEqual((await offering(other, [[100, "99"]])).outcome, { kind: "operator", key: "99" });
});

test("help and repetition do not count as tries, and do not make up for mistakes", async () => {
  const { outcome, atMs } = await offering({ choices, repeat: true, tries: 2, firstDigitMs: 1000 }, [
    [100, "7999"],
    [200, "9999"],
  ]);
  assert.deepEqual([outcome, atMs], [{ kind: "timeout", digits: "" }, 1200]);
});

test("a function is called and gives the choice; it may want the menu again, with all tries", async () => {
  let asked = 0;
  const { outcome, bench } = await offering(
    {
      prompt: "main:1000",
      tries: 1,
      choices: {
        1: async () => {
          await Promise.resolve();
          return ++asked < 3 ? again : asked;
        },
      },
    },
    [
      [-1, "1"],
      [500, "1"],
      [1200, "1"],
    ],
  );
  assert.deepEqual(outcome, { kind: "choice", choice: 3, key: "1", path: ["1"] });
  assert.deepEqual(bench.played, ["main:1000 at 0 to 500", "main:1000 at 500 to 1200"]);
});

test("a submenu has its own choices and prompt, the rest from above; back out of it leads to the menu above", async () => {
  const options = {
    prompt: "main:1000",
    operator: true,
    invalidPrompt: "wrong:500",
    choices: {
      1: submenu({
        prompt: "billing:1000",
        back: true,
        choices: { 1: 11 as const, 2: { price: 5 } as const },
      }),
      2: "support",
    },
  } as const;
  const inner = await offering(options, [
    [100, "1"],
    [500, "2"],
  ]);
  assert.deepEqual(inner.outcome, { kind: "choice", choice: { price: 5 }, key: "2", path: ["1", "2"] });
  assert.deepEqual(inner.bench.played, ["main:1000 at 0 to 100", "billing:1000 at 100 to 500"]);
  const ahead = await offering(options, [[-1, "11"]]);
  assert.deepEqual([ahead.outcome.kind === "choice" && ahead.outcome.choice, ahead.bench.played], [11, []]);
  const back = await offering(options, [
    [100, "1"],
    [500, "*"],
    [900, "2"],
  ]);
  assert.equal(back.outcome.kind === "choice" && back.outcome.choice, "support");
  const operator = await offering(options, [
    [100, "1"],
    [500, "0"],
  ]);
  assert.deepEqual(operator.outcome, { kind: "operator", key: "0" });
  const wrong = await offering(options, [
    [100, "1"],
    [500, "9"],
    [1200, "1"],
  ]);
  assert.deepEqual(wrong.bench.played.at(-1), "wrong:500+billing:1000 at 500 to 1200");
});

test("the type of a choice is that of all choices there are, in submenus too", async () => {
  const bench = createKeysBench();
  bench.keys.add("1");
  const outcome = await menu(bench.asked, bench.sound, {
    choices: { 1: "sales", 2: async () => 17, 3: submenu({ choices: { 1: true } }), 4: () => again },
  });
  if (outcome.kind !== "choice") throw new Error(outcome.kind);
  const choice: "sales" | number | true = outcome.choice;
  // @ts-expect-error what is no choice is known not to be
  assert.notEqual(outcome.choice, "marketing" satisfies typeof outcome.choice);
  assert.equal(choice, "sales");
});

test("hang-up before it, in the prompt, after a digit and in a submenu gives hangup", async () => {
  const hangup = { kind: "hangup", by: "party", reason: "hangup" };
  const over = createKeysBench();
  over.hangUp();
  assert.deepEqual((await offering({ choices }, [], over)).outcome, hangup);
  assert.deepEqual((await offering({ prompt: "main:1000", choices }, [[500, "hangup"]])).outcome, hangup);
  assert.deepEqual(
    (
      await offering({ choices }, [
        [100, "3"],
        [500, "hangup"],
      ])
    ).outcome,
    hangup,
  );
  const nested = { choices: { 1: submenu({ prompt: "sub:9000", choices }) } };
  assert.deepEqual(
    (
      await offering(nested, [
        [100, "1"],
        [500, "hangup"],
      ])
    ).outcome,
    hangup,
  );
  const again1 = { choices: { 1: () => again } };
  assert.deepEqual(
    (
      await offering(again1, [
        [100, "1"],
        [500, "hangup"],
      ])
    ).outcome,
    hangup,
  );
});

test("a prompt that cannot be played fails it, and what a choice throws, it throws", async () => {
  const { outcome } = await offering({ prompt: "missing", choices }, []);
  assert.equal(outcome.kind, "failed");
  const broken = { choices: { 1: () => Promise.reject(new Error("broken")) } };
  await assert.rejects(offering(broken, [[100, "1"]]), /broken/);
});

test("bad arguments are refused by name, in submenus before anything is played", async () => {
  const wrong: [object, RegExp][] = [
    [{ choices: {} }, /choices must have at least one key/],
    [{}, /choices must have at least one key/],
    [{ choices: { x: 1 } }, /a choice takes keys out of/],
    [{ choices: { "": 1 } }, /a choice must name a key/],
    [{ choices: { a: 1, A: 2 } }, /a choice has the key A, which is taken/],
    [{ choices, operator: "1" }, /operator has the key 1, which is taken/],
    [{ choices: { "*": 1 }, back: true }, /back has the key \*, which is taken/],
    [{ choices, help: "h", helpKey: "2" }, /helpKey has the key 2, which is taken/],
    [{ choices, repeat: "" }, /repeat must name a key/],
    [{ choices, finishOn: "1" }, /finishOn has the key 1, which is taken/],
    [{ choices, tries: 0 }, /tries takes a whole number, 1 or more, not 0/],
    [{ choices, firstDigitMs: -5 }, /firstDigitMs/],
    [{ prompt: "main:1", choices: { 1: submenu({ choices: {} }) } }, /choices must have at least one key/],
  ];
  for (const [options, text] of wrong) {
    const { asked, sound, played } = createKeysBench();
    await assert.rejects(menu(asked, sound, options as MenuOptions), text);
    assert.deepEqual(played, []);
  }
});
