import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const pairs = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, back: string): number {
  const [light = 0, dark = 0] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function check(front: string, back: string, least: number): void {
  for (const theme of ["light", "dark"] as const) {
    const found = contrast(pairs.get(front)?.[theme] ?? "", pairs.get(back)?.[theme] ?? "");
    assert.ok(found >= least, `${front} on ${back}, ${theme}: ${found.toFixed(2)}, wanted ${least}`);
  }
}

describe("colours", () => {
  const places = ["bg", "surface", "raised", "sunken", "hover", "selected"];

  it("words have a contrast of 4.5 everywhere, in light and dark", () => {
    for (const words of [
      "text",
      "dim",
      "accent",
      "good",
      "warn",
      "bad",
      "info",
      "wire",
      "message",
      "app",
      "key",
    ])
      for (const place of places) check(words, place, 4.5);
  });

  it("badges too", () => {
    for (const name of ["accent", "good", "warn", "bad", "info", "wire", "message", "app", "key"])
      check(name, `${name}-soft`, 4.5);
    check("accent-text", "accent", 4.5);
  });

  it("the mark of the focus has a contrast of 3", () => {
    for (const place of places) check("focus", place, 3);
  });
});
