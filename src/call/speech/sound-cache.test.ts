import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createManualClock } from "../../base/index.ts";
import { createSoundCache, type MadeSound, type SoundFailure, type SoundFile } from "./index.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const beep = fileURLToPath(new URL("../../../sounds/beep.gsm", import.meta.url));

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "yayts-cache-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function fileIn(outcome: SoundFile | SoundFailure): SoundFile {
  assert.ok(outcome.kind === "file", outcome.kind === "failed" ? outcome.text : "");
  return outcome;
}

function reasonOf(outcome: { readonly kind: string }): string | undefined {
  return outcome.kind === "failed" ? (outcome as SoundFailure).reason : undefined;
}

/** 100 ms of a level, as a voice gives it. */
function made(key: string, level = 1000, ms = 100): MadeSound & { readonly times: () => number } {
  let times = 0;
  return {
    key,
    times: () => times,
    make: async () => {
      times++;
      return { samples: new Int16Array(ms * 8).fill(level), rateHz: 8000 };
    },
  };
}

test("a file that engines play is given as it is, and the folder is not even made", async (t) => {
  const folder = join(temporary(t), "cache");
  const cache = createSoundCache({ folder });
  assert.deepEqual(await cache.fileOf(beep), { kind: "file", path: beep, durationMs: 300 });
  assert.ok(!existsSync(folder));
  assert.equal(cache.folder, undefined);
});

test("an mp3 is converted once, to whole slin of 8 kHz that everybody may read", async (t) => {
  const folder = join(temporary(t), "deep", "cache");
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const cache = createSoundCache({ folder });
  const first = fileIn(await cache.fileOf(fixture("stereo-44k.mp3")));
  assert.equal(first.durationMs, 500);
  assert.equal(statSync(first.path).size, 8000);
  assert.equal(statSync(first.path).mode & 0o777, 0o644);
  assert.equal(cache.folder, folder);

  // Changed on purpose: what comes from the cache is not made again, by this program or by another one.
  writeFileSync(first.path, new Uint8Array(1600));
  assert.deepEqual(await cache.fileOf(fixture("stereo-44k.mp3")), { ...first, durationMs: 100 });
  assert.deepEqual(await createSoundCache({ folder }).fileOf(fixture("stereo-44k.mp3")), {
    ...first,
    durationMs: 100,
  });
});

test("the folder that is made can be entered by everybody, whatever the umask", async (t) => {
  const folder = join(temporary(t), "cache");
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  fileIn(await createSoundCache({ folder }).fileOf(made("x")));
  assert.equal(statSync(folder).mode & 0o777, 0o755);
});

test("the same contents under another name are one file; other contents under the same name another", async (t) => {
  const folder = temporary(t);
  const [one, two] = [join(folder, "one.mp3"), join(folder, "two.mp3")];
  copyFileSync(fixture("stereo-44k.mp3"), one);
  copyFileSync(fixture("stereo-44k.mp3"), two);
  const cache = createSoundCache({ folder: join(folder, "cache") });
  const { path } = fileIn(await cache.fileOf(one));
  assert.equal(fileIn(await cache.fileOf(two)).path, path);
  copyFileSync(fixture("mono-22k.mp3"), two);
  assert.notEqual(fileIn(await cache.fileOf(two)).path, path);
});

test("volume, offset and format make files of their own", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  const sound = made("level");
  const samples = (file: SoundFile): Int16Array => {
    const bytes = Uint8Array.from(readFileSync(file.path));
    return new Int16Array(bytes.buffer);
  };
  const plain = fileIn(await cache.fileOf(sound));
  const louder = fileIn(await cache.fileOf(sound, { volumeDb: 6.0206 }));
  const later = fileIn(await cache.fileOf(sound, { offsetMs: 60 }));
  const alaw = fileIn(await cache.fileOf(sound, { format: "alaw" }));
  const gsm = fileIn(await cache.fileOf(sound, { format: "gsm", offsetMs: 10 }));
  assert.equal(new Set([plain, louder, later, alaw, gsm].map(({ path }) => path)).size, 5);
  assert.deepEqual(new Set(samples(louder)), new Set([2000]));
  assert.deepEqual([later.durationMs, samples(later).length], [40, 320]);
  assert.deepEqual([alaw.durationMs, statSync(alaw.path).size], [100, 800]);
  assert.deepEqual([gsm.durationMs, statSync(gsm.path).size], [100, 5 * 33]);
  assert.equal(sound.times(), 1);

  const loud = await cache.samplesOf(made("loud", 30_000), { volumeDb: 24 });
  assert.ok(loud.kind === "samples" && loud.samples.every((sample) => sample === 32_767));
  assert.equal(reasonOf(await cache.fileOf(sound, { offsetMs: 100 })), "empty");
  assert.equal(reasonOf(await cache.samplesOf(sound, { offsetMs: 5000 })), "empty");
});

