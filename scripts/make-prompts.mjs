#!/usr/bin/env node
// Makes the recorded prompts under sounds/ from the table in prompt-texts.mjs. Needs espeak-ng and sox; the results are
// committed, so only someone who changes the table has to run it:
//
//   node scripts/make-prompts.mjs
//   node scripts/make-prompts.mjs examples    (those of the examples, from example-texts.mjs)
//
// It prints the measured duration and level of every file, and exits 1 when one misses the limits in `LIMITS`.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exampleTexts } from "./example-texts.mjs";
import { prompts } from "./prompt-texts.mjs";

const RATE_HZ = 8000;
const FRAME_SAMPLES = 160;
// Words full of Polish `sz` stay up to 2.2 dB under the target: louder, the codec would clip them.
const LIMITS = {
  digitMs: 800,
  edgeSilenceMs: 60,
  rmsDbMin: -18.5,
  rmsDbMax: -15,
  peakDb: -0.5,
  totalBytes: 400_000,
};
const TARGET_DB = -16;
const TARGET_RMS = dbToLevel(TARGET_DB);
const CLOSE_DB = 0.3;
const ROUNDS = 16;
// Quieter than this is silence, in windows of 5 ms.
const SILENCE = dbToLevel(-50);
const WINDOW_SAMPLES = 40;

const VOICES = {
  en: ["-v", "en-us", "-s", "155", "-p", "45"],
  pl: ["-v", "pl", "-s", "165", "-p", "45"],
};

function dbToLevel(db) {
  return 10 ** (db / 20);
}

function levelToDb(level) {
  return 20 * Math.log10(level);
}

function run(program, args, input) {
  const result = spawnSync(program, args, { input, maxBuffer: 1 << 26 });
  if (result.error?.code === "ENOENT")
    throw new Error(`${program} is not installed; on Debian or Ubuntu: apt-get install espeak-ng sox`);
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(`${program} ${args.join(" ")} exited ${result.status}: ${String(result.stderr).trim()}`);
  return result.stdout;
}

// -D: no dither, it is random; -R: any random number sox still needs comes from a fixed seed.
const SOX = ["-D", "-R", "-V1"];
const SLIN = ["-t", "raw", "-r", String(RATE_HZ), "-e", "signed-integer", "-b", "16", "-L", "-c", "1"];
const GSM = ["-t", "gsm", "-r", String(RATE_HZ), "-c", "1"];

// What waiting callers of the examples hear: plucked strings, two notes a second.
const NOTES = "G3 B3 D4 G4 C4 E4 G4 E4 D4 F#4".split(" ");
const MUSIC = [
  ...["synth", "5", ...NOTES.flatMap((note) => ["pluck", note])],
  ...["delay", ...NOTES.map((_, i) => String(i / 2)), "remix", "-"],
  ...["trim", "0", "5", "fade", "0", "5", "0.5"],
];

/** Raw speech, music or beep as numbers of -1 to 1, at 8 kHz. */
function synthesize({ id, language, text }) {
  if (id === "beep")
    return toSamples(
      run("sox", [...SOX, "-n", ...SLIN, "-", "synth", "0.25", "sine", "1000", "fade", "t", "0.01", "0"]),
    );
  if (id === "music") return toSamples(run("sox", [...SOX, "-n", ...SLIN, "-", ...MUSIC]));
  // -b 1: the text is UTF-8 whatever the locale says.
  const wav = run("espeak-ng", [...VOICES[language], "-b", "1", "--stdout", text]);
  // espeak-ng cannot know the length when it writes the header.
  // A telephone's band, and hissing sounds 4 dB down: they are what the codec overshoots on.
  const band = [
    "gain",
    "-6",
    "rate",
    "-h",
    String(RATE_HZ),
    "highpass",
    "120",
    "sinc",
    "-3500",
    "treble",
    "-4",
    "2800",
  ];
  return toSamples(run("sox", [...SOX, "--ignore-length", "-t", "wav", "-", ...SLIN, "-", ...band], wav));
}

function toSamples(slin) {
  return Float64Array.from({ length: slin.length >> 1 }, (_, i) => slin.readInt16LE(2 * i) / 32768);
}

function toSlin(samples) {
  const slin = Buffer.alloc(2 * samples.length);
  samples.forEach((x, i) => {
    slin.writeInt16LE(Math.round(x * 32767), 2 * i);
  });
  return slin;
}

function rms(samples) {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length));
}

function peak(samples) {
  return samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

/** The level of speech alone: of the 20 ms frames within 30 dB of the loudest one. Pauses do not count. */
function speechLevel(samples) {
  const levels = [];
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES)
    levels.push(rms(samples.subarray(at, at + FRAME_SAMPLES)));
  const floor = Math.max(...levels) * dbToLevel(-30);
  const speech = levels.filter((level) => level > floor);
  return Math.sqrt(speech.reduce((sum, level) => sum + level * level, 0) / speech.length);
}

