import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingChoices } from "./completion.ts";

const choices = ["call.route", "chan.attach", "chan.startup", "call.execute", "engine.timer", "restart"].map(
  (value) => ({
    value,
    about: "",
  }),
);
const values = (typed: string) => fittingChoices(choices, typed).map(({ value }) => value);

test("what begins with it comes before a part that does, and that before what contains it", () => {
  assert.deepEqual(values("start"), ["chan.startup", "restart"]);
  assert.deepEqual(values("c"), ["call.route", "chan.attach", "chan.startup", "call.execute"]);
  assert.deepEqual(values("R"), ["restart", "call.route", "chan.startup", "engine.timer"]);
});

test("nothing typed fits everything, and something unknown nothing", () => {
  assert.equal(values("").length, choices.length);
  assert.deepEqual(values("xyz"), []);
  assert.equal(fittingChoices(choices, "", 2).length, 2);
});
