import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createManualClock } from "../../base/index.ts";
import {
  createSoundCache,
  type EspeakOptions,
  espeak,
  type RawSound,
  type SoundFailure,
  spokenText,
  type Voice,
} from "./index.ts";

const skip =
  spawnSync("espeak-ng", ["--version"]).status === 0
    ? false
    : "espeak-ng is not installed: apt-get install espeak-ng";
const never = new AbortController().signal;

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "yayts-espeak-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program to be run in the place of espeak-ng. */
function program(t: TestContext, script: string): string {
  const file = join(temporary(t), "speaker.mjs");
  writeFileSync(file, `#!${process.execPath}\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function say(options: EspeakOptions, text: string, voice?: string, signal = never): ReturnType<Voice> {
  return espeak(options)(text, { language: "en", voice, signal });
}

function reasonOf(outcome: RawSound | SoundFailure): string | undefined {
  return "kind" in outcome ? outcome.reason : undefined;
}

/** Waits until a program has written a file, by the file system's own turns. */
async function written(file: string): Promise<string> {
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await new Promise(setImmediate);
  return readFileSync(file, "utf8");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("without the program the failure says how to get it", async () => {
  const outcome = await say({ program: "/no/such/espeak-ng" }, "hello");
  assert.ok("kind" in outcome);
  assert.equal(outcome.reason, "voice-missing");
  assert.match(outcome.text, /apt-get install espeak-ng, or give a voice of your own/);
});

test("the text is data: it comes by standard input, the arguments hold nothing of it", async (t) => {
  const folder = temporary(t);
  const speaker = program(
    t,
    `import { readFileSync, writeFileSync } from "node:fs";
     writeFileSync(${JSON.stringify(join(folder, "seen"))}, JSON.stringify([process.argv.slice(2), readFileSync(0, "utf8")]));`,
  );
  const text = "-w /tmp/x --help \u0001\u0000[[h@]] `id` $(id) <break time='9s'/> zażółć\nnext \ud800";
  assert.equal(reasonOf(await say({ program: speaker }, text, "en-gb+f3")), "empty");
  const [args, input] = JSON.parse(readFileSync(join(folder, "seen"), "utf8"));
  assert.deepEqual(args, [
    "-v",
    "en-gb+f3",
    "-s",
    "155",
    "-p",
    "45",
    "-a",
    "160",
    "-b",
    "1",
    "-z",
    "--stdin",
    "--stdout",
  ]);
  assert.equal(input, "-w /tmp/x --help   [ [h@]] `id` $(id) <break time='9s'/> zażółć\nnext \ufffd");

  await say({ program: speaker, ssml: true, wordsPerMinute: 200, pitch: 60 }, "<speak>a</speak>");
  const [ssmlArgs, ssml] = JSON.parse(readFileSync(join(folder, "seen"), "utf8"));
  assert.deepEqual(
    [ssmlArgs.at(-1), ssmlArgs[3], ssmlArgs[5], ssml],
    ["-m", "200", "60", "<speak>a</speak>"],
  );
});

for (const voice of ["--path=/tmp", "-w", "../../etc/x", "/etc/x", "en us", "en;id", ""]) {
  test(`${JSON.stringify(voice)} is refused as the name of a voice`, async () => {
    assert.equal(reasonOf(await say({ program: "/no/such/espeak-ng" }, "hello", voice)), "voice-failed");
  });
}

test("a text without anything to speak, or with too much, does not start the program", async () => {
  const missing = { program: "/no/such/espeak-ng" };
  assert.equal(reasonOf(await say(missing, " \n\u0007")), "empty");
  assert.equal(reasonOf(await say(missing, "a".repeat(4001))), "too-large");
});

test("a program that hangs is killed when its time is over", async (t) => {
  const pidFile = join(temporary(t), "pid");
  const hangs = program(
    t,
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const clock = createManualClock();
  const wait = say({ program: hangs, clock, timeoutMs: 5000 }, "hello");
  const pid = Number(await written(pidFile));
  await clock.advance(4999);
  assert.ok(isAlive(pid));
  await clock.advance(1);
  assert.equal(reasonOf(await wait), "timeout");
  assert.ok(!isAlive(pid));
  assert.equal(clock.pending, 0);
});

test("a program that nobody waits for is killed, also while others wait for their turn", async (t) => {
  const pidFile = join(temporary(t), "pid");
  const hangs = program(
    t,
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const clock = createManualClock();
  const voice = espeak({ program: hangs, clock, maxProcesses: 1 });
  const controllers = [new AbortController(), new AbortController()];
  const waits = controllers.map(({ signal }) => voice("hello", { language: "en", voice: undefined, signal }));
  const pid = Number(await written(pidFile));
  for (const controller of controllers) controller.abort();
  assert.deepEqual((await Promise.all(waits)).map(reasonOf), ["aborted", "aborted"]);
  assert.ok(!isAlive(pid));
  assert.equal(clock.pending, 0);
  assert.equal(
    reasonOf(await voice("hello", { language: "en", voice: undefined, signal: AbortSignal.abort() })),
    "aborted",
  );
});

test("a program that fails, that ends before it reads, or gives something else, is `voice-failed`", async (t) => {
  const fails = program(t, `console.error("Error: no such voice"); process.exit(1);`);
  const outcome = await say({ program: fails }, "hello ".repeat(600));
  assert.ok("kind" in outcome);
  assert.deepEqual(
    [outcome.reason, outcome.text.split(" exited ")[1]],
    ["voice-failed", "1: Error: no such voice"],
  );
  const strange = program(t, `console.log("hello to you too, this is a text");`);
  assert.equal(reasonOf(await say({ program: strange }, "hello")), "voice-failed");
  const folder = temporary(t);
  assert.equal(reasonOf(await say({ program: folder }, "hello")), "voice-failed", "a folder cannot be run");
});

test("espeak-ng speaks English and Polish about as loud as the package's prompts, and one text only once", {
  skip,
}, async (t) => {
  const folder = temporary(t);
  const cache = createSoundCache({ folder });
  for (const [text, language] of [
    ["Welcome. Please hold the line.", "en"],
    ["Proszę czekać na połączenie.", "pl-PL"],
  ] as const) {
    const speech = await cache.samplesOf(spokenText(text, { language }));
    assert.ok(speech.kind === "samples", speech.kind === "failed" ? speech.text : "");
    assert.ok(speech.durationMs > 800 && speech.durationMs < 4000, `${speech.durationMs} ms`);
    const frames = Array.from({ length: Math.floor(speech.samples.length / 160) }, (_, i) =>
      Math.sqrt(
        speech.samples.subarray(i * 160, i * 160 + 160).reduce((sum, one) => sum + one * one, 0) / 160,
      ),
    );
    const spoken = frames.filter((level) => level > Math.max(...frames) / 30);
    const rms = Math.sqrt(spoken.reduce((sum, level) => sum + level * level, 0) / spoken.length);
    const levelDb = 20 * Math.log10(rms / 32_768);
    assert.ok(levelDb > -20 && levelDb < -14, `${levelDb} dB`);
  }
  // Found in the folder, so the program is not even looked for.
  const known = spokenText("Welcome. Please hold the line.");
  const again = await createSoundCache({ folder }).fileOf({
    ...known,
    make: () => Promise.reject(new Error("made")),
  });
  assert.equal(again.kind, "file");
});

test("espeak-ng reads markup out unless it is asked to follow it, and knows no phonemes in a text", {
  skip,
}, async () => {
  const length = async (text: string, ssml: boolean): Promise<number> => {
    const outcome = await say({ ssml }, text);
    return "samples" in outcome ? outcome.samples.length / outcome.rateHz : 0;
  };
  const paused = 'one <break time="3s"/> two';
  assert.ok((await length(paused, true)) > 3);
  const markup = "<b>one</b>";
  assert.ok((await length(markup, false)) > (await length(markup, true)) + 0.3);
  assert.equal(reasonOf(await say({}, "hello", "xx")), "voice-failed");
});
