import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Params } from "./params.ts";
import { createTakerIndex } from "./taker-index.ts";

const never = (): void => assert.fail("no guard throws here");

describe("the index of those who want messages", () => {
  it("finds the oldest taker, whether by values, without a guard, or by predicate", () => {
    const index = createTakerIndex<Params, string>(never);
    index.add({ id: "x" }, "values");
    index.add(undefined, "no guard");
    index.add((m) => m.get("id") === "y", "predicate");
    assert.equal(index.first(Params.from({ id: "x" })), "values");
    assert.equal(index.first(Params.from({ id: "y" })), "no guard");
    assert.deepEqual(index.all(Params.from({ id: "y" })), ["no guard", "predicate"]);
  });

  it("an older predicate comes before a younger one with values", () => {
    const index = createTakerIndex<Params, string>(never);
    index.add((m) => m.has("id"), "predicate");
    index.add({ id: "x" }, "values");
    assert.equal(index.first(Params.from({ id: "x" })), "predicate");
  });

  it("a predicate that throws counts as false and is reported", () => {
    const errors: unknown[] = [];
    const index = createTakerIndex<Params, string>((error) => errors.push(error));
    index.add(() => {
      throw new Error("on purpose");
    }, "broken");
    index.add(undefined, "sound");
    assert.equal(index.first(Params.from()), "sound");
    assert.equal(errors.length, 1);
  });

  it("values compare as text, an undefined one does not count, an absent parameter never fits", () => {
    const index = createTakerIndex<Params, string>(never);
    index.add({ n: 5, other: undefined }, "number");
    index.add({ gone: "" }, "empty");
    assert.equal(index.first(Params.from({ n: "5" })), "number");
    assert.equal(index.first(Params.from({ n: "6" })), undefined);
    assert.equal(index.first(Params.from({ gone: "" })), "empty");
  });

  it("agrees with asking one after another, under any adding and removing", () => {
    const guard = fc.record({
      a: fc.constantFrom("1", "2", undefined),
      b: fc.constantFrom("1", "2", undefined),
    });
    const message = fc.record(
      { a: fc.constantFrom("1", "2"), b: fc.constantFrom("1", "2") },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(guard, fc.boolean(), fc.boolean())), message, (takers, params) => {
        const index = createTakerIndex<Params, number>(never);
        const fits = (g: { a: string | undefined; b: string | undefined }, m: Params): boolean =>
          (g.a === undefined || m.get("a") === g.a) && (g.b === undefined || m.get("b") === g.b);
        const made = takers.map(([g, asPredicate], i) => index.add(asPredicate ? (m) => fits(g, m) : g, i));
        takers.forEach(([, , removed], i) => {
          const taker = made[i];
          if (removed && taker) index.remove(taker);
        });
        const sent = Params.from(params);
        const expected = takers.flatMap(([g, , removed], i) => (!removed && fits(g, sent) ? [i] : []));
        assert.deepEqual(index.all(sent), expected);
        assert.equal(index.first(sent), expected[0]);
        assert.equal(index.size, takers.filter(([, , removed]) => !removed).length);
      }),
    );
  });
});
