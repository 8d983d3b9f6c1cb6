import assert from "node:assert/strict";
import { test } from "node:test";
import { axisTop, type ChartBox, chartPaths, pointNear } from "./chart-scale.ts";

const box: ChartBox = { width: 100, height: 50, fromMs: 0, toMs: 10_000, top: 10 };

test("the top of an axis is a round number that is not much more than needed", () => {
  assert.equal(axisTop(0, 5), 5);
  assert.equal(axisTop(3, 0), 5);
  assert.equal(axisTop(500, 10), 500);
  assert.equal(axisTop(501, 10), 1000);
  assert.equal(axisTop(0.3, 0), 0.5);
  assert.equal(axisTop(70 * 2 ** 20, 0, true), 128 * 2 ** 20);
  assert.equal(axisTop(0, 0), 1);
});

test("a line is broken where there is no value, and where time was left out", () => {
  const { line, area } = chartPaths(
    [
      { atMs: 0, value: 0 },
      { atMs: 1000, value: 10 },
      { atMs: 2000, value: undefined },
      { atMs: 3000, value: 5 },
      { atMs: 9000, value: 5 },
      { atMs: 10_000, value: 99 },
    ],
    box,
  );
  assert.equal(line, "M0 50L10 0M30 25h1M90 25L100 0");
  assert.equal(area, "M0 50L10 0L10 50L0 50ZM30 25L30 50L30 50ZM90 25L100 0L100 50L90 50Z");
});

test("what is before the box is not drawn and not found", () => {
  const points = [
    { atMs: -4000, value: 1 },
    { atMs: 1000, value: 2 },
    { atMs: 4000, value: undefined },
  ];
  assert.equal(chartPaths(points, box).line, "M10 40h1");
  assert.equal(pointNear(points, 0, box)?.value, 2);
  assert.equal(pointNear(points, 40, box)?.value, 2);
  assert.equal(pointNear([], 40, box), undefined);
});
