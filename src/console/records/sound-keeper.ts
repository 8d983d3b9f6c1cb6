import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, errorText, type Logger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { type CallBook, finalName, isBeside, type MessageRecord, paramOf } from "../../trace/index.ts";
import type { KeptSound } from "../protocol.ts";
import { ownParam } from "./own-messages.ts";

const rateHz = 8000;
/** Of one call at most: a conference of a hundred is not recorded a hundred times. */
const maxChannels = 8;
/** Read of one file at most: two hours. */
const maxBytes = 2 * 3600 * rateHz;
const answerMs = 5000;

interface Recording {
  readonly channel: string;
  readonly startMs: number;
  readonly said: string;
  readonly heard: string;
  running: boolean;
}

/**
 * Keeps the sound of calls, for those who asked for it: the engine records each channel into files of a folder that only this user
 * reads, and that is deleted with the console, a file with its call. Channels that an app records are left to the app: a channel has
 * one recorder.
 */
export class SoundKeeper {
  readonly #yate: Yate;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #book: CallBook;
  readonly #own: () => string;
  readonly #notice: (text: string) => void;
  readonly #byCall = new Map<string, Map<string, Recording>>();
  /** Channels that an app records. */
  readonly #taken = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #parent: string;
  #all = false;
  #folder: Promise<string> | undefined;
  #made = 0;
  #failed = false;

  constructor(options: {
    readonly yate: Yate;
    readonly clock: Clock;
    readonly log: Logger;
    readonly book: CallBook;
    /** Where its folder is made. Default: the system's for temporary files. */
    readonly folder?: string | undefined;
    readonly own: () => string;
    /** What people should know: sound that was asked for cannot be kept. */
    readonly notice: (text: string) => void;
  }) {
    this.#yate = options.yate;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#book = options.book;
    this.#parent = options.folder ?? tmpdir();
    this.#own = options.own;
    this.#notice = options.notice;
  }

