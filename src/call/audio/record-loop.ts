import { onAbort, type Signal, YaytsError } from "../../base/index.ts";
import { type AudioAttachment, frameMs } from "./audio.ts";
import { createRecording, type Recording, type RecordingEnd } from "./recording.ts";
import { createVoiceActivity, type VoiceActivityOptions } from "./voice-activity.ts";

/** How to record a message: "after the tone …". */
export interface RecordLoopOptions {
  readonly audio: AudioAttachment;
  /** As in `createRecording`. Default: no file; the outcome then has the samples. */
  readonly to?: string | undefined;
  readonly stereo?: boolean | undefined;
  /** Longest recording. Default 120,000. */
  readonly maxMs?: number | undefined;
  /** Ends when nothing was said for so long. Default: never. */
  readonly silenceMs?: number | undefined;
  /** … and so long at the beginning. Default: `silenceMs`. */
  readonly initialSilenceMs?: number | undefined;
  /** Ends when it resolves (to the key) or fires (its reason, if it is a text, is the key). It is the caller's to give up. */
  readonly finishOn?: PromiseLike<string | undefined> | Signal | undefined;
  /** Plays a beep first; samples to play others. Default false. */
  readonly beep?: boolean | Int16Array | undefined;
  /** Cuts silence off the end, but for 200 ms. Default true. */
  readonly trimSilence?: boolean | undefined;
  /** Ends it with `stopped`. */
  readonly signal?: Signal | undefined;
  readonly voice?: VoiceActivityOptions | undefined;
}

/** How it ended. */
export type RecordLoopEnd =
  | {
      readonly kind: "finished";
      readonly by: "max" | "silence" | "key" | "stopped" | "hangup";
      /** By which key, when `by` is `key`. */
      readonly key?: string;
      readonly durationMs: number;
      /** Whether anything was said. */
      readonly spoken: boolean;
      readonly file?: string;
      /** The recording itself when there is no file. */
      readonly samples?: Int16Array;
    }
  | {
      readonly kind: "failed";
      readonly error: YaytsError;
      readonly durationMs: number;
      readonly file?: string;
    };

const defaultMaxMs = 120_000;
/** What is left of the silence at the end. */
const keptSilenceMs = 200;
const beepMs = 250;
const beepHz = 1000;

/** Why a recording is to end. */
interface Reason {
  readonly by: "silence" | "key" | "stopped";
  readonly key?: string | undefined;
}

/**
 * Records what the party says after a beep, until it is silent, presses a key, hangs up, or the time is over. Resolves, never
 * rejects, to how it ended; what was recorded is saved, however that was. Throws `bad-argument`.
 */
export async function recordLoop(options: RecordLoopOptions): Promise<RecordLoopEnd> {
  const {
    audio,
    to,
    stereo,
    maxMs = defaultMaxMs,
    finishOn,
    beep = false,
    trimSilence = true,
    signal,
  } = options;
  const { silenceMs = Number.POSITIVE_INFINITY, initialSilenceMs = silenceMs } = options;
  for (const [name, value] of Object.entries({ maxMs, silenceMs, initialSilenceMs })) {
    if (!(value > 0)) throw new YaytsError("bad-argument", `${name} must be above 0, not ${value}`);
  }
  const asked = whenAsked(finishOn, signal);
  try {
    if (beep) await Promise.race([playBeep(audio, beep), asked.reason]);
    // Cut the beep off when a key came in it.
    if (asked.now && beep) audio.clear();
    const begun = await createRecording({ audio, to, stereo, maxMs });
    if (begun.kind === "failed") return { ...begun, durationMs: 0 };
    const { recording } = begun;
    const voice = listenFor(options, { silenceMs, initialSilenceMs });
    const samples = to === undefined ? collect(recording) : undefined;
    const reason = await Promise.race([asked.reason, voice.silent, recording.ended.then(() => undefined)]);
    voice.stop();
    const trimMs = trimSilence ? Math.max(0, voice.silenceMs - keptSilenceMs) : 0;
    const end = await recording.stop(reason ? trimMs : 0);
    return await outcome(end, reason, voice.spoken, samples, reason ? trimMs : 0);
  } finally {
    asked.forget();
  }
}

