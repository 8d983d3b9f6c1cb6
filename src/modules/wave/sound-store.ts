import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { errorText } from "../../base/index.ts";
import {
  readSoundHeader,
  type SoundFileKind,
  type SoundLayout,
  soundFileKind,
  unpackSound,
} from "../../media/index.ts";
import { createMemoryReader, createStreamReader, type SoundReader } from "./sound-reader.ts";

/** A sound file ready to be played, or why it cannot be. */
export type OpenedSound =
  | { readonly kind: "sound"; readonly format: string; readonly reader: SoundReader }
  | { readonly kind: "failed"; readonly reason: string };

/** Opens sound files; small ones stay in memory as long as they are used and do not change. */
export interface SoundStore {
  /**
   * Never rejects.
   * @param candidates paths to try; the first that exists counts
   * @param repeat the reader begins again at the end
   */
  open(candidates: readonly string[], repeat: boolean): Promise<OpenedSound>;
  /** Bytes of sound in memory. */
  readonly cachedBytes: number;
}

export interface SoundStoreOptions {
  /** Files up to this size are read at once and remembered. Default 1 MiB. */
  readonly smallBytes?: number | undefined;
  /** Most bytes remembered; the least recently used go first. Default 32 MiB. */
  readonly cacheBytes?: number | undefined;
}

/** A whole file in its media format: unpacked, without header. */
interface LoadedSound {
  readonly mtimeMs: number;
  readonly size: number;
  readonly format: string;
  readonly sound: Uint8Array;
}

/** A file that cannot be played. */
class Unplayable extends Error {}

/** First look at a header; the header tells when it needs more. */
const headerBytes = 64;

export function createSoundStore(options: SoundStoreOptions = {}): SoundStore {
  const { smallBytes = 1 << 20, cacheBytes = 32 << 20 } = options;
  /** By path, the least recently used first. */
  const cache = new Map<string, LoadedSound>();
  const loading = new Map<string, Promise<LoadedSound>>();
  let cached = 0;

  const forget = (path: string): void => {
    cached -= cache.get(path)?.sound.length ?? 0;
    cache.delete(path);
  };

  const remember = (path: string, loaded: LoadedSound): void => {
    forget(path);
    cache.set(path, loaded);
    cached += loaded.sound.length;
    for (const oldest of cache.keys()) {
      if (cached <= cacheBytes) break;
      forget(oldest);
    }
  };

  /** Many calls that begin the same prompt at once read it once. */
  const load = (path: string, kind: SoundFileKind, mtimeMs: number, size: number): Promise<LoadedSound> => {
    const key = `${mtimeMs} ${size} ${path}`;
    const running = loading.get(key);
    if (running !== undefined) return running;
    const work = loadSound(path, kind, mtimeMs, size).finally(() => loading.delete(key));
    loading.set(key, work);
    return work;
  };

  const openFile = async (path: string, repeat: boolean): Promise<OpenedSound> => {
    const kind = soundFileKind(path);
    if (!kind) throw new Unplayable("there is no codec for this kind of file");
    const status = await stat(path);
    const known = cache.get(path);
    if (known?.mtimeMs === status.mtimeMs && known.size === status.size) {
      remember(path, known);
      return { kind: "sound", format: known.format, reader: createMemoryReader(known.sound, repeat) };
    }
    if (status.isFile() && status.size <= smallBytes) {
      const loaded = await load(path, kind, status.mtimeMs, status.size);
      remember(path, loaded);
      return { kind: "sound", format: loaded.format, reader: createMemoryReader(loaded.sound, repeat) };
    }
    if (status.isDirectory()) throw new Unplayable("it is a folder");
    return openStream(path, kind, repeat);
  };

  return {
    async open(candidates, repeat) {
      for (const path of candidates) {
        try {
          return await openFile(path, repeat);
        } catch (error) {
          if (!isAbsent(error)) return { kind: "failed", reason: `${path}: ${errorText(error)}` };
        }
      }
      return { kind: "failed", reason: `there is no such file; looked for ${candidates.join(", ")}` };
    },
    get cachedBytes() {
      return cached;
    },
  };
}

async function loadSound(
  path: string,
  kind: SoundFileKind,
  mtimeMs: number,
  size: number,
): Promise<LoadedSound> {
  const bytes = await readFile(path);
  const layout = soundLayout(kind, bytes, true);
  if (!layout) throw new Unplayable("its header is cut");
  const end = layout.dataLength === undefined ? bytes.length : layout.dataOffset + layout.dataLength;
  // Copied: samples must begin at an even address, and the file's buffer may be a part of a pool.
  const sound = Uint8Array.from(unpackSound(layout)(bytes.subarray(layout.dataOffset, end)));
  return { mtimeMs, size, format: layout.format.name, sound };
}

async function openStream(path: string, kind: SoundFileKind, repeat: boolean): Promise<OpenedSound> {
  const handle = await open(path);
  try {
    const layout = await readLayout(handle, kind);
    return { kind: "sound", format: layout.format.name, reader: createStreamReader(handle, layout, repeat) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readLayout(handle: FileHandle, kind: SoundFileKind): Promise<SoundLayout> {
  if (kind.container === "raw") return { kind: "sound", format: kind.format, packing: "none", dataOffset: 0 };
  let wanted = headerBytes;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(wanted), 0, wanted, 0);
    const layout = soundLayout(kind, buffer.subarray(0, bytesRead), bytesRead < wanted);
    if (layout) return layout;
    wanted *= 2;
  }
}

/** @returns undefined when more of the file is needed. */
function soundLayout(kind: SoundFileKind, bytes: Uint8Array, complete: boolean): SoundLayout | undefined {
  const header = readSoundHeader(kind, bytes, complete);
  switch (header.kind) {
    case "sound":
      return header;
    case "more":
      return undefined;
    case "unsupported":
      throw new Unplayable(header.reason);
  }
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
