import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateMos } from "./index.ts";

test("a clean G.711 call is as good as a call gets, 4.4", () => {
  assert.ok(Math.abs(estimateMos("alaw", 0, 40) - 4.39) < 0.02);
});

test("GSM is worse, loss is worse, delay is worse, each the more the worse", () => {
  assert.ok(estimateMos("gsm", 0, 40) < 3.8);
  let before = 5;
  for (const loss of [0, 1, 3, 10, 30, 100]) {
    const mos = estimateMos("mulaw", loss, 40);
    assert.ok(mos < before && mos >= 1);
    before = mos;
  }
  before = 5;
  for (const delayMs of [0, 100, 200, 400, 1000, 5000]) {
    const mos = estimateMos("mulaw", 0, delayMs);
    assert.ok(mos < before || mos === 1);
    before = mos;
  }
});
