import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { errorText, type Signal } from "../../base/index.ts";
import { msForBytes, readSoundHeader, soundFileKind } from "../../media/index.ts";
import { isRawSound } from "./decode-file.ts";
import type { SoundFailure, SoundFile } from "./sound-outcome.ts";

/** A sound file as the cache sees it. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
  /** Changes whenever the file may have changed. */
  readonly stamp: string;
}

/** The failure of a file that cannot be read. */
export function unreadable(path: string, cause: unknown): SoundFailure {
  return { kind: "failed", reason: "unreadable", text: `${path} cannot be read: ${errorText(cause)}`, cause };
}

/** Looks at a file. */
export async function statSource(path: string): Promise<SourceFile | SoundFailure> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return unreadable(path, new Error("it is no file"));
    if (found.size === 0) return { kind: "failed", reason: "empty", text: `${path}: the file is empty` };
    return { path, bytes: found.size, stamp: `${path}\0${found.mtimeMs}\0${found.size}\0${found.ino}` };
  } catch (error) {
    return unreadable(path, error);
  }
}

const headerBytes = 1024;

/**
 * The file itself, when every engine plays it as it is: raw sound by its ending, or `.au` in one of their formats
 * (spec/media.md §4).
 */
export async function playableAsIs({
  path,
  bytes,
}: SourceFile): Promise<SoundFile | SoundFailure | undefined> {
  const kind = soundFileKind(path);
  const cut: SoundFailure = {
    kind: "failed",
    reason: "truncated",
    text: `${path}: the file ends before its sound does`,
  };
  if (!kind) return undefined;
  if (isRawSound(path)) {
    if (bytes % kind.format.unitBytes !== 0) return cut;
    return { kind: "file", path, durationMs: msForBytes(kind.format, bytes) };
  }
  if (kind.container !== "au") return undefined;
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(headerBytes), 0, headerBytes, 0);
      if (buffer[0] !== 0x2e) return undefined;
      const header = readSoundHeader(kind, buffer.subarray(0, bytesRead), bytesRead === bytes);
      if (header.kind !== "sound") return undefined;
      const length = header.dataLength ?? bytes - header.dataOffset;
      if (header.dataOffset + length > bytes) return cut;
      if (length === 0) return { kind: "failed", reason: "empty", text: `${path}: no sound in it` };
      return { kind: "file", path, durationMs: msForBytes(header.format, length) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return unreadable(path, error);
  }
}

/** Most files whose contents are remembered. */
const mostRemembered = 4096;

/** Tells files by what is in them; reads one again only when its time, size or place on the disk has changed. */
export interface ContentKeys {
  keyOf(file: SourceFile, signal: Signal): Promise<string | SoundFailure>;
}

export function createContentKeys(): ContentKeys {
  const known = new Map<string, string>();
  return {
    async keyOf({ path, stamp }, signal) {
      const remembered = known.get(stamp);
      if (remembered !== undefined) return remembered;
      const hash = createHash("sha256");
      try {
        for await (const block of createReadStream(path)) {
          if (signal.aborted) return { kind: "failed", reason: "aborted", text: `${path} was given up` };
          hash.update(block);
        }
      } catch (error) {
        return unreadable(path, error);
      }
      // The same bytes are another sound under another raw ending.
      const ending = isRawSound(path) ? (soundFileKind(path)?.format.name ?? "") : "";
      const key = `file ${ending} ${hash.digest("hex")}`;
      if (known.size >= mostRemembered) known.clear();
      known.set(stamp, key);
      return key;
    },
  };
}
