import { YaytsError } from "../../base/index.ts";
import { type AudioAttachment, attachAudio } from "../audio/index.ts";
import type { CallCore } from "../call-core.ts";
import { beSilent, cannotOpen, playFile, playTone } from "./engine-mouth.ts";
import { type StepEnd, type StepOptions, waitFor } from "./mouth.ts";
import { playBlocks, playMadeTone, playSamples } from "./rtp-mouth.ts";
import type { Step } from "./steps.ts";

type SoundStep = Extract<Step, { kind: "sound" }>;

/** The attachment in use, or why there is none. */
export type Attached =
  | { readonly kind: "attached"; readonly audio: AudioAttachment; release(): void }
  | { readonly kind: "failed"; readonly error: YaytsError };

/**
 * Who decides how the sound of one call travels: as files that the engine plays itself, or over the RTP attachment, which is
 * there while somebody needs it, and is shared by all who do.
 */
export class SoundDesk {
  readonly #core: CallCore;
  #attaching: Promise<Attached> | undefined;
  #users = 0;
  #toldEarly = false;
  #engineSounds = false;

  constructor(core: CallCore) {
    this.#core = core;
    core.defer(() => this.#detach());
  }

  /** Lets a caller hear sound before the answer. */
  async openEarMedia(): Promise<void> {
    const { start, state } = this.#core;
    if (this.#toldEarly || start.direction === "outgoing" || state === "answered") return;
    this.#toldEarly = true;
    await this.#core.masquerade(this.#core.leg, "call.progress", {
      targetid: this.#core.party,
      earlymedia: true,
    });
    this.#core.advance("progressing");
  }

  /** Plays one step to its end. */
  async play(step: Step, options: StepOptions): Promise<StepEnd> {
    switch (step.kind) {
      case "silence":
        return await waitFor(this.#core.clock, step.forMs - options.offsetMs, options.signal);
      case "tone": {
        const { name, forMs } = step;
        if (this.#overRtp) return await this.#withAudio((audio) => playMadeTone(audio, name, forMs, options));
        this.#engineSounds = true;
        return await playTone(this.#core, name, forMs, options);
      }
      case "samples":
        return await this.#withAudio((audio) => playSamples(audio, step.samples, options));
      case "stream":
        return await this.#withAudio((audio) => playBlocks(audio, step.blocks, options.signal));
      case "sound":
        return await this.#playSound(step, options);
    }
  }

  /** Takes off what the engine plays; what goes over the attachment ends with its step. */
  async beSilent(): Promise<void> {
    if (!this.#engineSounds || this.#overRtp) return;
    this.#engineSounds = false;
    await beSilent(this.#core);
  }

  /** The attachment, made for the first who needs it and closed when the last one has released it. */
  async attach(): Promise<Attached> {
    this.#users++;
    this.#attaching ??= this.#makeAttachment();
    const attached = await this.#attaching;
    if (attached.kind === "attached" && !attached.audio.over) return attached;
    this.#users--;
    this.#attaching = undefined;
    if (attached.kind === "failed") return attached;
    // The leg changed meanwhile: the party has been away.
    return await this.attach();
  }

  get #overRtp(): boolean {
    return this.#attaching !== undefined || this.#core.kit.disk === "apart";
  }

  async #playSound({ source, name }: SoundStep, options: StepOptions): Promise<StepEnd> {
    const { kit } = this.#core;
    const how = { volumeDb: options.volumeDb, signal: options.signal };
    if (!this.#overRtp) {
      const file = await kit.sounds.fileOf(source, { ...how, offsetMs: options.offsetMs });
      if (file.kind === "failed") return noSound(name, file);
      this.#engineSounds = true;
      const end = await playFile(this.#core, file, options);
      if (end !== cannotOpen) {
        kit.disk = "shared";
        return end;
      }
      if (kit.options.sound === "disk") return unreadableByEngine(file.path);
      if (kit.disk !== "shared")
        kit.log.info(`the engine cannot open ${file.path}: its prompts go over RTP from now on`);
      if (kit.disk === "unknown") kit.disk = "apart";
    }
    const made = await kit.sounds.samplesOf(source, how);
    if (made.kind === "failed") return noSound(name, made);
    return await this.#withAudio((audio) => playSamples(audio, made.samples, options));
  }

  async #withAudio(play: (audio: AudioAttachment) => Promise<StepEnd>): Promise<StepEnd> {
    const attached = await this.attach();
    if (attached.kind === "failed") return attached;
    try {
      return await play(attached.audio);
    } finally {
      attached.release();
    }
  }

  async #makeAttachment(): Promise<Attached> {
    const { yate, leg, kit, signal } = this.#core;
    const made = await attachAudio({
      yate,
      leg,
      host: kit.audioHost,
      delayMs: kit.options.audioDelayMs,
      playoutMs: kit.phone?.playoutMs,
      ...kit.phone?.wayOf?.(leg),
      clock: kit.clock,
      signal,
    });
    this.#engineSounds = false;
    if (made.kind === "failed") return made;
    const { audio } = made;
    const release = (): void => {
      this.#users--;
      // Where prompts go over RTP it is needed again in a moment.
      if (this.#users === 0 && kit.disk !== "apart") void this.#detach();
    };
    return { kind: "attached", audio, release };
  }

  async #detach(): Promise<void> {
    const attaching = this.#attaching;
    this.#attaching = undefined;
    const attached = await attaching;
    if (attached?.kind === "attached") await attached.audio.close();
  }
}

function noSound(
  name: string,
  failure: { readonly reason: string; readonly text: string; readonly cause?: unknown },
): StepEnd {
  if (failure.reason === "aborted") return { kind: "interrupted", playedMs: 0 };
  const error = new YaytsError("no-media", `${name} cannot be played: ${failure.text}`, {
    cause: failure.cause,
  });
  return { kind: "failed", error };
}

function unreadableByEngine(path: string): StepEnd {
  const text = `the engine cannot open ${path}: is it on another machine? Set sound to "auto" or "rtp"`;
  return { kind: "failed", error: new YaytsError("no-media", text) };
}
