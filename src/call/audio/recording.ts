import { onAbort, type Signal, YaytsError } from "../../base/index.ts";
import { type AudioAttachment, type AudioFrame, frameMs } from "./audio.ts";
import { BlockQueue } from "./block-queue.ts";
import { openSoundFile, type SoundFileWriter } from "./sound-file-writer.ts";

/** What to record, and where to. */
export interface RecordingOptions {
  readonly audio: AudioAttachment;
  /**
   * File to write; its folder is made if it is missing. The ending tells the format: `.wav` and `.au` linear, `.alaw`, `.mulaw`, `.gsm`, `.slin` without
   * header (what a real YATE can play). Default: no file, but {@link Recording.blocks}.
   */
  readonly to?: string | undefined;
  /** Left the party, right what we send; `.wav`, `.au` or no file. Default false: the party alone. */
  readonly stereo?: boolean | undefined;
  /** Ends it by itself. Default: no limit. */
  readonly maxMs?: number | undefined;
  /** Ends it. */
  readonly signal?: Signal | undefined;
}

/** How a recording ended. What is in the file is complete and playable, however it ended. */
export type RecordingEnd =
  | {
      readonly kind: "finished";
      /** `stopped` by `stop()`, the signal or the closing of the attachment; `hangup` also by the loss of the engine. */
      readonly by: "stopped" | "max" | "hangup";
      readonly durationMs: number;
      readonly file?: string;
    }
  | {
      readonly kind: "failed";
      readonly error: YaytsError;
      /** What was saved before. */
      readonly durationMs: number;
      readonly file?: string;
    };

/** A recording under way. */
export interface Recording {
  /** Sound taken so far. */
  readonly durationMs: number;
  /** Resolves when it is over and the file is closed. Never rejects. */
  readonly ended: Promise<RecordingEnd>;
  /**
   * What is recorded, in blocks of 160 samples (stereo: 320, left first), when there is no file; they end with the recording. Blocks
   * that nobody takes for 60 s are a failure (`overflow`).
   */
  readonly blocks: AsyncIterable<Int16Array>;
  /** Ends it. @param trimMs how much of the end to cut off; only of a file. Default 0 */
  stop(trimMs?: number): Promise<RecordingEnd>;
}

/** What became of beginning a recording. */
export type RecordingOutcome =
  | { readonly kind: "recording"; readonly recording: Recording }
  | { readonly kind: "failed"; readonly error: YaytsError };

/** Blocks that wait for who takes them: 60 s. */
const maxQueuedBlocks = 3000;

/**
 * Records the sound of an attachment from now on. Resolves to a failure when the file cannot be opened; one that comes
 * later (a full disk) ends the recording. A leg that is gone gives a recording that has ended, and no file.
 */
export async function createRecording(options: RecordingOptions): Promise<RecordingOutcome> {
  const { audio, to, stereo = false, maxMs = Number.POSITIVE_INFINITY, signal } = options;
  if (!(maxMs > 0)) throw new YaytsError("bad-argument", `maxMs must be above 0, not ${maxMs}`);
  let fail: (error: YaytsError) => void = () => {};
  const file =
    to === undefined || audio.over ? undefined : await openSoundFile(to, stereo, (error) => fail(error));
  if (file instanceof YaytsError) return { kind: "failed", error: file };
  const recorder = new Recorder(audio, file, stereo, maxMs);
  fail = (error) => recorder.fail(error);
  const unlisten = signal ? onAbort(signal, () => void recorder.stop()) : () => {};
  void recorder.ended.then(unlisten);
  return { kind: "recording", recording: recorder };
}

class Recorder implements Recording {
  readonly ended: Promise<RecordingEnd>;
  readonly #file: SoundFileWriter | undefined;
  readonly #stereo: boolean;
  readonly #maxMs: number;
  readonly #blocks: BlockQueue = new BlockQueue(maxQueuedBlocks);
  readonly #leave: (() => void)[] = [];
  #settle: (end: RecordingEnd) => void = () => {};
  /** Heard frames that wait for what was sent at the same time. */
  #heard: AudioFrame[] = [];
  #durationMs = 0;
  #over = false;

  constructor(audio: AudioAttachment, file: SoundFileWriter | undefined, stereo: boolean, maxMs: number) {
    this.#file = file;
    this.#stereo = stereo;
    this.#maxMs = maxMs;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#leave.push(audio.onFrame((frame) => this.#hear(frame)));
    if (stereo) this.#leave.push(audio.onSent((samples, atMs) => this.#send(samples, atMs)));
    void audio.ended.then(({ kind }) => {
      const left = kind === "hangup" || kind === "disconnected";
      this.#finish(left ? "hangup" : "stopped", 0);
    });
  }

  get durationMs(): number {
    return this.#durationMs;
  }

  get blocks(): AsyncIterable<Int16Array> {
    return this.#blocks;
  }

  stop(trimMs = 0): Promise<RecordingEnd> {
    this.#finish("stopped", trimMs);
    return this.ended;
  }

  fail(error: YaytsError): void {
    if (!this.#over) this.#finish(error, 0);
  }

  #hear(frame: AudioFrame): void {
    if (this.#stereo) this.#heard.push(frame);
    else this.#take(frame.samples);
  }

  #send(sent: Int16Array | undefined, atMs: number): void {
    for (;;) {
      const frame = this.#heard[0];
      if (!frame || frame.atMs > atMs) return;
      this.#heard.shift();
      // Beats that were left out have frames, but nothing was sent in them.
      this.#take(interleaved(frame.samples, frame.atMs === atMs ? sent : undefined));
    }
  }

  #take(block: Int16Array): void {
    if (this.#over) return;
    this.#durationMs += frameMs;
    if (this.#file) this.#file.write(block);
    else if (!this.#blocks.push(block)) {
      this.fail(new YaytsError("overflow", "nobody takes the blocks of a recording"));
      return;
    }
    if (this.#durationMs + frameMs > this.#maxMs) this.#finish("max", 0);
  }

  #finish(how: "stopped" | "max" | "hangup" | YaytsError, trimMs: number): void {
    if (this.#over) return;
    for (const { samples } of this.#heard.splice(0)) this.#take(interleaved(samples, undefined));
    // Those may have been the last ones that fit.
    if (this.#over) return;
    this.#over = true;
    for (const leave of this.#leave) leave();
    this.#blocks.end();
    void this.#close(how, trimMs);
  }

  async #close(how: "stopped" | "max" | "hangup" | YaytsError, trimMs: number): Promise<void> {
    const saved = await this.#file?.finish(trimMs);
    const durationMs = saved?.savedMs ?? this.#durationMs;
    const where = { durationMs, ...(this.#file ? { file: this.#file.path } : {}) };
    const error = saved?.error ?? (how instanceof YaytsError ? how : undefined);
    if (error) this.#settle({ kind: "failed", error, ...where });
    else if (!(how instanceof YaytsError)) this.#settle({ kind: "finished", by: how, ...where });
  }
}

function interleaved(left: Int16Array, right: Int16Array | undefined): Int16Array {
  const both = new Int16Array(2 * left.length);
  for (let i = 0; i < left.length; i++) {
    both[2 * i] = left[i] ?? 0;
    both[2 * i + 1] = right?.[i] ?? 0;
  }
  return both;
}
