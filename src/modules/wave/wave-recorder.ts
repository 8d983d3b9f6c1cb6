import { errorText } from "../../base/index.ts";
import { DataConsumer, type Engine } from "../../engine/index.ts";
import { parseFormat, type SoundFileKind, soundFileKind } from "../../media/index.ts";
import { createSoundWriter, type SoundWriter, systemCode } from "./sound-writer.ts";

/** What all recorders of an engine share. */
export interface WaveRecording {
  readonly engine: Engine;
  readonly recorders: Set<WaveRecorder>;
  /** Files that are being written, to be finished before the engine ends. */
  readonly writers: Set<SoundWriter>;
  /** Permissions of new files. */
  readonly mode: number;
}

/** The recorder wrote as much as it was to; or its file cannot be written, with the system's word for why (`ENOSPC`). */
export type RecorderEnd = { readonly kind: "maxlen" } | { readonly kind: "error"; readonly error: string };

export interface WaveRecorderOptions {
  /** As in `wave/record/<file>`; `-` counts only. */
  readonly file: string;
  /** Forces the data format, unless the file's ending tells it. */
  readonly format: string | undefined;
  readonly append: boolean;
  /** Ends after so many bytes of sound, checked after each block; 0 never. */
  readonly maxBytes: number;
  /** Each block is written as it comes. */
  readonly flush: boolean;
  /** Called once, if ever. */
  readonly ended: (how: RecorderEnd) => void;
}

/** Endings of raw files whose codecs can be passed through but not translated. */
const foreignFormats: ReadonlyMap<string, string> = new Map([
  ["g729", "g729"],
  ["g722", "g722/16000"],
  ["ilbc20", "ilbc20"],
  ["ilbc30", "ilbc30"],
]);

/** Records to a file what it hears (spec/media.md §4). */
export class WaveRecorder extends DataConsumer {
  readonly #recording: WaveRecording;
  readonly #options: WaveRecorderOptions;
  readonly #kind: SoundFileKind | undefined;
  readonly #writer: SoundWriter | undefined;
  /** The format is decided. */
  #locked: boolean;
  #bytes = 0;
  #ended = false;

  constructor(recording: WaveRecording, options: WaveRecorderOptions) {
    const { file } = options;
    const kind = file === "-" ? undefined : soundFileKind(file);
    super(initialFormat(options, kind));
    this.#recording = recording;
    this.#options = options;
    this.#kind = kind;
    this.#locked = Boolean(options.format);
    recording.recorders.add(this);
    if (file === "-") return;
    const { engine, writers, mode } = recording;
    const writer = createSoundWriter({
      path: file,
      kind,
      append: options.append,
      mode,
      atOnce: options.flush,
      clock: engine.clock,
      failed: (error) => {
        writers.delete(writer);
        engine.log.error(`recording to ${file} stopped: ${errorText(error)}`, { file, error });
        this.#end({ kind: "error", error: systemCode(error) });
      },
      overrun: () => {
        engine.log.error(`the recording to ${file} has gaps: its disk is too slow`, { file });
      },
    });
    writers.add(writer);
    this.#writer = writer;
  }

  /** An .au file can hold A-law and mu-law as they are and, as .wav, linear sound of any rate; the first to come decides. */
  override adopt(format: string): boolean {
    if (this.#locked || this.#bytes > 0 || format === "slin") return false;
    const offered = parseFormat(format);
    const fits =
      offered !== undefined &&
      ((this.#kind?.container === "au" && offered.codec !== "gsm") ||
        (this.#kind?.container === "wav" && offered.codec === "slin"));
    if (!fits) return false;
    this.takeFormat(offered.name);
    this.#locked = true;
    return true;
  }

  protected override consume(block: Uint8Array): void {
    if (this.#ended) return;
    this.#bytes += block.length;
    this.#writer?.write(block, this.format);
    if (this.#options.maxBytes > 0 && this.#bytes >= this.#options.maxBytes) this.#end({ kind: "maxlen" });
  }

  protected override destroyed(): void {
    this.#recording.recorders.delete(this);
    this.#end(undefined);
  }

  #end(how: RecorderEnd | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    const writer = this.#writer;
    if (writer) void writer.close().then(() => this.#recording.writers.delete(writer));
    if (how) this.#options.ended(how);
  }
}

function initialFormat({ file, format }: WaveRecorderOptions, kind: SoundFileKind | undefined): string {
  const ending = /\.([^./]*)$/.exec(file)?.[1] ?? "";
  const foreign = foreignFormats.get(ending);
  if (foreign) return foreign;
  const rawByEnding = kind?.container === "raw" && kind.format.name !== "slin";
  return rawByEnding ? kind.format.name : format || "slin";
}
