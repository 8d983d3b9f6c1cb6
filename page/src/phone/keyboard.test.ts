import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyOfPhone } from "./keyboard.ts";

const press = (key: string, more: object = {}) =>
  keyOfPhone({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, target: null, ...more });
const element = (tagName: string): EventTarget => Object.assign(new EventTarget(), { tagName });

describe("the keyboard as a keypad", () => {
  it("digits, star and hash are keys; letters are not", () => {
    for (const key of "0123456789*#") assert.equal(press(key), key);
    for (const key of ["a", "D", "Enter", "F1", "+", ""]) assert.equal(press(key), undefined);
  });

  it("a digit typed into a field is the field's, on a button it is a key", () => {
    assert.equal(press("5", { target: element("INPUT") }), undefined);
    assert.equal(press("5", { target: element("BUTTON") }), "5");
  });

  it("a key that is held down is pressed once, and the browser's own keys stay its own", () => {
    assert.equal(press("5", { repeat: true }), undefined);
    assert.equal(press("0", { ctrlKey: true }), undefined);
  });
});
