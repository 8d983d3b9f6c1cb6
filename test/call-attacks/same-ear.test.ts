/** Two operations that want the same ear, mouth, keys or party: both end in typed outcomes, and none waits for the other for ever. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Call, silence, tone } from "yayts";
import { type Leg, Rig, within } from "./rig.ts";

interface Context {
  readonly rig: Rig;
  readonly call: Call;
  /** Another call, answered. */
  readonly other: Call;
  /** A phone that answers. */
  readonly number: string;
}

type Work = (context: Context) => PromiseLike<{ readonly kind: string }>;

/** Everything that takes some time, or a party, on one call. */
const works: Readonly<Record<string, Work>> = {
  play: ({ call }) => call.play("digits/5"),
  "play a tone": ({ call }) => call.play(tone("busy", 120)),
  "play samples": ({ call }) => call.play({ kind: "samples", samples: new Int16Array(1200) }),
  record: ({ call }) => call.record({ maxMs: 120, beep: false }),
  recordCall: ({ call, rig }) => {
    const recording = call.recordCall({ to: join(rig.folder, `${rig.unique("both")}.wav`) });
    setTimeout(() => void recording.stop(), 120);
    return recording;
  },
  gather: ({ call }) => call.gather({ prompt: "digits/5", firstDigitMs: 100 }),
  menu: ({ call }) => call.menu({ prompt: silence(20), choices: { 1: 1 }, tries: 1, firstDigitMs: 100 }),
  sendDtmf: ({ call }) => call.sendDtmf("1"),
  async audio({ call }) {
    const opened = await call.audio();
    if (opened.kind !== "open") return opened;
    void opened.audio.write(new Int16Array(800));
    await delay(120);
    await opened.audio.close();
    return await opened.audio.ended;
  },
  bridge: ({ call, other }) => call.bridge(other, { limitMs: 120, keepOther: true }),
  "be bridged": ({ call, other }) => other.bridge(call, { limitMs: 120, keepOther: true }),
  async hold({ call }) {
    const held = await call.hold({ music: "digits/1" });
    if (held.kind !== "held") return held;
    await delay(60);
    return await call.resume();
  },
  dial: ({ call, number }) => call.dial(number, { limitMs: 100, timeoutMs: 1000 }),
  transfer: ({ call, number }) => call.transfer(number, { timeoutMs: 1000 }),
  "transfer at once": ({ call, number }) => call.transfer(number, { wait: false }),
  attendedTransfer({ call, number }) {
    const transfer = call.attendedTransfer(number, { announce: silence(30), timeoutMs: 1000 });
    setTimeout(() => transfer.complete(), 120);
    return transfer;
  },
  whisper: ({ call }) => call.whisper("digits/5"),
  async park({ call }) {
    const parked = await call.park({ timeoutMs: 120 });
    return parked.kind === "parked" ? await parked.ended : parked;
  },
  join({ call, rig }) {
    const joined = call.join(rig.room());
    setTimeout(() => void joined.leave(), 120);
    return joined;
  },
  enqueue: ({ call, rig }) => call.enqueue(rig.app.queue(rig.unique("both"), { maxWaitMs: 120 })),
  unbridge: ({ call }) => call.unbridge(),
};

const names = Object.keys(works);

describe("two operations of one call at once", { timeout: 60_000 }, () => {
  let rig: Rig;
  let number = "";
  before(async () => {
    rig = await Rig.start("in process");
    number = await rig.phone();
  });
  after(() => rig.stop());

  /** @param gapMs from the beginning of the first to that of the second */
  const both = async (one: string, two: string, gapMs: number): Promise<string> => {
    const [pair, other] = [await rig.answered(), await rig.answered()];
    const context: Context = { rig, call: pair.call, other: other.call, number };
    const what = `${one} and ${two} ${gapMs} ms after`;
    try {
      const first = Promise.resolve(works[one]?.(context));
      if (gapMs > 0) await delay(gapMs);
      const second = Promise.resolve(works[two]?.(context));
      const ends = await within(5000, what, Promise.all([first, second]));
      for (const end of ends)
        assert.equal(typeof end?.kind, "string", `${what}: ${JSON.stringify(end)} is no outcome`);
      // The call is still of use, unless it was given away.
      const after = await within(3000, `playing after ${what}`, pair.call.play(silence(1)));
      const given = ends.some((end) => end?.kind === "transferred");
      assert.ok(after.kind === "completed" || given, `${what}: then ${JSON.stringify(after)}`);
      return "";
    } catch (error) {
      return `${what}: ${(error as Error).message}`;
    } finally {
      const legs: readonly Leg[] = [pair.caller, other.caller];
      await Promise.all(legs.map((leg) => rig.gone(leg)));
    }
  };

  describe("each with any other", { concurrency: 4 }, () => {
    for (const one of names) {
      it(`${one}: both end, and the call is still of use`, async () => {
        const gaps = process.env.YAYTS_LONG ? [0, 30] : [0];
        const errors = await Promise.all(names.flatMap((two) => gaps.map((gapMs) => both(one, two, gapMs))));
        assert.deepEqual(
          errors.filter((error) => error),
          [],
        );
      });
    }
  });

  it("and then nothing is left", () => rig.nothingLeft());
});
