import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateMos, type PlayoutFigures, type RtpReceiverFigures, soundQuality } from "./index.ts";

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

const receiver: RtpReceiverFigures = {
  packets: 1000,
  octets: 160_000,
  lost: 0,
  duplicates: 1,
  reordered: 2,
  restarts: 0,
  strays: 0,
  strangers: 0,
  wrongPayload: 0,
  jitterMs: 3,
};
const playout: PlayoutFigures = {
  packets: 1000,
  late: 0,
  dropped: 0,
  playedMs: 20_000,
  concealedMs: 0,
  inserted: 0,
  skipped: 0,
  delayMs: 25,
  meanDelayMs: 30,
  targetMs: 20,
};

test("the figures of a call are joined, and what was lost, late or far away lowers the score", () => {
  const clean = soundQuality("alaw", receiver, playout);
  assert.deepEqual(
    [clean.received, clean.duplicates, clean.reordered, clean.jitterMs, clean.meanDelayMs],
    [1000, 1, 2, 3, 30],
  );
  assert.ok((clean.mos ?? 0) > 4.3);
  for (const worse of [
    soundQuality("alaw", { ...receiver, lost: 100 }, playout),
    soundQuality("alaw", receiver, { ...playout, late: 100 }),
    soundQuality("alaw", receiver, { ...playout, concealedMs: 2000 }),
    soundQuality("alaw", receiver, playout, 1500),
  ]) {
    assert.ok((worse.mos ?? 5) < 3.5, String(worse.mos));
  }
  assert.equal(soundQuality("alaw", { ...receiver, packets: 0 }, { ...playout, playedMs: 0 }).mos, undefined);
});