test("a prompt of the package is resumed in the middle, and made quieter", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  const rest = fileIn(await cache.fileOf(beep, { offsetMs: 100, volumeDb: -3 }));
  assert.equal(rest.durationMs, 200);
  const whole = await cache.samplesOf(beep);
  assert.ok(whole.kind === "samples");
  assert.deepEqual([whole.samples.length, whole.durationMs, whole.rateHz], [2400, 300, 8000]);
});

test("those who ask at once share one conversion", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  const sound = made("shared");
  const [files, streams] = [
    await Promise.all(Array.from({ length: 20 }, () => cache.fileOf(sound))),
    await Promise.all(Array.from({ length: 20 }, () => cache.samplesOf(sound))),
  ];
  assert.equal(new Set(files.map((file) => fileIn(file).path)).size, 1);
  assert.equal(new Set(streams.map((one) => one.kind === "samples" && one.samples)).size, 1);
  assert.equal(sound.times(), 1);
});

test("made sounds are told by their key, and outlive the program in the folder", async (t) => {
  const folder = temporary(t);
  const [one, same, other] = [made("a"), made("a"), made("b", 5)];
  const cache = createSoundCache({ folder });
  await cache.fileOf(one);
  await cache.fileOf(same);
  await cache.fileOf(other);
  assert.deepEqual([one.times(), same.times(), other.times()], [1, 0, 1]);
  const again = made("a");
  assert.ok((await createSoundCache({ folder }).samplesOf(again)).kind === "samples");
  assert.equal(again.times(), 0);
});

test("whoever gives up gets `aborted` at once, and the last one to give up stops the making", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  let stopped = 0;
  const begun = Promise.withResolvers<void>();
  const endless: MadeSound = {
    key: "endless",
    make: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stopped++;
          reject(new Error("stopped"));
        });
        begun.resolve();
      }),
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const waits = [
    cache.fileOf(endless, { signal: one.signal }),
    cache.fileOf(endless, { signal: two.signal }),
  ];
  await begun.promise;
  one.abort();
  assert.equal(reasonOf((await waits[0]) ?? { kind: "" }), "aborted");
  assert.equal(stopped, 0);
  two.abort();
  assert.equal(reasonOf((await waits[1]) ?? { kind: "" }), "aborted");
  assert.equal(stopped, 1);
  assert.equal(reasonOf(await cache.samplesOf(endless, { signal: one.signal })), "aborted");

  const next: MadeSound = { ...made("endless"), key: "endless" };
  assert.equal((await cache.fileOf(next)).kind, "file");
});

test("a conversion that nobody waits for is stopped, and the next one works", async (t) => {
  const folder = temporary(t);
  const long = join(folder, "long.slin.wav");
  const header = Buffer.from(readFileSync(new URL("./fixtures/head-48k-stereo.wav", import.meta.url)));
  writeFileSync(long, Buffer.concat([header, new Uint8Array(48_000 * 4 * 60)]));
  const cache = createSoundCache({ folder: join(folder, "cache") });
  const controller = new AbortController();
  const given = cache.fileOf(long, { signal: controller.signal });
  const waiting = cache.fileOf(fixture("mono-44k.ogg"));
  setImmediate(() => controller.abort());
  assert.equal(reasonOf(await given), "aborted");
  assert.equal(fileIn(await waiting).durationMs, 500);
});

test("the program goes on while a minute of sound is converted, and no thread is left behind", async (t) => {
  const folder = temporary(t);
  const long = join(folder, "long.wav");
  const header = readFileSync(new URL("./fixtures/head-48k-stereo.wav", import.meta.url));
  writeFileSync(long, Buffer.concat([header, new Uint8Array(48_000 * 4 * 60)]));
  const cache = createSoundCache({ folder: join(folder, "cache") });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const outcome = fileIn(await cache.fileOf(long));
  clearInterval(timer);
  assert.equal(outcome.durationMs, 60_000);
  assert.ok(turns > 20, `${turns} turns`);
  while (process.getActiveResourcesInfo().includes("MessagePort")) await new Promise(setImmediate);
});

