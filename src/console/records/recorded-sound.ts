import { readFile, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, errorText, type Logger, YaytsError } from "../../base/index.ts";
import type { Yate } from "../../bus/index.ts";
import { Arrivals, type PlacedSound } from "./arrivals.ts";
import { type ChannelSound, maxKeptMs } from "./channel-sound.ts";
import type { GrowthWatch } from "./growth-watch.ts";
import { ownParam } from "./own-messages.ts";

const answerMs = 5000;

/** What recordings need. */
export interface RecordingHost {
  readonly yate: Yate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly growth: GrowthWatch;
  readonly own: () => string;
  /** Whether the engine has that channel still, as far as it is known. */
  readonly lives: (channel: string) => boolean;
  /** Whether there is room for more. */
  readonly mayGrow: () => boolean;
}

/**
 * Sound of any channel, which the engine records into files on a disk that this console reads. A recorder writes nothing while nothing
 * plays (spec/media.md §4) and each block as it comes, a YATE by itself and the embedded engine when asked by `flush`: when a file
 * grew tells where its pauses are.
 */
export class RecordedSound implements ChannelSound {
  readonly channel: string;
  readonly startMs: number;
  readonly #host: RecordingHost;
  readonly #fromMs: number;
  readonly #said: Side;
  readonly #heard: Side;
  #running = false;

  /** @param file where its files may be, without their endings */
  constructor(host: RecordingHost, channel: string, file: string) {
    this.#host = host;
    this.channel = channel;
    this.startMs = host.clock.now();
    this.#fromMs = host.clock.monotonicMs();
    const side = (ending: string): Side => ({
      file: `${file}-${ending}.alaw`,
      arrivals: new Arrivals(),
      unwatch: () => {},
    });
    this.#said = side("said");
    this.#heard = side("heard");
  }

  get bytes(): number {
    return this.#said.arrivals.count + this.#heard.arrivals.count;
  }

  /**
   * Resolves to false when the channel cannot be recorded, as one that is gone already.
   * @throws YaytsError `file-failed` when the engine does not share this disk
   */
  async start(): Promise<boolean> {
    this.#running = true;
    for (const side of [this.#said, this.#heard]) this.#watch(side);
    try {
      const { handled } = await this.#record(
        `wave/record/${this.#said.file}`,
        `wave/record/${this.#heard.file}`,
      );
      if (!handled) {
        this.left();
        return false;
      }
      for (const waitMs of [0, 50, 200, 500]) {
        if (waitMs > 0) await delay(waitMs);
        if (await exists(this.#said.file)) return true;
      }
      await this.#record("-", "-");
    } catch (error) {
      this.left();
      throw error;
    }
    this.left();
    throw new YaytsError(
      "file-failed",
      "the engine does not write to a disk that this console reads: sound can be kept only where both run on one machine, as one user",
    );
  }

  async read(): Promise<{ readonly said: PlacedSound; readonly heard: PlacedSound }> {
    const [said, heard] = await Promise.all([this.#place(this.#said), this.#place(this.#heard)]);
    return { said, heard };
  }

  async resume(): Promise<void> {
    if (!this.#running && this.#host.lives(this.channel)) await this.start();
  }

  /** Somebody else records the channel now: a channel has one recorder. */
  left(): void {
    this.#running = false;
    this.#said.unwatch();
    this.#heard.unwatch();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    const { yate, log, lives } = this.#host;
    const { kind } = yate.state;
    this.#running = false;
    if ((kind === "connected" || kind === "closing") && lives(this.channel))
      await this.#record("-", "-").catch((error: unknown) =>
        log.debug("a recording was not ended", { error: errorText(error) }),
      );
    this.left();
  }

  async delete(): Promise<void> {
    await this.stop();
    for (const { file } of [this.#said, this.#heard]) await rm(file, { force: true });
  }

  #watch(side: Side): void {
    const { growth, clock, mayGrow } = this.#host;
    side.unwatch = growth.watch(side.file, (bytes, atMs, sinceMs) => {
      side.arrivals.note(bytes, atMs, sinceMs);
      if (this.#running && (clock.monotonicMs() - this.#fromMs > maxKeptMs || !mayGrow())) void this.stop();
    });
  }

  async #place({ file, arrivals }: Side): Promise<PlacedSound> {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    return arrivals.place(bytes, this.#fromMs, maxKeptMs);
  }

  #record(call: string, peer: string): Promise<{ readonly handled: boolean }> {
    const { yate, own } = this.#host;
    const message = { id: this.channel, message: "chan.record", call, peer, flush: true, append: true };
    return yate.msg("chan.masquerade", { ...message, [ownParam]: own() }).dispatch({ timeoutMs: answerMs });
  }
}

interface Side {
  readonly file: string;
  readonly arrivals: Arrivals;
  unwatch: () => void;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
