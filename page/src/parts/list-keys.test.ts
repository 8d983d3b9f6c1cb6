import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rowAfterKey } from "./list-keys.ts";

describe("keys in a list", () => {
  it("move by one row, by a page and to the ends", () => {
    assert.equal(rowAfterKey("ArrowDown", 3, 100, 10), 4);
    assert.equal(rowAfterKey("ArrowUp", 3, 100, 10), 2);
    assert.equal(rowAfterKey("PageDown", 3, 100, 10), 12);
    assert.equal(rowAfterKey("PageUp", 30, 100, 10), 21);
    assert.equal(rowAfterKey("Home", 30, 100, 10), 0);
    assert.equal(rowAfterKey("End", 30, 100, 10), 99);
  });

  it("stay within the list", () => {
    assert.equal(rowAfterKey("ArrowDown", 99, 100, 10), 99);
    assert.equal(rowAfterKey("ArrowUp", 0, 100, 10), 0);
    assert.equal(rowAfterKey("PageDown", 95, 100, 10), 99);
    assert.equal(rowAfterKey("PageUp", 2, 100, 10), 0);
  });

  it("begin at the near end when nothing is chosen", () => {
    assert.equal(rowAfterKey("ArrowDown", undefined, 5, 10), 0);
    assert.equal(rowAfterKey("ArrowUp", undefined, 5, 10), 4);
  });

  it("do nothing in an empty list, and leave other keys alone", () => {
    assert.equal(rowAfterKey("ArrowDown", undefined, 0, 10), undefined);
    assert.equal(rowAfterKey("Tab", 1, 5, 10), undefined);
  });
});