test("each thing that can be wrong with a file has its reason", async (t) => {
  const folder = temporary(t);
  const cache = createSoundCache({ folder: join(folder, "cache"), maxDurationMs: 400 });
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const mp3 = readFileSync(fixture("stereo-44k.mp3"));
  for (const [path, reason] of [
    [join(folder, "no-such-file.wav"), "unreadable"],
    [folder, "unreadable"],
    [write("empty.wav", new Uint8Array(0)), "empty"],
    [write("empty.gsm", new Uint8Array(0)), "empty"],
    [write("text.wav", Buffer.from("no sound at all")), "not-audio"],
    [write("cut.mp3", mp3.subarray(0, 2000)), "truncated"],
    [write("cut.gsm", new Uint8Array(50)), "truncated"],
    [fixture("stereo-44k.mp3"), "too-large"],
  ] as const) {
    assert.equal(reasonOf(await cache.fileOf(path)), reason, path);
    assert.equal(reasonOf(await cache.samplesOf(path)), reason, path);
  }
  assert.equal(reasonOf(await cache.fileOf(made("long", 1, 500))), "too-large");
});

test("a voice that throws, or gives no samples or strange ones, is a failure of its own", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  const give = (key: string, samples: Int16Array, rateHz: number): MadeSound => ({
    key,
    make: () => Promise.resolve({ samples, rateHz }),
  });
  const broken: MadeSound = { key: "broken", make: () => Promise.reject(new Error("no credit")) };
  const failure = await cache.fileOf(broken);
  assert.ok(failure.kind === "failed");
  assert.deepEqual([failure.reason, failure.text], ["voice-failed", "the voice failed: no credit"]);
  assert.equal(reasonOf(await cache.fileOf(give("none", new Int16Array(0), 8000))), "empty");
  assert.equal(reasonOf(await cache.fileOf(give("rate", new Int16Array(9), 12.5))), "not-audio");
  const fromFile: MadeSound = { key: "file", make: () => Promise.resolve({ file: fixture("mono.opus") }) };
  assert.equal(fileIn(await cache.fileOf(fromFile)).durationMs, 500);
});

test("a folder that cannot be written is a failure for files, and none for samples", async (t) => {
  const folder = join(temporary(t), "file");
  writeFileSync(folder, "in the way");
  const cache = createSoundCache({ folder: join(folder, "cache") });
  assert.equal(reasonOf(await cache.fileOf(made("x"))), "unwritable");
  assert.equal((await cache.samplesOf(made("x"))).kind, "samples");
  rmSync(folder);
  assert.equal((await cache.fileOf(made("x"))).kind, "file", "it is tried again");
});

test("over its limit the folder loses what was not used for longest, but nothing of the last ten minutes", async (t) => {
  const folder = temporary(t);
  const clock = createManualClock();
  const cache = createSoundCache({ folder, maxBytes: 10_000, clock });
  const bytes = (): number =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const paths: string[] = [];
  for (let i = 0; i < 8; i++) {
    paths.push(fileIn(await cache.fileOf(made(`sound ${i}`, i))).path);
    await clock.advance(1000);
  }
  assert.equal(bytes(), 8 * 1600, "all of them may be about to be played");
  await clock.advance(20 * 60_000);
  fileIn(await cache.fileOf(made("sound 0")));
  fileIn(await cache.fileOf(made("new")));
  assert.ok(bytes() <= 10_000, `${bytes()} bytes`);
  assert.deepEqual(
    paths.map((path) => existsSync(path)),
    [true, false, false, false, false, false, true, true],
  );
  assert.equal(
    fileIn(await cache.fileOf(made("sound 1", 1))).durationMs,
    100,
    "what was removed is made again",
  );
});

test("what a crashed program left half written is cleared away, and no other file is touched", async (t) => {
  const folder = temporary(t);
  const leftover = join(folder, ".0a1b2c3d-0000-0000-0000-000000000000.tmp");
  const mine = join(folder, "notes.txt");
  for (const file of [leftover, mine]) {
    writeFileSync(file, "x");
    utimesSync(file, 1000, 1000);
  }
  fileIn(await createSoundCache({ folder, maxBytes: 1 }).fileOf(made("x")));
  assert.ok(!existsSync(leftover));
  assert.ok(existsSync(mine));
  assert.equal(readdirSync(folder).filter((name) => name.endsWith(".tmp")).length, 0);
});

test("a file that somebody removed from the folder is made again", async (t) => {
  const folder = temporary(t);
  const cache = createSoundCache({ folder });
  const { path } = fileIn(await cache.fileOf(made("x")));
  rmSync(folder, { recursive: true });
  assert.equal(fileIn(await cache.fileOf(made("x"))).path, path);
  assert.ok(existsSync(path));
});

test("arguments that cannot be used are refused", async (t) => {
  const cache = createSoundCache({ folder: temporary(t) });
  const bad = { code: "bad-argument" };
  await assert.rejects(cache.fileOf(beep, { volumeDb: 25 }), bad);
  await assert.rejects(cache.fileOf(beep, { volumeDb: Number.NaN }), bad);
  await assert.rejects(cache.samplesOf(beep, { offsetMs: -1 }), bad);
});
