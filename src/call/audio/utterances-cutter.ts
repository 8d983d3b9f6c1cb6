import { type AudioFrame, frameMs, frameSamples } from "./audio.ts";
import { createVoiceActivity, type VoiceActivity, type VoiceActivityOptions } from "./voice-activity.ts";

/** What the party said between two silences. Times are those of the frames: the clock's `monotonicMs`. */
export interface Utterance {
  /** 8 kHz: the speech, with up to `preRollMs` of what was before it and 200 ms of what came after. No sample comes twice. */
  readonly samples: Int16Array;
  /** When the speech began. */
  readonly startMs: number;
  /** When it ended, or was cut. */
  readonly endMs: number;
  /** What ended it: a pause, the longest length (the next one goes on where this was cut), or the end of the audio. */
  readonly by: "silence" | "max" | "end";
}

/** How to cut. */
export interface CutterOptions {
  readonly preRollMs: number;
  readonly maxMs: number;
  readonly voice: VoiceActivityOptions;
}

/** So much of the silence after the speech belongs to it: soft endings are fainter than what counts as speech. */
const postRollMs = 200;
/** Speech is told after `minSpeechMs`; with the gaps that it may have in its beginning, that is so many times as long ago. */
const longestBeginning = 4;

/** Cuts frames into utterances. Without a clock: the same frames give the same utterances. */
export class UtteranceCutter {
  readonly #options: CutterOptions;
  readonly #activity: VoiceActivity;
  readonly #keptMs: number;
  /** Of the utterance; while nobody speaks, of what may become its beginning. */
  #frames: AudioFrame[] = [];
  #startMs = 0;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#activity = createVoiceActivity(options.voice);
    this.#keptMs = options.preRollMs + longestBeginning * (options.voice.minSpeechMs ?? 80);
  }

  get speaking(): boolean {
    return this.#activity.speaking;
  }

  /** Takes the next frame. `started`: speech has begun, at this time. */
  push(frame: AudioFrame): { readonly started?: number; readonly utterance?: Utterance } {
    const event = this.#activity.push(frame.samples, frame.atMs);
    const endMs = frame.atMs + frameMs;
    this.#frames.push(frame);
    if (event?.kind === "speech-ended") {
      const utterance = this.#take(event.atMs, event.atMs + postRollMs, "silence");
      // Since the last cut there was nothing but the silence that ended it.
      return event.atMs > this.#startMs ? { utterance } : {};
    }
    if (event) {
      this.#startMs = event.atMs;
      this.#drop(event.atMs - this.#options.preRollMs);
      return { started: event.atMs };
    }
    if (!this.#activity.speaking) this.#drop(endMs - this.#keptMs);
    else if (endMs - this.#startMs >= this.#options.maxMs) {
      const utterance = this.#take(endMs, endMs, "max");
      this.#startMs = endMs;
      return { utterance };
    }
    return {};
  }

  /** What is being said when no more frames come. */
  finish(): Utterance | undefined {
    const last = this.#frames.at(-1);
    if (!this.#activity.speaking || !last) return undefined;
    const endMs = last.atMs + frameMs;
    return this.#take(endMs, endMs, "end");
  }

  #drop(beforeMs: number): void {
    const from = this.#frames.findIndex(({ atMs }) => atMs >= beforeMs);
    if (from !== 0) this.#frames.splice(0, from < 0 ? this.#frames.length : from);
  }

  #take(endMs: number, untilMs: number, by: Utterance["by"]): Utterance {
    const taken = this.#frames.filter(({ atMs }) => atMs < untilMs);
    this.#frames = this.#frames.slice(taken.length);
    const samples = new Int16Array(taken.length * frameSamples);
    for (const [i, frame] of taken.entries()) samples.set(frame.samples, i * frameSamples);
    return { samples, startMs: this.#startMs, endMs, by };
  }
}
