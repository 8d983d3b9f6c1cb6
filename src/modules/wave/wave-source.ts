import { errorText } from "../../base/index.ts";
import { DataSource, type Engine } from "../../engine/index.ts";
import { bytesForMs, parseFormat, soundFileKind } from "../../media/index.ts";
import { soundCandidates } from "./sound-path.ts";
import type { SoundReader } from "./sound-reader.ts";
import type { SoundStore } from "./sound-store.ts";

/** Why a source plays no more: the file is over; it was taken away or its channel is gone; it could not be played at all. */
export type WaveEnd = "eof" | "replaced" | "missing";

/** What all wave sources of an engine share. */
export interface WavePlaying {
  readonly engine: Engine;
  readonly store: SoundStore;
  readonly folders: readonly string[];
  /** Fill the last A-law or mu-law block up with its last byte. */
  readonly padding: boolean;
  readonly sources: Set<WaveSource>;
}

export interface WaveSourceOptions {
  /** As in `wave/play/<file>`; `-` is endless silence. */
  readonly file: string;
  readonly repeat: boolean;
  /** Called once. */
  readonly ended: (how: WaveEnd) => void;
}

const blockMs = 20;

/**
 * Plays a sound file, 20 ms a tick, from the moment that somebody listens; once begun it goes on to its end whether anybody
 * listens or not. The end is told with the last block, one block before it has been heard (spec/media.md §4).
 */
export class WaveSource extends DataSource {
  /** Whether the file can be played; known when it has been opened. */
  readonly opened: Promise<boolean>;
  readonly #playing: WavePlaying;
  readonly #options: WaveSourceOptions;
  #reader: SoundReader | undefined;
  #blockBytes = 0;
  /** Byte to fill the last block with is the last one of the block itself. */
  #pads = false;
  #unsubscribe: (() => void) | undefined;
  #ended = false;
  #lateTicks = 0;

  constructor(playing: WavePlaying, options: WaveSourceOptions) {
    super(formatByName(options.file));
    this.#playing = playing;
    this.#options = options;
    playing.sources.add(this);
    if (options.file === "-") {
      this.#blockBytes = 320;
      this.#reader = endlessSilence;
      this.opened = Promise.resolve(true);
    } else {
      this.opened = this.#open();
      playing.engine.clock.hold?.(this.opened);
    }
  }

  protected override listened(): void {
    this.#start();
  }

  protected override destroyed(): void {
    this.#end("replaced");
  }

  async #open(): Promise<boolean> {
    const { store, folders, engine, padding } = this.#playing;
    const { file, repeat } = this.#options;
    const opened = await store.open(soundCandidates(file, folders), repeat);
    if (opened.kind === "failed") {
      if (this.#ended) return false;
      engine.log.warn(`cannot play wave/play/${file}: ${opened.reason}`, { file });
      this.#end("missing");
      return false;
    }
    if (this.#ended) {
      opened.reader.close();
      return false;
    }
    this.#holdTime(opened.reader);
    this.#reader = opened.reader;
    const format = parseFormat(opened.format);
    if (format) {
      this.#blockBytes = bytesForMs(format, blockMs);
      this.#pads = padding && (format.codec === "alaw" || format.codec === "mulaw");
    }
    if (this.format === undefined) this.settleFormat(opened.format);
    if (this.listeners > 0) this.#start();
    return true;
  }

  #start(): void {
    if (!this.#reader || this.#unsubscribe || this.#ended) return;
    this.#unsubscribe = this.#playing.engine.ticker.subscribe(() => this.#tick());
  }

  #tick(): void {
    const reader = this.#reader;
    if (!reader) return;
    const block = reader.take(this.#blockBytes);
    this.#holdTime(reader);
    if (block === "late") {
      if (this.#lateTicks++ === 0) {
        this.#playing.engine.log.warn(`wave/play/${this.#options.file} falters: its disk is too slow`);
      }
      return;
    }
    this.forward(this.#pads && block.length < this.#blockBytes ? padded(block, this.#blockBytes) : block);
    if (!reader.ended) return;
    if (reader.error !== undefined) {
      this.#playing.engine.log.error(
        `wave/play/${this.#options.file} broke off: ${errorText(reader.error)}`,
        { file: this.#options.file },
      );
    }
    this.#end("eof");
  }

  #holdTime({ reading }: SoundReader): void {
    if (reading !== undefined) this.#playing.engine.clock.hold?.(reading);
  }

  #end(how: WaveEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#playing.sources.delete(this);
    this.#unsubscribe?.();
    this.#reader?.close();
    this.#reader = undefined;
    this.finish();
    this.#options.ended(how);
  }
}

const silentBlock = new Uint8Array(320);

/**
 * What `-` plays. In the reference engine it comes at half the rate, so a timer made of it and a recorder takes twice as
 * long there; here it is silence in real time.
 */
const endlessSilence: SoundReader = {
  take: () => silentBlock,
  ended: false,
  reading: undefined,
  error: undefined,
  close() {},
};

/** The format as far as the name tells it; files with a header tell it themselves. */
function formatByName(file: string): string | undefined {
  if (file === "-") return "slin";
  const kind = soundFileKind(file);
  return kind?.container === "raw" ? kind.format.name : undefined;
}

function padded(block: Uint8Array, size: number): Uint8Array {
  const last = block.at(-1);
  if (last === undefined) return block;
  const filled = new Uint8Array(size).fill(last);
  filled.set(block);
  return filled;
}
