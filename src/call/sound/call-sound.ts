import { onAbort, type Signal, YaytsError } from "../../base/index.ts";
import type { AudioAttachment, RecordLoopEnd } from "../audio/index.ts";
import { recordLoop } from "../audio/index.ts";
import type { CallCore } from "../call-core.ts";
import type { Failed, HangUp, PlayEnd } from "../outcomes.ts";
import { type Playable, text } from "./playable.ts";
import { elsewhere, Player } from "./playing.ts";
import { SoundDesk } from "./sound-desk.ts";

/** How to play. */
export interface PlayOptions {
  /** How often, default once. `Infinity`: until it is stopped. */
  readonly loops?: number | undefined;
  /** Louder or softer, in decibels; default 0. */
  readonly volumeDb?: number | undefined;
  /** Keys that end it: `true` any, or some of them as in `"0*#"`. Default none. The key can still be read. */
  readonly bargeIn?: boolean | string | undefined;
  /** Default: the call's. */
  readonly language?: string | undefined;
  /** Stops it when it fires. */
  readonly signal?: Signal | undefined;
}

/** Something that is being played: a promise of how it ends, which can be stopped. Never rejects but for bad arguments. */
export interface Playing extends Promise<PlayEnd> {
  /** Ends it now; resolves to how it ended, which may have been otherwise. */
  stop(): Promise<PlayEnd>;
  /** Is silent from now on; `resume` goes on where it was. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** How much was played until now. */
  readonly playedMs: number;
}

/** How to record a message. */
export interface RecordOptions {
  /** File to write, as `.wav`. Default: none; the outcome has the samples. */
  readonly to?: string | undefined;
  /** Left the party, right what it hears. Default false: the party alone. */
  readonly stereo?: boolean | undefined;
  /** Longest recording. Default 120,000. */
  readonly maxMs?: number | undefined;
  /** Ends it when nothing was said for so long. Default: never. */
  readonly silenceMs?: number | undefined;
  /** … and so long at the beginning. Default: `silenceMs`. */
  readonly initialSilenceMs?: number | undefined;
  /** Keys that end it, as in `"#"` (default); "" for none. */
  readonly finishOn?: string | undefined;
  /** A beep first. Default true. */
  readonly beep?: boolean | undefined;
  /** Cuts silence off the end. Default true. */
  readonly trimSilence?: boolean | undefined;
  /** Stops it when it fires. */
  readonly signal?: Signal | undefined;
}

/** How recording ended. After a hang-up in its middle (`by: "hangup"`) what was said until then is kept. */
export type RecordEnd =
  | (Omit<Extract<RecordLoopEnd, { readonly kind: "finished" }>, "kind"> & { readonly kind: "recorded" })
  | HangUp
  | Failed;

/** A recording under way: a promise of how it ends, which can be stopped. */
export interface RecordingHandle extends Promise<RecordEnd> {
  stop(): Promise<RecordEnd>;
}

/** The sound of a call in the program's own hands. */
export type AudioOpened = { readonly kind: "open"; readonly audio: AudioAttachment } | HangUp | Failed;

/** What the party hears and says. One thing is played at a time: the next one stops the one before. */
export interface CallSound {
  /** Language of prompts and speech; default the app's. */
  language: string;
  /**
   * Plays prompts, tones, texts to the party. Before the answer the caller is told first that there is sound (`progress`).
   */
  play(what: Playable, options?: PlayOptions): Playing;
  /** Speaks a text: `play` of `text(…)`. */
  say(words: string, options?: PlayOptions & { readonly voice?: string | undefined }): Playing;
  /** Records what the party says. */
  record(options?: RecordOptions): RecordingHandle;
  /**
   * The sound itself: frames of what the party says, and samples to say to it, with marks that tell what was heard and
   * `clear()` for whoever talks over it. `audio.close()` gives it back; the end of the call does too.
   */
  audio(): Promise<AudioOpened>;
}

export function callSound(core: CallCore): CallSound {
  const desk = new SoundDesk(core);
  let current: Player | undefined;
  let { language } = core.kit;
  const play = (what: Playable, options: PlayOptions = {}): Playing => {
    check(options);
    if (current && !current.isOver) void current.stop("next");
    current = new Player(core, desk, what, options.language ?? language, options);
    return current.playing;
  };
  return {
    get language() {
      return language;
    },
    set language(wanted) {
      language = wanted;
    },
    play,
    say: (words, { voice, ...options } = {}) =>
      play(text(words, voice === undefined ? {} : { voice }), options),
    record(options = {}) {
      const stopping = new AbortController();
      const done = record(core, desk, options, stopping);
      return Object.assign(done, {
        stop: () => {
          stopping.abort();
          return done;
        },
      });
    },
    async audio() {
      const over = await core.begin();
      if (over) return over;
      if (!core.here) return elsewhere(core);
      await desk.openEarMedia();
      const attached = await desk.attach();
      if (attached.kind === "failed") return (await core.check()) ?? attached;
      void attached.audio.ended.then(() => attached.release());
      return { kind: "open", audio: attached.audio };
    },
  };
}

async function record(
  core: CallCore,
  desk: SoundDesk,
  { finishOn = "#", beep = true, signal, ...options }: RecordOptions,
  stopping: AbortController,
): Promise<RecordEnd> {
  const over = await core.begin();
  if (over) return over;
  if (!core.here) return elsewhere(core);
  const attached = await desk.attach();
  if (attached.kind === "failed") return (await core.check()) ?? attached;
  using reader = core.keys.open();
  const forget = signal ? onAbort(signal, () => stopping.abort()) : () => {};
  const untilKey = async (): Promise<string | undefined> => {
    for (;;) {
      const typed = await reader.next();
      if (!typed) return await new Promise(() => {});
      if (finishOn.includes(typed.key)) return typed.key;
    }
  };
  try {
    const { audio } = attached;
    const end = await recordLoop({ ...options, audio, beep, finishOn: untilKey(), signal: stopping.signal });
    if (end.kind === "finished") {
      const hungUp = core.over !== undefined && end.by === "stopped" && !stopping.signal.aborted;
      return { ...end, kind: "recorded", by: hungUp ? "hangup" : end.by };
    }
    core.log.warn(end.error.message);
    return { kind: "failed", error: end.error };
  } finally {
    forget();
    attached.release();
  }
}

function check({ loops, volumeDb }: PlayOptions): void {
  if (loops !== undefined && !(loops >= 1))
    throw new YaytsError("bad-argument", `loops must be 1 or more, not ${loops}`);
  if (volumeDb !== undefined && !(Math.abs(volumeDb) <= 60))
    throw new YaytsError("bad-argument", `volumeDb must be between -60 and 60, not ${volumeDb}`);
}
