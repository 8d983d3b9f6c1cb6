import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, errorText, type Logger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { type CallBook, finalName, isBeside, type MessageRecord, paramOf } from "../../trace/index.ts";
import type { Ear } from "../phone/ear.ts";
import type { KeptSound } from "../protocol.ts";
import { bytesPerMs } from "./arrivals.ts";
import { type ChannelSound, maxKeptBytes } from "./channel-sound.ts";
import { EarSound } from "./ear-sound.ts";
import { GrowthWatch } from "./growth-watch.ts";
import { RecordedSound, type RecordingHost } from "./recorded-sound.ts";

const rateHz = bytesPerMs * 1000;
/** Of one call at most: a conference of a hundred is not recorded a hundred times. */
const maxChannels = 8;
/** How long the sum of what is kept is taken for true. */
const sumForMs = 500;

/** What a keeper needs. */
export interface SoundKeeperOptions {
  readonly yate: Yate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly book: CallBook;
  /** Where its folder is made. Default: the system's for temporary files. */
  readonly folder?: string | undefined;
  readonly own: () => string;
  /** Gives an ear to a phone of this console, if the channel is one's. */
  readonly listen?: ((channel: string, ear: Ear) => (() => void) | undefined) | undefined;
  /** Whether a call has sound, or is kept, is otherwise than before. */
  readonly changed: (call: string) => void;
  /** What people should know: sound that was asked for cannot be kept. */
  readonly notice: (text: string) => void;
}

/**
 * Keeps the sound of calls, for those who asked for it. A phone of this console is heard itself. Other channels are recorded by the
 * engine, into files of a folder that only this user reads, and that is deleted with the console, a file with its call. Channels that
 * an app records are left to the app: a channel has one recorder.
 */
export class SoundKeeper {
  readonly #options: SoundKeeperOptions;
  readonly #book: CallBook;
  readonly #recording: RecordingHost;
  readonly #byCall = new Map<string, Map<string, ChannelSound>>();
  /** Channels that an app records. */
  readonly #taken = new Set<string>();
  readonly #asked = new Set<string>();
  #all = false;
  #folder: Promise<string> | undefined;
  #made = 0;
  #failed = false;
  #sumAtMs = -Infinity;
  #full = false;

