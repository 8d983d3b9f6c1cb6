import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errorText, YaytsError } from "../../base/index.ts";
import {
  bytesForMs,
  bytesOf,
  createTranslator,
  msForBytes,
  packSound,
  parseFormat,
  type SoundTransform,
  type SoundWriterLayout,
  soundFileKind,
  soundWriter,
  type Translator,
} from "../../media/index.ts";

/** A sound file that grows. Bytes are written behind the back of who gives them, in order; memory is bounded. */
export interface SoundFileWriter {
  readonly path: string;
  /** Takes 8 kHz samples (stereo: left first). After a failure what comes is thrown away. */
  write(samples: Int16Array): void;
  /** Writes what is left, corrects the header and closes; what is in the file is playable, failure or not. Idempotent. */
  finish(trimMs: number): Promise<SoundFileEnd>;
}

/** What is in the file in the end. */
export interface SoundFileEnd {
  readonly savedMs: number;
  readonly error?: YaytsError;
}

/** Bytes that are written in one go: a second of linear sound. */
const chunkBytes = 16_000;
/** Most that may wait for a slow disk: a minute of linear sound. */
const maxPendingBytes = 60 * chunkBytes;

/**
 * Opens a file, and its folder if that is missing.
 * @param onFailure called once, when nothing can be saved any more
 */
export async function openSoundFile(
  path: string,
  stereo: boolean,
  onFailure: (error: YaytsError) => void,
): Promise<SoundFileWriter | YaytsError> {
  const layout = layoutOf(path, stereo);
  if (layout instanceof YaytsError) return layout;
  let handle: FileHandle | undefined;
  try {
    await makeFolder(dirname(path));
    handle = await open(path, "w");
    const writer = new Writer(path, handle, layout, onFailure);
    await writer.begin();
    return writer;
  } catch (error) {
    await handle?.close().catch(() => {});
    return fileFailed(path, error);
  }
}

/** Node's own `recursive` never returns where the system refuses with ENOENT, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  if ((await tryFolder(path)) === "there") return;
  await makeFolder(dirname(path));
  if ((await tryFolder(path)) !== "there") throw new Error(`the folder ${path} cannot be made`);
}

async function tryFolder(path: string): Promise<"there" | "parent-missing"> {
  try {
    await mkdir(path);
    return "there";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" && dirname(path) !== path) return "parent-missing";
    // A file that is in the place of the folder is told by `open`.
    if (code === "EEXIST" || code === "EISDIR") return "there";
    throw error;
  }
}

interface Layout {
  readonly writer: SoundWriterLayout;
  readonly translator: Translator;
}

function layoutOf(path: string, stereo: boolean): Layout | YaytsError {
  const kind = soundFileKind(path);
  if (!kind)
    return new YaytsError("no-media", `${path} cannot be recorded: there is no encoder for its ending`);
  const from = parseFormat(stereo ? "2*slin" : "slin");
  // A container takes what comes; a raw file is what its ending says.
  const format = kind.container === "raw" ? kind.format : from;
  const writer = format && soundWriter(kind.container, format);
  const translator = from && format && createTranslator(from, format);
  if (!writer || !translator || (stereo && writer.format.channels !== 2))
    return new YaytsError("no-media", `${path} cannot take a recording in ${stereo ? "stereo" : "mono"}`);
  return { writer, translator };
}

function fileFailed(path: string, cause: unknown): YaytsError {
  return new YaytsError("file-failed", `${path} cannot be written: ${errorText(cause)}`, { cause });
}

class Writer implements SoundFileWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #layout: SoundWriterLayout;
  readonly #translator: Translator;
  readonly #pack: SoundTransform;
  readonly #onFailure: (error: YaytsError) => void;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Bytes of sound in the file. */
  #saved = 0;
  #writing: Promise<void> | undefined;
  #error: YaytsError | undefined;
  #finished: Promise<SoundFileEnd> | undefined;

  constructor(path: string, handle: FileHandle, layout: Layout, onFailure: (error: YaytsError) => void) {
    this.path = path;
    this.#handle = handle;
    this.#layout = layout.writer;
    this.#translator = layout.translator;
    this.#pack = packSound(layout.writer);
    this.#onFailure = onFailure;
  }

  async begin(): Promise<void> {
    const { header } = this.#layout;
    for (let at = 0; at < header.length; )
      at += (await this.#handle.write(header, at, header.length - at, at)).bytesWritten;
  }

  write(samples: Int16Array): void {
    if (this.#error || this.#finished !== undefined) return;
    const bytes = this.#pack(this.#translator.translate(bytesOf(samples)));
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > maxPendingBytes)
      this.#fail(new YaytsError("overflow", `${this.path} is written more slowly than it is recorded`));
    else if (this.#pendingBytes >= chunkBytes) this.#writing ??= this.#flush();
  }

  finish(trimMs: number): Promise<SoundFileEnd> {
    this.#finished ??= this.#finish(trimMs);
    return this.#finished;
  }

  async #finish(trimMs: number): Promise<SoundFileEnd> {
    await this.#writing;
    await this.#flush();
    const { format, header } = this.#layout;
    try {
      // No recording is packed as wav49, so a unit of the format is one of the file.
      const whole = this.#saved - (this.#saved % format.unitBytes);
      this.#saved = Math.max(0, whole - bytesForMs(format, trimMs));
      await this.#handle.truncate(header.length + this.#saved);
      const { patches, trailer } = this.#layout.finish(this.#saved);
      for (const { offset, bytes } of patches) await this.#handle.write(bytes, 0, bytes.length, offset);
      if (trailer.length > 0)
        await this.#handle.write(trailer, 0, trailer.length, header.length + this.#saved);
    } catch (error) {
      this.#fail(fileFailed(this.path, error));
    }
    await this.#handle.close().catch((error) => this.#fail(fileFailed(this.path, error)));
    const savedMs = Math.round(msForBytes(format, this.#saved));
    return this.#error ? { savedMs, error: this.#error } : { savedMs };
  }

  /** Writes what waits, until nothing does. Never rejects. */
  async #flush(): Promise<void> {
    const { header } = this.#layout;
    try {
      while (this.#pendingBytes > 0 && !this.#error) {
        const chunk = joined(this.#pending, this.#pendingBytes);
        this.#pending = [];
        this.#pendingBytes = 0;
        for (let at = 0; at < chunk.length; ) {
          const place = header.length + this.#saved;
          const { bytesWritten } = await this.#handle.write(chunk, at, chunk.length - at, place);
          at += bytesWritten;
          this.#saved += bytesWritten;
        }
      }
    } catch (error) {
      this.#fail(fileFailed(this.path, error));
    }
    this.#writing = undefined;
  }

  #fail(error: YaytsError): void {
    if (this.#error) return;
    this.#error = error;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onFailure(error);
  }
}

function joined(blocks: readonly Uint8Array[], length: number): Uint8Array {
  const result = new Uint8Array(length);
  let at = 0;
  for (const block of blocks) {
    result.set(block, at);
    at += block.length;
  }
  return result;
}