/** A look-ahead limiter: the smallest gain needed within 5 ms, averaged over 5 ms, so no sample passes the ceiling. */
function limit(samples, ceiling) {
  const reach = WINDOW_SAMPLES;
  const needed = samples.map((x) => Math.min(1, ceiling / Math.max(Math.abs(x), 1e-9)));
  const lowest = needed.map((_, i) => Math.min(...needed.subarray(Math.max(0, i - reach), i + reach + 1)));
  return samples.map((x, i) => {
    const around = lowest.subarray(Math.max(0, i - reach), i + reach + 1);
    return (x * around.reduce((sum, gain) => sum + gain, 0)) / around.length;
  });
}

/** Where the sound begins and ends, in samples. */
function extent(samples) {
  let start = samples.length;
  let end = 0;
  for (let at = 0; at < samples.length; at += WINDOW_SAMPLES) {
    if (rms(samples.subarray(at, at + WINDOW_SAMPLES)) < SILENCE) continue;
    start = Math.min(start, at);
    end = Math.min(samples.length, at + WINDOW_SAMPLES);
  }
  return { start, end };
}

/** Keeps 15 ms before and at least 20 ms after the sound, up to whole frames. */
function trim(samples) {
  const before = 3 * WINDOW_SAMPLES;
  const { start, end } = extent(samples);
  const whole = new Float64Array(
    Math.ceil((before + end - start + 4 * WINDOW_SAMPLES) / FRAME_SAMPLES) * FRAME_SAMPLES,
  );
  whole.set(samples.subarray(start, end), before);
  return whole;
}

/**
 * One prompt as GSM 06.10 frames of 33 bytes, levelled by what comes out of the decoder: the codec takes about
 * 1 dB of the level away and overshoots by up to 5 dB on hissing sounds, for each word differently. Of the
 * rounds that stay below the peak limit, the one nearest to the target level wins.
 */
function make(prompt) {
  const raw = synthesize(prompt);
  let gain = TARGET_RMS / speechLevel(raw);
  let ceiling = dbToLevel(-3);
  let best;
  for (let round = 0; round < ROUNDS; round += 1) {
    const louder = gain;
    const samples = trim(
      limit(
        raw.map((x) => x * louder),
        ceiling,
      ),
    );
    const gsm = run("sox", [...SOX, ...SLIN, "-", ...GSM, "-"], toSlin(samples));
    const heard = measure(gsm);
    const off = Math.abs(heard.rmsDb - TARGET_DB) + (heard.peakDb > LIMITS.peakDb ? 100 : 0);
    if (best === undefined || off < best.off) best = { gsm, heard, off };
    if (off < CLOSE_DB) break;
    gain *= dbToLevel(TARGET_DB - heard.rmsDb);
    if (heard.peakDb > LIMITS.peakDb) ceiling *= dbToLevel(-0.7);
  }
  return best;
}

/** What a caller will hear: the measures of the decoded file. */
function measure(gsm) {
  const samples = toSamples(run("sox", [...SOX, ...GSM, "-", ...SLIN, "-"], gsm));
  const { start, end } = extent(samples);
  const ms = (count) => (count * 1000) / RATE_HZ;
  return {
    ms: ms(samples.length),
    rmsDb: levelToDb(speechLevel(samples)),
    peakDb: levelToDb(peak(samples)),
    silenceMs: Math.max(ms(start), ms(samples.length - end)),
  };
}

function faults(id, { ms, rmsDb, peakDb, silenceMs }) {
  const found = [];
  if (id.startsWith("digits/") && ms > LIMITS.digitMs) found.push(`longer than ${LIMITS.digitMs} ms`);
  if (rmsDb < LIMITS.rmsDbMin || rmsDb > LIMITS.rmsDbMax) found.push("level off");
  if (peakDb > LIMITS.peakDb) found.push("clips");
  if (silenceMs > LIMITS.edgeSilenceMs)
    found.push(`more than ${LIMITS.edgeSilenceMs} ms of silence at an end`);
  return found;
}

function main(which) {
  if (which === "examples") makeAll(exampleTexts, "../examples/sounds/");
  else makeAll(prompts, "../sounds/");
}

function makeAll(prompts, into) {
  const folder = fileURLToPath(new URL(into, import.meta.url));
  let totalBytes = 0;
  let bad = 0;
  console.log("id                            ms     rms dB  peak dB  silence ms  text");
  for (const prompt of prompts) {
    const { gsm, heard } = make(prompt);
    const file = join(folder, `${prompt.id}.gsm`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, gsm);
    totalBytes += gsm.length;
    const wrong = faults(prompt.id, heard);
    bad += wrong.length;
    const columns = [
      prompt.id.padEnd(26),
      String(heard.ms).padStart(6),
      heard.rmsDb.toFixed(1).padStart(10),
      heard.peakDb.toFixed(1).padStart(8),
      String(heard.silenceMs).padStart(11),
    ];
    console.log(`${columns.join(" ")}  ${prompt.text}${wrong.map((fault) => `  FAULT: ${fault}`).join("")}`);
  }
  console.log(`${prompts.length} files, ${totalBytes} bytes`);
  if (totalBytes > LIMITS.totalBytes) bad += 1;
  process.exitCode = bad > 0 ? 1 : 0;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv[2]);
  } catch (error) {
    console.error(`make-prompts: ${error.message}`);
    process.exitCode = 1;
  }
}