  has(call: string): boolean {
    return (this.#byCall.get(call)?.size ?? 0) > 0;
  }

  channels(call: string): readonly string[] {
    return [...(this.#byCall.get(call)?.keys() ?? [])];
  }

  /** @throws YaytsError `file-failed` when the engine does not share this disk, `bad-argument` for a call that is over */
  async keep(call: string | undefined, on: boolean): Promise<void> {
    this.#failed = false;
    if (call === undefined) {
      this.#all = on;
      // Of new calls, as it is asked for; those that are on are asked for by themselves.
      return;
    }
    const entry = this.#book.entry(call);
    if (!entry || entry.state === "ended")
      throw new YaytsError("bad-argument", "the call is over: its sound cannot be kept any more");
    if (!on) {
      this.#asked.delete(entry.id);
      for (const recording of this.#byCall.get(entry.id)?.values() ?? []) await this.#stop(recording);
      return;
    }
    this.#asked.add(entry.id);
    await this.#recordAll(entry.id);
  }

  /** A message was dispatched: who is recorded by others now? */
  note(message: MessageRecord): void {
    const id = paramOf(message, "id");
    if (id === undefined) return;
    const name = finalName(message);
    if (name === "chan.startup" && this.#all) {
      const call = this.#book.callOf(id);
      if (call !== undefined) this.#asked.add(call);
    } else if (name === "chan.hangup") this.#taken.delete(id);
    else if (name === "chan.record" && message.handled) {
      const targets = [paramOf(message, "call"), paramOf(message, "peer")];
      if (targets.some((target) => target !== undefined && target !== "-")) {
        this.#taken.add(id);
        const ours = this.#recordingOf(id);
        if (ours) ours.running = false;
      } else this.#taken.delete(id);
    }
  }

  /** The call has changed: it may have a channel that is not recorded yet. */
  look(call: string): void {
    if (!this.#asked.has(call) || this.#failed) return;
    const entry = this.#book.entry(call);
    if (!entry || entry.state === "ended") {
      this.#asked.delete(call);
      return;
    }
    // Before that the channel may have no sound at all.
    if (entry.channels.length < 2 && entry.state !== "answered") return;
    this.#recordAll(call).catch((error: unknown) => {
      this.#failed = true;
      this.#notice(errorText(error));
    });
  }

  /** The call is not kept any more, or is part of another. */
  gone(call: string): void {
    const recordings = this.#byCall.get(call);
    this.#byCall.delete(call);
    const asked = this.#asked.delete(call);
    const heir = this.#book.entry(call)?.id;
    if (heir !== undefined && asked) this.#asked.add(heir);
    if (!recordings) return;
    if (heir !== undefined) {
      const all = this.#byCall.get(heir) ?? new Map<string, Recording>();
      for (const [channel, recording] of recordings) all.set(channel, recording);
      this.#byCall.set(heir, all);
      return;
    }
    for (const recording of recordings.values()) void this.#delete(recording);
  }

  /** @throws YaytsError `bad-argument` when no sound of it was kept */
  async get(call: string, channel: string): Promise<KeptSound> {
    const recording = this.#byCall.get(this.#book.entry(call)?.id ?? call)?.get(channel);
    if (!recording)
      throw new YaytsError(
        "bad-argument",
        `no sound of ${channel} was kept: it must be asked for beforehand`,
      );
    const [said, heard] = await Promise.all([read(recording.said), read(recording.heard)]);
    return { startMs: recording.startMs, rateHz, said, heard };
  }

  async close(): Promise<void> {
    this.#all = false;
    this.#asked.clear();
    const folder = await this.#folder;
    const running = [...this.#byCall.values()].flatMap((one) => [...one.values()]);
    this.#byCall.clear();
    await Promise.all(running.map((recording) => this.#stop(recording)));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  #recordingOf(channel: string): Recording | undefined {
    const call = this.#book.callOf(channel);
    return call === undefined ? undefined : this.#byCall.get(call)?.get(channel);
  }

  async #recordAll(call: string): Promise<void> {
    const recordings = this.#byCall.get(call) ?? new Map<string, Recording>();
    this.#byCall.set(call, recordings);
    for (const channel of this.#book.livingChannels(call)) {
      if (isBeside(channel) || recordings.has(channel) || this.#taken.has(channel)) continue;
      if (recordings.size >= maxChannels) return;
      this.#folder ??= mkdtemp(join(this.#parent, "yayts-console-"));
      const folder = await this.#folder;
      if (recordings.has(channel)) continue;
      const number = ++this.#made;
      const recording: Recording = {
        channel,
        startMs: this.#clock.now(),
        said: join(folder, `${number}-said.alaw`),
        heard: join(folder, `${number}-heard.alaw`),
        running: true,
      };
      recordings.set(channel, recording);
      try {
        if (!(await this.#start(recording))) recordings.delete(channel);
      } catch (error) {
        recordings.delete(channel);
        throw error;
      }
    }
  }

  /** Resolves to false when the channel cannot be recorded, as one that is gone already. */
  async #start({ channel, said, heard }: Recording): Promise<boolean> {
    const { handled } = await this.#record(channel, `wave/record/${said}`, `wave/record/${heard}`);
    if (!handled) return false;
    for (const waitMs of [0, 50, 200, 500]) {
      if (waitMs > 0) await delay(waitMs);
      if (await exists(said)) return true;
    }
    await this.#record(channel, "-", "-").catch(() => undefined);
    throw new YaytsError(
      "file-failed",
      "the engine does not write to a disk that this console reads: sound can be kept only where both run on one machine, as one user",
    );
  }

  async #stop(recording: Recording): Promise<void> {
    if (!recording.running) return;
    recording.running = false;
    const { kind } = this.#yate.state;
    if (kind !== "connected" && kind !== "closing") return;
    if (!this.#book.livingChannels(this.#book.callOf(recording.channel) ?? "").includes(recording.channel))
      return;
    await this.#record(recording.channel, "-", "-").catch((error: unknown) =>
      this.#log.debug("a recording was not ended", { error: errorText(error) }),
    );
  }

  async #record(id: string, call: string, peer: string): Promise<{ readonly handled: boolean }> {
    return this.#yate
      .msg("chan.masquerade", { id, message: "chan.record", call, peer, [ownParam]: this.#own() })
      .dispatch({ timeoutMs: answerMs });
  }

  async #delete(recording: Recording): Promise<void> {
    await this.#stop(recording);
    for (const file of [recording.said, recording.heard]) await rm(file, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** In base64; "" for a direction of which nothing came. */
async function read(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  return bytes.subarray(0, maxBytes).toString("base64");
}
