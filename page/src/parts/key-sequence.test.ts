import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createKeySequence, secondKeyMs } from "./key-sequence.ts";

const there = ["/", "?", "g c", "g m"];
const known = (keys: string): "whole" | "begin" | "none" =>
  there.includes(keys)
    ? "whole"
    : there.some((shortcut) => shortcut.startsWith(`${keys} `))
      ? "begin"
      : "none";
const press = (key: string, held: "ctrlKey" | "none" = "none") => ({
  key,
  ctrlKey: held === "ctrlKey",
  metaKey: false,
  altKey: false,
});

describe("shortcuts of one or two keys", () => {
  it("one key is enough where there is such a shortcut", () => {
    assert.equal(createKeySequence().press(press("/"), 0, known), "/");
  });

  it("two keys in a row make one", () => {
    const sequence = createKeySequence();
    assert.equal(sequence.press(press("g"), 0, known), undefined);
    assert.equal(sequence.press(press("m"), 300, known), "g m");
    assert.equal(sequence.press(press("m"), 400, known), undefined);
  });

  it("a first key is forgotten after a while", () => {
    const sequence = createKeySequence();
    sequence.press(press("g"), 0, known);
    assert.equal(sequence.press(press("c"), secondKeyMs + 1, known), undefined);
  });

  it("a second key that makes none may be a shortcut itself, or begin one", () => {
    const sequence = createKeySequence();
    sequence.press(press("g"), 0, known);
    assert.equal(sequence.press(press("/"), 10, known), "/");
    sequence.press(press("g"), 20, known);
    sequence.press(press("g"), 30, known);
    assert.equal(sequence.press(press("c"), 40, known), "g c");
  });

  it("Shift for ? does not disturb, and keys with Ctrl are the browser's", () => {
    const sequence = createKeySequence();
    sequence.press(press("Shift"), 0, known);
    assert.equal(sequence.press(press("?"), 1, known), "?");
    assert.equal(sequence.press(press("/", "ctrlKey"), 2, known), undefined);
  });
});