  constructor(options: SoundKeeperOptions) {
    this.#options = options;
    const { yate, clock, log, book, own } = options;
    this.#book = book;
    this.#recording = {
      yate,
      clock,
      log,
      own,
      growth: new GrowthWatch(clock),
      lives: (channel) => book.livingChannels(book.callOf(channel) ?? "").includes(channel),
      mayGrow: () => this.#mayGrow(),
    };
  }

  /** Whether some was kept. */
  has(call: string): boolean {
    return (this.#byCall.get(call)?.size ?? 0) > 0;
  }

  /** Whether it is being kept now. */
  keeps(call: string): boolean {
    return this.#asked.has(call);
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
      await this.#end(entry.id);
      return;
    }
    this.#asked.add(entry.id);
    try {
      for (const [channel, sound] of this.#soundsOf(entry.id))
        if (!this.#taken.has(channel) || sound instanceof EarSound) await sound.resume();
      this.#listenAll(entry.id);
      await this.#recordAll(entry.id);
    } catch (error) {
      this.#asked.delete(entry.id);
      throw error;
    } finally {
      this.#options.changed(entry.id);
    }
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
        const ours = this.#byCall.get(this.#book.callOf(id) ?? "")?.get(id);
        if (ours instanceof RecordedSound) ours.left();
      } else this.#taken.delete(id);
    }
  }

  /** The call has changed: it may have a channel that is not kept yet. */
  look(call: string): void {
    if (!this.#asked.has(call)) return;
    const entry = this.#book.entry(call);
    if (!entry || entry.state === "ended") {
      void this.#end(call);
      return;
    }
    this.#listenAll(call);
    // Before that the channel may have no sound at all.
    if (this.#failed || (entry.channels.length < 2 && entry.state !== "answered")) return;
    this.#recordAll(call).catch((error: unknown) => {
      this.#failed = true;
      this.#options.notice(errorText(error));
    });
  }

  /** The call is not kept any more, or is part of another. */
  gone(call: string): void {
    const sounds = this.#byCall.get(call);
    this.#byCall.delete(call);
    const asked = this.#asked.delete(call);
    const heir = this.#book.entry(call)?.id;
    if (heir !== undefined && asked) this.#asked.add(heir);
    if (!sounds) return;
    if (heir !== undefined) {
      const all = this.#soundsOf(heir);
      for (const [channel, sound] of sounds) all.set(channel, sound);
      return;
    }
    for (const sound of sounds.values()) void sound.delete();
  }

  /** @throws YaytsError `bad-argument` when no sound of it was kept */
  async get(call: string, channel: string): Promise<KeptSound> {
    const kept = this.#byCall.get(this.#book.entry(call)?.id ?? call)?.get(channel);
    if (!kept)
      throw new YaytsError(
        "bad-argument",
        `no sound of ${channel} was kept: it must be asked for beforehand`,
      );
    const { said, heard } = await kept.read();
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer).toString("base64");
    return {
      startMs: kept.startMs,
      rateHz,
      said: base64(said.sound),
      heard: base64(heard.sound),
      errorMs: Math.round(Math.max(said.errorMs, heard.errorMs)),
    };
  }

  async close(): Promise<void> {
    this.#all = false;
    this.#asked.clear();
    const folder = await this.#folder;
    const kept = [...this.#byCall.values()].flatMap((one) => [...one.values()]);
    this.#byCall.clear();
    await Promise.all(kept.map((sound) => sound.stop()));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  #soundsOf(call: string): Map<string, ChannelSound> {
    const sounds = this.#byCall.get(call) ?? new Map<string, ChannelSound>();
    this.#byCall.set(call, sounds);
    return sounds;
  }

  async #end(call: string): Promise<void> {
    this.#asked.delete(call);
    const kept = [...(this.#byCall.get(call)?.values() ?? [])];
    await Promise.all(kept.map((sound) => sound.stop()));
    this.#options.changed(call);
  }

  /** Channels worth keeping of which nothing is kept yet, as long as there is room. */
  *#missing(call: string): Generator<string> {
    const sounds = this.#soundsOf(call);
    for (const channel of this.#book.livingChannels(call))
      if (!isBeside(channel) && !sounds.has(channel) && sounds.size < maxChannels) yield channel;
  }

  #listenAll(call: string): void {
    const { clock, listen } = this.#options;
    if (!listen) return;
    const host = { clock, listen, mayGrow: () => this.#mayGrow() };
    for (const channel of this.#missing(call)) {
      const sound = new EarSound(channel, host);
      if (!sound.listen()) continue;
      this.#soundsOf(call).set(channel, sound);
      this.#options.changed(call);
    }
  }

  async #recordAll(call: string): Promise<void> {
    for (const channel of this.#missing(call)) {
      if (this.#taken.has(channel)) continue;
      this.#folder ??= mkdtemp(join(this.#options.folder ?? tmpdir(), "yayts-console-"));
      const folder = await this.#folder;
      const sounds = this.#soundsOf(call);
      if (sounds.has(channel)) continue;
      const sound = new RecordedSound(this.#recording, channel, join(folder, `${++this.#made}`));
      sounds.set(channel, sound);
      try {
        if (await sound.start()) this.#options.changed(call);
        else sounds.delete(channel);
      } catch (error) {
        sounds.delete(channel);
        // What the console's own phone says and hears is the whole call, mostly.
        if (sounds.size === 0) throw error;
        this.#failed = true;
        this.#options.log.info(`the sound of ${channel} is not kept: ${errorText(error)}`);
        return;
      }
    }
  }

  /** Makes room, if that must be, by what was kept of the oldest call that is over. */
  #mayGrow(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < this.#sumAtMs + sumForMs) return !this.#full;
    this.#sumAtMs = nowMs;
    const sum = (): number => {
      let bytes = 0;
      for (const sounds of this.#byCall.values()) for (const sound of sounds.values()) bytes += sound.bytes;
      return bytes;
    };
    for (const [call, sounds] of this.#byCall) {
      if (sum() <= maxKeptBytes) break;
      if (this.#book.entry(call)?.state !== "ended") continue;
      this.#byCall.delete(call);
      for (const sound of sounds.values()) void sound.delete();
      this.#options.changed(call);
    }
    const full = sum() > maxKeptBytes;
    if (full && !this.#full) this.#options.notice("no more sound is kept: there are 200 MiB of it already");
    this.#full = full;
    return !full;
  }
}
