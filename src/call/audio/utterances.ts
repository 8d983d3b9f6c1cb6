import { type BoundedQueue, createBoundedQueue, YaytsError } from "../../base/index.ts";
import { type AudioAttachment, type AudioFrame, frameMs } from "./audio.ts";
import { type Utterance, UtteranceCutter } from "./utterances-cutter.ts";
import type { VoiceActivityOptions } from "./voice-activity.ts";

/** How to cut what is said into utterances, and what counts as speech. */
export interface UtterancesOptions extends VoiceActivityOptions {
  /** Pauses up to so long are part of the utterance. Default 600. */
  readonly hangoverMs?: number | undefined;
  /** So much of what was before the speech is part of the utterance. Default 200. */
  readonly preRollMs?: number | undefined;
  /** Longest speech: what is longer comes in pieces. Default 15,000. */
  readonly maxMs?: number | undefined;
  /** Most utterances that wait for the program; over it the oldest are dropped. Default 8. */
  readonly maxQueued?: number | undefined;
}

/** What waiting for speech ended with. */
export type Listened =
  | { readonly kind: "utterance"; readonly utterance: Utterance }
  /** Nobody began to speak in time. */
  | { readonly kind: "silence" }
  /** The audio is over, or the loop was left. */
  | { readonly kind: "ended" };

/** A loop over what the party says; leaving it takes the listener away. It ends when the audio does. */
export interface Utterances extends AsyncIterableIterator<Utterance, undefined, undefined> {
  /** Whether the party is speaking now. */
  readonly speaking: boolean;
  /** Utterances waiting to be taken. */
  readonly queued: number;
  /** Utterances dropped because too many waited. */
  readonly dropped: number;
  /**
   * Calls `fn` as soon as the party speaks, some 100 ms after its first sound: the time for `audio.clear()` or `playing.stop()`.
   * Returns the way to stop it. What `fn` throws ends the loop, which throws it.
   */
  onSpeech(fn: (startMs: number) => void): () => void;
  /** The next utterance, unless nobody says anything for `silenceMs`; while the party speaks it is waited for. */
  listen(silenceMs: number): Promise<Listened>;
  return(): Promise<IteratorResult<Utterance, undefined>>;
  [Symbol.asyncIterator](): Utterances;
}

/** Where frames come from: an attachment, or something that gives frames as one does. */
export type UtteranceSource = Pick<AudioAttachment, "onFrame" | "ended">;

interface Waiting {
  /** Of silence that it still waits for. */
  leftMs: number;
  resolve(result: Listened): void;
  reject(error: unknown): void;
}

/**
 * What the party says from now on, utterance by utterance, cut by voice activity. What the program says meanwhile is not in it,
 * but for an echo of the party's.
 * @example
 * const opened = await call.audio();
 * if (opened.kind !== "open") return;
 * const { audio } = opened;
 * const speech = utterances(audio);
 * speech.onSpeech(() => audio.clear()); // who speaks is not talked over
 * for await (const { samples } of speech) console.log(await recognise(samples));
 */
export function utterances(audio: UtteranceSource, options: UtterancesOptions = {}): Utterances {
  const { preRollMs = 200, maxMs = 15_000, maxQueued = 8, hangoverMs = 600, ...voice } = options;
  const least = { preRollMs: [preRollMs, 0], maxMs: [maxMs, 100], maxQueued: [maxQueued, 1] } as const;
  for (const [name, [value, min]] of Object.entries(least))
    if (!(value >= min)) throw new YaytsError("bad-argument", `${name} must be ${min} or more, not ${value}`);
  const cutter = new UtteranceCutter({ preRollMs, maxMs, voice: { ...voice, hangoverMs } });
  const queue: BoundedQueue<Utterance> = createBoundedQueue(maxQueued);
  const listeners = new Set<(startMs: number) => void>();
  let waiting: Waiting[] = [];
  let dropped = 0;
  let over = false;
  let failure: { readonly error: unknown } | undefined;

  const give = (utterance: Utterance): void => {
    const first = waiting.shift();
    if (first) first.resolve({ kind: "utterance", utterance });
    if (first || queue.push(utterance)) return;
    queue.shift();
    queue.push(utterance);
    dropped++;
  };
  const end = (): void => {
    if (over) return;
    over = true;
    leave();
    listeners.clear();
    for (const { resolve, reject } of waiting)
      if (failure) reject(failure.error);
      else resolve({ kind: "ended" });
    waiting = [];
  };
  const countSilence = (): void => {
    for (const one of waiting) one.leftMs -= frameMs;
    const silent = waiting.filter(({ leftMs }) => leftMs <= 0);
    waiting = waiting.filter(({ leftMs }) => leftMs > 0);
    for (const { resolve } of silent) resolve({ kind: "silence" });
  };
  const hear = (frame: AudioFrame): void => {
    const { started, utterance } = cutter.push(frame);
    if (utterance) give(utterance);
    if (!cutter.speaking) countSilence();
    if (started === undefined) return;
    try {
      for (const fn of [...listeners]) fn(started);
    } catch (error) {
      failure = { error };
      end();
    }
  };
  const leave = audio.onFrame(hear);
  void audio.ended.then(() => {
    const last = over ? undefined : cutter.finish();
    if (last) give(last);
    end();
  });

  const listen = (silenceMs: number): Promise<Listened> => {
    const utterance = queue.shift();
    if (utterance) return Promise.resolve({ kind: "utterance", utterance });
    if (failure) return Promise.reject(failure.error);
    if (over) return Promise.resolve({ kind: "ended" });
    return new Promise((resolve, reject) => void waiting.push({ leftMs: silenceMs, resolve, reject }));
  };
  const speech: Utterances = {
    get speaking() {
      return !over && cutter.speaking;
    },
    get queued() {
      return queue.size;
    },
    get dropped() {
      return dropped;
    },
    onSpeech(fn) {
      if (!over) listeners.add(fn);
      return () => void listeners.delete(fn);
    },
    async listen(silenceMs) {
      if (!(silenceMs > 0))
        throw new YaytsError("bad-argument", `silenceMs must be above 0, not ${silenceMs}`);
      return await listen(silenceMs);
    },
    async next() {
      const heard = await listen(Number.POSITIVE_INFINITY);
      return heard.kind === "utterance"
        ? { done: false, value: heard.utterance }
        : { done: true, value: undefined };
    },
    return() {
      while (queue.shift());
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => speech,
  };
  return speech;
}