async function outcome(
  end: RecordingEnd,
  reason: Reason | undefined,
  spoken: boolean,
  collected: Promise<Int16Array> | undefined,
  trimMs: number,
): Promise<RecordLoopEnd> {
  const whole = await collected;
  if (end.kind === "failed") return end;
  const key = reason?.key === undefined ? {} : { key: reason.key };
  // A hang-up or the maximum that came at the same moment was first.
  const by = end.by === "stopped" ? (reason?.by ?? "stopped") : end.by;
  if (!whole) return { ...end, by, ...key, spoken };
  const durationMs = Math.max(0, end.durationMs - trimMs);
  const samples = whole.subarray(0, Math.round((whole.length * durationMs) / Math.max(1, end.durationMs)));
  return { ...end, by, ...key, spoken, durationMs, samples };
}

/** Follows who may end the recording from outside. */
function whenAsked(
  finishOn: RecordLoopOptions["finishOn"],
  signal: Signal | undefined,
): { readonly reason: Promise<Reason>; readonly now: Reason | undefined; forget(): void } {
  let now: Reason | undefined;
  let settle: (reason: Reason) => void = () => {};
  const reason = new Promise<Reason>((resolve) => {
    settle = resolve;
  });
  const end = (why: Reason): void => {
    now ??= why;
    settle(why);
  };
  const unlisten: (() => void)[] = [];
  if (signal) unlisten.push(onAbort(signal, () => end({ by: "stopped" })));
  if (finishOn && "aborted" in finishOn) {
    unlisten.push(
      onAbort(finishOn, (why) => end({ by: "key", key: typeof why === "string" ? why : undefined })),
    );
  } else
    finishOn?.then(
      (key) => end({ by: "key", key }),
      // Whoever waits for the key has given up: there will be none.
      () => {},
    );
  return {
    reason,
    get now() {
      return now;
    },
    forget() {
      for (const leave of unlisten) leave();
    },
  };
}

/** Tells when nothing was said for too long. */
function listenFor(
  { audio, voice }: RecordLoopOptions,
  { silenceMs, initialSilenceMs }: { silenceMs: number; initialSilenceMs: number },
): { readonly silent: Promise<Reason>; readonly spoken: boolean; readonly silenceMs: number; stop(): void } {
  const activity = createVoiceActivity(voice);
  let spoken = false;
  let heardMs = 0;
  /** End of the last speech. */
  let saidMs = 0;
  let settle: (reason: Reason) => void = () => {};
  const silent = new Promise<Reason>((resolve) => {
    settle = resolve;
  });
  const stop = audio.onFrame(({ samples }) => {
    const event = activity.push(samples, heardMs);
    heardMs += frameMs;
    if (event?.kind === "speech-started") spoken = true;
    if (event?.kind === "speech-ended") saidMs = event.atMs;
    else if (activity.speaking) saidMs = heardMs;
    if (heardMs - saidMs >= (spoken ? silenceMs : initialSilenceMs)) settle({ by: "silence" });
  });
  return {
    silent,
    stop,
    get spoken() {
      return spoken;
    },
    get silenceMs() {
      return heardMs - saidMs;
    },
  };
}

async function collect(recording: Recording): Promise<Int16Array> {
  const blocks: Int16Array[] = [];
  let length = 0;
  for await (const block of recording.blocks) {
    blocks.push(block);
    length += block.length;
  }
  const samples = new Int16Array(length);
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return samples;
}

async function playBeep(audio: RecordLoopOptions["audio"], beep: true | Int16Array): Promise<void> {
  void audio.write(beep === true ? beepSamples() : beep);
  await audio.mark("beep");
}

function beepSamples(): Int16Array {
  const length = beepMs * 8;
  const edge = 5 * 8;
  return Int16Array.from({ length }, (_, i) => {
    const strength = Math.min(1, i / edge, (length - i) / edge);
    return Math.round(8000 * strength * Math.sin((2 * Math.PI * beepHz * i) / 8000));
  });
}
