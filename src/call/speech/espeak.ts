import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, errorText, onAbort, realClock, type Signal } from "../../base/index.ts";
import { samplesOf } from "../../media/index.ts";
import { readWavLayout } from "./pcm-file.ts";
import type { RawSound, SoundFailure, SoundFailureReason } from "./sound-outcome.ts";
import { createTurnstile } from "./turnstile.ts";
import type { Voice } from "./voice.ts";

/** How espeak-ng speaks. */
export interface EspeakOptions {
  /** Words a minute, 80…450. Default that of the package's prompts: 155 in English, else 165. */
  readonly wordsPerMinute?: number | undefined;
  /** 0…99. Default 45, that of the package's prompts. */
  readonly pitch?: number | undefined;
  /** Whether the text is SSML. Default false: nothing in a text changes how it is spoken. */
  readonly ssml?: boolean | undefined;
  /** Longest time that the program may take for one text, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Most characters of one text. Default 4000, some five minutes. */
  readonly maxCharacters?: number | undefined;
  /** Most texts that are spoken at once; others wait. Default 2. */
  readonly maxProcesses?: number | undefined;
  /** The program. Default `espeak-ng`, looked for in `PATH`. */
  readonly program?: string | undefined;
  /** Where time comes from. Default the machine's. */
  readonly clock?: Clock | undefined;
}

/** Sound of twenty minutes; no text of the longest length takes more. */
const mostOutputBytes = 20 * 60 * 2 * 22_050;
/** Of 100: as loud as the package's prompts within 2 dB, and hardly a sample at the limit. */
const amplitude = "160";
const mostComplaintBytes = 2000;
const voiceName = /^[A-Za-z0-9][\w+-]*(?:\/[A-Za-z0-9][\w+-]*)*$/;

function failed(reason: SoundFailureReason, text: string, cause?: unknown): SoundFailure {
  return { kind: "failed", reason, text, cause };
}

/** The program takes control characters for commands and `[[…]]` for phonemes, in plain text too. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\n]/gu, " ")
    .replace(/\[(?=\[)/g, "[ ");
}

/** The samples of what the program wrote: wav whose header does not know its length. */
function heard(wav: Buffer): RawSound | SoundFailure {
  if (wav.length === 0) return failed("empty", "espeak-ng found nothing to speak in the text");
  try {
    const { start, coding, bytesPerSample, channels, rateHz } = readWavLayout(wav);
    if (coding !== "integer" || bytesPerSample !== 2 || channels !== 1) throw new Error("no 16-bit samples");
    return { samples: samplesOf(Uint8Array.from(wav.subarray(start))), rateHz };
  } catch (error) {
    return failed("voice-failed", `espeak-ng gave what is no speech: ${errorText(error)}`, error);
  }
}

interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly text: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: Signal;
}

function run({ program, args, text, timeoutMs, clock, signal }: Run): Promise<RawSound | SoundFailure> {
  return new Promise((resolve) => {
    let child: ChildProcess;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let complaint = "";
    let verdict: SoundFailure | undefined;
    /** Kills the program; its end settles the promise, so that no process is left behind. */
    const stop = (why: SoundFailure): void => {
      verdict ??= why;
      child.kill("SIGKILL");
    };
    try {
      child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    } catch (error) {
      resolve(failed("voice-failed", `${program} cannot be started: ${errorText(error)}`, error));
      return;
    }
    const limit = clock.after(timeoutMs, () =>
      stop(failed("timeout", `${program} took longer than ${timeoutMs} ms for ${text.length} characters`)),
    );
    const stopListening = onAbort(signal, () => stop(failed("aborted", "the speech was given up")));
    const settle = (outcome: RawSound | SoundFailure): void => {
      limit.cancel();
      stopListening();
      resolve(outcome);
    };
    child.on("error", (error: Error & { code?: string }) => {
      const missing = error.code === "ENOENT";
      const advice = `${program} is not installed: apt-get install espeak-ng, or give a voice of your own`;
      settle(
        missing
          ? failed("voice-missing", advice, error)
          : failed("voice-failed", `${program} cannot be started: ${error.message}`, error),
      );
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostOutputBytes)
        stop(failed("too-large", `the speech of ${text.length} characters is too long`));
      else chunks.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (complaint.length < mostComplaintBytes) complaint += chunk.toString("utf8");
    });
    child.on("close", (code) => {
      if (verdict) settle(verdict);
      else if (code !== 0 || complaint.startsWith("Error")) {
        settle(failed("voice-failed", `${program} exited ${code}: ${complaint.trim()}`));
      } else settle(heard(Buffer.concat(chunks)));
    });
    // A program that ends before it has read all leaves a broken pipe; its exit tells why.
    child.stdin?.on("error", () => {});
    child.stdin?.end(text, "utf8");
  });
}

/**
 * Speaks by the program espeak-ng, when it is installed: a process a text, which reads it from its standard input. The
 * voice of a language is that of the package's prompts in English and Polish; name another one in the program's words,
 * `en-gb+f3`. Failures: `voice-missing`, `voice-failed` (an unknown language, say), `timeout`, `too-large`, `empty`.
 */
export function espeak(options: EspeakOptions = {}): Voice {
  const { program = "espeak-ng", pitch = 45, ssml = false, clock = realClock, wordsPerMinute } = options;
  const { timeoutMs = 10_000, maxCharacters = 4000, maxProcesses = 2 } = options;
  const turnstile = createTurnstile(maxProcesses);
  const voice: Voice = async (text, { language, voice: named, signal }) => {
    const name = named ?? (/^en$/i.test(language) ? "en-us" : language.toLowerCase());
    if (!voiceName.test(name)) return failed("voice-failed", `${JSON.stringify(name)} is no name of a voice`);
    if (text.length > maxCharacters) {
      return failed("too-large", `a text of ${text.length} characters; at most ${maxCharacters} are spoken`);
    }
    const toSpeak = ssml ? text : plain(text);
    if (toSpeak.trim() === "") return failed("empty", "the text is empty");
    const speed = wordsPerMinute ?? (/^en\b/i.test(name) ? 155 : 165);
    const args = [
      "-v",
      name,
      "-s",
      String(speed),
      "-p",
      String(pitch),
      "-a",
      amplitude,
      "-b",
      "1",
      "-z",
      "--stdin",
      "--stdout",
    ];
    if (ssml) args.push("-m");
    const leave = await turnstile.enter(signal);
    if (!leave) return failed("aborted", "the speech was given up");
    try {
      return await run({ program, args, text: toSpeak, timeoutMs, clock, signal });
    } finally {
      leave();
    }
  };
  return Object.assign(voice, { id: JSON.stringify([program, wordsPerMinute ?? "", pitch, ssml]) });
}
