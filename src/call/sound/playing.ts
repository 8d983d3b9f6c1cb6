import { errorText, onAbort, YaytsError } from "../../base/index.ts";
import type { CallCore } from "../call-core.ts";
import type { HangUp, PlayEnd } from "../outcomes.ts";
import type { Playing, PlayOptions } from "./call-sound.ts";
import type { Playable } from "./playable.ts";
import type { SoundDesk } from "./sound-desk.ts";
import { type Step, stepsOf } from "./steps.ts";

/** Why playing is ended before its end; a pause is none. */
type Cause = Exclude<PlayEnd, { kind: "completed" | "failed" }>;

/** One operation of playing: steps one after another, with what may interrupt them. */
export class Player {
  readonly #core: CallCore;
  readonly #desk: SoundDesk;
  readonly #options: PlayOptions;
  readonly #forgets: (() => void)[] = [];
  readonly playing: Playing;
  #playedMs = 0;
  #stepBeganMs: number | undefined;
  #paused: PromiseWithResolvers<void> | undefined;
  #running = new AbortController();
  #cause: Cause | undefined;
  #isOver = false;

  constructor(core: CallCore, desk: SoundDesk, what: Playable, language: string, options: PlayOptions) {
    this.#core = core;
    this.#desk = desk;
    this.#options = options;
    const done = this.#safely(what, language).finally(() => {
      this.#isOver = true;
      for (const forget of this.#forgets) forget();
    });
    this.playing = Object.defineProperties(done, {
      stop: { value: () => this.stop("app") },
      pause: { value: () => this.#pause() },
      resume: { value: () => this.#resume() },
      paused: { get: () => this.#paused !== undefined },
      playedMs: { get: () => this.playedMs },
    }) as Playing;
  }

  get playedMs(): number {
    const begunMs = this.#stepBeganMs === undefined ? 0 : this.#core.clock.monotonicMs() - this.#stepBeganMs;
    return Math.round(this.#playedMs + begunMs);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param by `next` when something else takes the party's ear: it need not be made silent first */
  stop(by: "app" | "next"): Promise<PlayEnd> {
    this.#interrupt({ kind: "stopped", by, playedMs: 0 });
    return this.playing;
  }

  #pause(): void {
    if (this.#paused || this.#isOver) return;
    this.#paused = Promise.withResolvers();
    this.#running.abort();
  }

  #resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  #interrupt(cause: Cause): void {
    this.#cause ??= cause;
    this.#running.abort();
    this.#resume();
  }

  /** What goes wrong is told by the outcome: nobody may be awaiting it. */
  async #safely(what: Playable, language: string): Promise<PlayEnd> {
    try {
      return await this.#run(what, language);
    } catch (error) {
      if (error instanceof YaytsError && error.code === "call-over") throw error;
      const known = error instanceof YaytsError ? error : undefined;
      return await this.#failed(known ?? new YaytsError("no-media", errorText(error), { cause: error }));
    }
  }

  async #run(what: Playable, language: string): Promise<PlayEnd> {
    const over = await this.#core.begin();
    if (over) return over;
    if (!this.#core.here) return elsewhere(this.#core);
    this.#listen();
    const steps = await stepsOf(this.#core.kit, what, language);
    if ("kind" in steps) return this.#failed(steps.error);
    const end = this.#cause ?? (await this.#playAll(steps));
    if (this.#core.over) return this.#core.over;
    if (!end) return { kind: "completed", playedMs: this.playedMs };
    if (end.kind === "failed") return this.#failed(end.error);
    // What is played next takes the place of this by itself.
    if (end.kind !== "stopped" || end.by === "app") await this.#desk.beSilent();
    if (this.#core.over) return this.#core.over;
    return "playedMs" in end ? { ...end, playedMs: this.playedMs } : end;
  }

  /** @returns how it ended, if not by being played to its end */
  async #playAll(steps: readonly Step[]): Promise<PlayEnd | undefined> {
    await this.#desk.openEarMedia();
    const { loops = 1, volumeDb = 0 } = this.#options;
    const [only] = steps;
    // The engine repeats a single sound without a gap.
    const forever = loops === Number.POSITIVE_INFINITY && steps.length === 1 && only?.kind === "sound";
    for (let loop = 0; loop < loops && steps.length > 0; loop++) {
      for (const step of steps) {
        const end = await this.#playStep(step, { volumeDb, forever });
        if (end) return end;
      }
    }
    return undefined;
  }

  async #playStep(
    step: Step,
    how: { readonly volumeDb: number; readonly forever: boolean },
  ): Promise<PlayEnd | undefined> {
    for (let offsetMs = 0; ; ) {
      if (this.#paused) {
        await this.#desk.beSilent();
        await this.#paused?.promise;
      }
      if (this.#cause) return this.#cause;
      this.#running = new AbortController();
      this.#stepBeganMs = this.#core.clock.monotonicMs();
      const end = await this.#desk.play(step, { ...how, offsetMs, signal: this.#running.signal });
      this.#stepBeganMs = undefined;
      if (end.kind === "failed") return end;
      this.#playedMs += end.playedMs;
      if (end.kind === "completed") return undefined;
      if (this.#cause) return this.#cause;
      if (end.kind === "replaced") return { kind: "stopped", by: "next", playedMs: this.playedMs };
      // The app has taken the sound away (`clear` or `close` of the call's audio), or the call or the engine has.
      if (!this.#paused && !this.#running.signal.aborted)
        return (
          (await this.#core.check()) ?? this.#cause ?? { kind: "stopped", by: "app", playedMs: this.playedMs }
        );
      offsetMs += end.playedMs;
    }
  }

  #listen(): void {
    const { bargeIn = false, signal } = this.#options;
    const interrupts = (key: string): boolean =>
      typeof bargeIn === "string" ? bargeIn.includes(key) : bargeIn;
    const typed = this.#core.keys.unread.find(({ key }) => interrupts(key));
    if (typed) this.#interrupt({ kind: "key", key: typed.key, playedMs: 0 });
    this.#forgets.push(
      this.#core.keys.onKey(({ key }) => {
        if (interrupts(key)) this.#interrupt({ kind: "key", key, playedMs: 0 });
      }),
      onAbort(this.#core.signal, () => this.#interrupt(this.#core.over as HangUp)),
      this.#core.onLeave(() => this.#interrupt({ kind: "stopped", by: "next", playedMs: 0 })),
      signal ? onAbort(signal, () => this.#interrupt({ kind: "stopped", by: "app", playedMs: 0 })) : () => {},
    );
  }

  async #failed(error: YaytsError): Promise<PlayEnd> {
    const over = await this.#core.check();
    if (over) return over;
    this.#core.log.warn(error.message);
    return { kind: "failed", error };
  }
}

/** What an operation ends with that wants a party who is with somebody else. */
export function elsewhere(core: CallCore): { readonly kind: "failed"; readonly error: YaytsError } {
  const text = `${core.party} is connected to somebody else`;
  return { kind: "failed", error: new YaytsError("call-elsewhere", text) };
}
