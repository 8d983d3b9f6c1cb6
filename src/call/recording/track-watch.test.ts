import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Clock, createManualClock } from "../../base/index.ts";
import { bytesOf, parseFormat, soundWriter } from "../../media/index.ts";
import { canHold, mergeTracks } from "./merge.ts";
import { BlockTaker, trackBlocks } from "./track-blocks.ts";
import { TrackWatch } from "./track-watch.ts";

const linear = parseFormat("slin");
assert.ok(linear);
const header = soundWriter("au", linear)?.header ?? new Uint8Array(0);

/** The test says when it is looked. */
function withoutTimers(clock: Clock): Clock {
  return { ...clock, after: () => ({ cancel() {} }) };
}

describe("one side of a recording", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "yayts-track-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Lets time pass and the file grow, as `script` says: milliseconds of time, milliseconds of sound. */
  const recorded = async (name: string, script: readonly (readonly [forMs: number, soundMs: number])[]) => {
    const path = join(folder, name);
    await writeFile(path, header);
    const clock = createManualClock();
    const watch = new TrackWatch(path, withoutTimers(clock));
    for (const [forMs, soundMs] of script) {
      for (let passedMs = 0; passedMs < forMs; passedMs += 50) {
        await watch.see();
        await clock.advance(50);
      }
      await appendFile(path, new Uint8Array(soundMs * 16).fill(1));
      await watch.see();
    }
    watch.stop();
    return watch;
  };

  test("sound that comes without a break has no gaps", async () => {
    const watch = await recorded(
      "steady.au",
      Array.from({ length: 20 }, () => [50, 50] as const),
    );
    assert.deepEqual(watch.gaps, []);
  });

  test("silence before and between is placed where nothing came", async () => {
    const watch = await recorded("gaps.au", [
      [50, 0],
      [250, 50],
      [50, 50],
      [1000, 0],
      [50, 50],
      [50, 50],
    ]);
    assert.deepEqual(watch.gaps, [
      { atBytes: header.length, forMs: 250 },
      { atBytes: header.length + 1600, forMs: 1000 },
    ]);
  });

  test("what is written every half second is known to have come before", async () => {
    const watch = await recorded("gathered.au", [
      [50, 0],
      [450, 500],
      [50, 0],
      [450, 300],
      [50, 0],
      [1450, 500],
    ]);
    assert.deepEqual(watch.gaps, [{ atBytes: header.length + 800 * 16, forMs: 1200 }]);
  });

  test("it looks by itself until it is stopped", async () => {
    const clock = createManualClock();
    const watch = new TrackWatch(join(folder, "none.au"), clock);
    assert.equal(clock.pending, 1);
    await clock.advance(100);
    await watch.see();
    assert.equal(clock.pending, 1);
    watch.stop();
    assert.equal(clock.pending, 0);
  });

  test("a file that is not there, or has no header yet, is waited for", async () => {
    const clock = createManualClock();
    const path = join(folder, "late.au");
    const watch = new TrackWatch(path, clock);
    await watch.see();
    await writeFile(path, "");
    await watch.see();
    assert.deepEqual(watch.gaps, []);
    watch.stop();
  });

  test("its gaps are silence when it is read, and sides are laid beside each other or mixed", async () => {
    const path = join(folder, "side.au");
    const big = new Uint8Array(3200);
    for (let at = 0; at < big.length; at += 2) big.set([0x10, 0x00], at);
    await writeFile(path, Buffer.concat([header, big]));
    const gaps = [{ atBytes: header.length + 1600, forMs: 50 }];
    const whole = await new BlockTaker(trackBlocks(path, gaps)).take(9000);
    assert.equal(whole.length, 1600 + 400);
    assert.deepEqual([whole[799], whole[800], whole[1199], whole[1200]], [4096, 0, 0, 4096]);

    const [mono, stereo] = [join(folder, "mono.slin"), join(folder, "both.2slin")];
    assert.equal(await mergeTracks([trackBlocks(path, gaps), trackBlocks(path, [])], mono, false), 250);
    assert.equal(await mergeTracks([trackBlocks(path, gaps), trackBlocks(path, [])], stereo, true), 250);
    const mixed = await readFile(mono);
    assert.deepEqual([mixed.readInt16LE(0), mixed.readInt16LE(1600)], [8192, 4096]);
    const both = await readFile(stereo);
    assert.deepEqual([both.readInt16LE(3200), both.readInt16LE(3202)], [0, 4096]);
    assert.equal(both.length, mixed.length * 2);
  });

  test("what is no sound is nothing, and names tell what can be written", async () => {
    const path = join(folder, "cut.au");
    await writeFile(path, bytesOf(new Int16Array([1, 2, 3])));
    assert.equal((await new BlockTaker(trackBlocks(join(folder, "cut.au"), [])).take(10)).length, 3);
    assert.deepEqual(
      [canHold("a.wav", true), canHold("a.au", true), canHold("a.gsm", true), canHold("a.g729", false)],
      [true, true, false, false],
    );
  });
});
