import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Params } from "./params.ts";
import { createTakerIndex, Taker, type TakerIndex } from "./taker-index.ts";

class Named<T> extends Taker<Params, Named<T>> {
  readonly name: T;

  constructor(name: T) {
    super();
    this.name = name;
  }
}

type Index<T> = TakerIndex<Params, Named<T>>;

function add<T>(index: Index<T>, guard: Parameters<Index<T>["add"]>[0], name: T): Named<T> {
  const taker = new Named(name);
  index.add(guard, taker);
  return taker;
}

const never = (): void => assert.fail("no guard throws here");

describe("the index of those who want messages", () => {
  it("finds the oldest taker, whether by values, without a guard, or by predicate", () => {
    const index = createTakerIndex<Params, Named<string>>("test", never);
    add(index, { id: "x" }, "values");
    add(index, undefined, "no guard");
    add(index, (m) => m.get("id") === "y", "predicate");
    assert.equal(index.first(Params.from({ id: "x" }))?.name, "values");
    assert.equal(index.first(Params.from({ id: "y" }))?.name, "no guard");
    assert.deepEqual(
      index.all(Params.from({ id: "y" })).map(({ name }) => name),
      ["no guard", "predicate"],
    );
  });

  it("an older predicate comes before a younger one with values", () => {
    const index = createTakerIndex<Params, Named<string>>("test", never);
    add(index, (m) => m.has("id"), "predicate");
    add(index, { id: "x" }, "values");
    assert.equal(index.first(Params.from({ id: "x" }))?.name, "predicate");
  });

  it("a predicate that throws counts as false and is reported", () => {
    const errors: unknown[] = [];
    const index = createTakerIndex<Params, Named<string>>("test", (error) => errors.push(error));
    add(
      index,
      () => {
        throw new Error("on purpose");
      },
      "broken",
    );
    add(index, undefined, "sound");
    assert.equal(index.first(Params.from())?.name, "sound");
    assert.equal(errors.length, 1);
  });

  it("values compare as text, an undefined one is refused, an absent parameter never fits", () => {
    const index = createTakerIndex<Params, Named<string>>("test", never);
    add(index, { n: 5 }, "number");
    assert.throws(() => add(index, { n: 5, other: undefined }, "bad"), /bad-argument.*other is undefined/);
    add(index, { gone: "" }, "empty");
    assert.equal(index.first(Params.from({ n: "5" }))?.name, "number");
    assert.equal(index.first(Params.from({ n: "6" }))?.name, undefined);
    assert.equal(index.first(Params.from({ gone: "" }))?.name, "empty");
  });

  it("agrees with asking one after another, under any adding and removing", () => {
    const value = fc.constantFrom("1", "2");
    const guard = fc.record({ a: value, b: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(fc.tuple(guard, fc.boolean(), fc.boolean())), guard, (takers, params) => {
        const index = createTakerIndex<Params, Named<number>>("test", never);
        const fits = (g: { a?: string; b?: string }, m: Params): boolean =>
          (g.a === undefined || m.get("a") === g.a) && (g.b === undefined || m.get("b") === g.b);
        const made = takers.map(([g, asPredicate], i) => add(index, asPredicate ? (m) => fits(g, m) : g, i));
        takers.forEach(([, , removed], i) => {
          const taker = made[i];
          if (removed && taker) index.remove(taker);
        });
        const sent = Params.from(params);
        const expected = takers.flatMap(([g, , removed], i) => (!removed && fits(g, sent) ? [i] : []));
        assert.deepEqual(
          index.all(sent).map(({ name }) => name),
          expected,
        );
        assert.equal(index.first(sent)?.name, expected[0]);
        assert.equal(index.size, takers.filter(([, , removed]) => !removed).length);
      }),
    );
  });
});
