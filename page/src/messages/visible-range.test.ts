import assert from "node:assert/strict";
import { test } from "node:test";
import { scrollToShow, visibleRange } from "./visible-range.ts";

test("every row in view is drawn, and not many more", () => {
  for (let scrollTop = 0; scrollTop < 10_000 * 24 - 480; scrollTop += 137) {
    const { from, to } = visibleRange(scrollTop, 480, 24, 10_000);
    assert.ok(from * 24 <= scrollTop);
    assert.ok(to * 24 >= scrollTop + 480);
    assert.ok(to - from <= 60);
  }
});

test("a scroll by a pixel mostly changes nothing", () => {
  let changes = 0;
  let last = "";
  for (let scrollTop = 0; scrollTop < 2400; scrollTop++) {
    const range = JSON.stringify(visibleRange(scrollTop, 480, 24, 10_000));
    if (range !== last) changes++;
    last = range;
  }
  assert.ok(changes < 50, `${changes}`);
});

test("an empty table, a short one and one that was scrolled beyond its end have ranges", () => {
  assert.deepEqual(visibleRange(0, 480, 24, 0), { from: 0, to: 0 });
  assert.deepEqual(visibleRange(0, 480, 24, 3), { from: 0, to: 3 });
  const { from, to } = visibleRange(9999, 480, 24, 3);
  assert.ok(from <= to && to === 3);
  assert.equal(visibleRange(-50, 480, 24, 30).from, 0);
});

test("a row that is in view needs no scrolling, another one the least", () => {
  assert.equal(scrollToShow(5, 0, 480, 24), 0);
  assert.equal(scrollToShow(20, 0, 480, 24), 24);
  assert.equal(scrollToShow(5, 480, 480, 24), 120);
});
