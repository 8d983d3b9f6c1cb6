import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Params } from "./params.ts";

describe("Params", () => {
  it("keep order and repeats; reading gives the first", () => {
    const params = Params.from([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ]);
    assert.equal(params.get("a"), "1");
    assert.deepEqual(params.getAll("a"), ["1", "3"]);
    assert.deepEqual(
      [...params],
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
    );
    assert.equal(params.size, 3);
  });

  it("setting replaces the first in place, removes the others, or appends", () => {
    const params = Params.from([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ]);
    params.set("a", true).set("c", 4);
    assert.deepEqual(
      [...params],
      [
        ["a", "true"],
        ["b", "2"],
        ["c", "4"],
      ],
    );
  });

  it("leave out undefined and null, keep empty texts", () => {
    assert.deepEqual(
      [...Params.from({ a: undefined, b: null, c: "", d: 0 })],
      [
        ["c", ""],
        ["d", "0"],
      ],
    );
  });

  it("a copy changes apart from its original, whichever writes first", () => {
    const original = Params.from({ a: "1" });
    const copy = original.clone();
    const second = copy.clone();
    copy.set("a", "2");
    original.delete("a");
    assert.deepEqual([original.get("a"), copy.get("a"), second.get("a")], [undefined, "2", "1"]);
  });

  it("tell what was touched, once each, in order, and a copy begins untouched", () => {
    const params = Params.from({ a: "1", b: "2" });
    params.set("b", "3");
    params.delete("nothing");
    params.delete("a");
    params.set("b", "4");
    assert.deepEqual([...params.touched], ["b", "a"]);
    assert.deepEqual([...params.clone().touched], []);
  });

  it("parse only when looked at, and only once", () => {
    let parsed = 0;
    const params = Params.lazy("a=1", (raw) => {
      parsed++;
      return raw.split("=");
    });
    assert.equal(parsed, 0);
    assert.equal(params.get("a"), "1");
    assert.equal(params.size, 1);
    assert.equal(parsed, 1);
  });

  it("behave as a plain list does under any sequence of changes", () => {
    const name = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      fc.tuple(fc.constant("set" as const), name, fc.string()),
      fc.tuple(fc.constant("append" as const), name, fc.string()),
      fc.tuple(fc.constant("delete" as const), name, fc.constant("")),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const params = Params.from();
        let model: [string, string][] = [];
        for (const [kind, key, value] of steps) {
          const copy = params.clone();
          if (kind === "set") {
            params.set(key, value);
            const at = model.findIndex(([k]) => k === key);
            if (at < 0) model.push([key, value]);
            else model = model.flatMap(([k, v], i) => (i === at ? [[k, value]] : k === key ? [] : [[k, v]]));
          } else if (kind === "append") {
            params.append(key, value);
            model.push([key, value]);
          } else {
            params.delete(key);
            model = model.filter(([k]) => k !== key);
          }
          assert.ok(copy.size >= 0);
        }
        assert.deepEqual([...params], model);
      }),
    );
  });
});
