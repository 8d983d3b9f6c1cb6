import { randomUUID } from "node:crypto";
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Clock, errorText } from "../../base/index.ts";
import type { SoundFailure } from "./sound-outcome.ts";

/** The folder of converted files. */
export interface CacheFolder {
  /** undefined until the first file was looked for, or when none can be written. */
  readonly path: string | undefined;
  /** Path and size of a file that is there. It counts as used now. */
  find(name: string): Promise<{ readonly path: string; readonly bytes: number } | undefined>;
  /** Writes a file, whole or not at all, readable by everybody. */
  write(name: string, bytes: Uint8Array): Promise<{ readonly path: string } | SoundFailure>;
}

/** What a cache folder is made of. */
export interface CacheFolderOptions {
  readonly folder: string | undefined;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** How a new file is opened. Default: as one that must not exist, mode 0644. */
  readonly openFile?: ((path: string) => Promise<FileHandle>) | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Files that were used so lately may be about to be opened by an engine: they are not removed. */
const inUseMs = 10 * 60_000;
/** A file's time of use is written no more often. */
const touchMs = 60_000;
const fileMode = 0o644;
const folderMode = 0o755;
const cachedFile = /^[0-9a-f]{32}\.(?:slin|alaw|mulaw|gsm)$/;
const temporaryFile = /^\.[0-9a-f-]+\.tmp$/;

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "";
}

function writeFailure(path: string, cause: unknown): SoundFailure {
  const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(cause));
  const reason = full ? "disk-full" : "unwritable";
  return { kind: "failed", reason, text: `cannot write ${path}: ${errorText(cause)}`, cause };
}

const openNew = (path: string): Promise<FileHandle> => open(path, "wx", fileMode);

/** Makes a folder that everybody can enter, whatever the umask; undefined if it was there. */
async function makeFolder(folder: string): Promise<string | undefined> {
  const first = await mkdir(folder, { recursive: true, mode: folderMode });
  if (first === undefined) return undefined;
  for (let at = folder; at.length >= first.length; at = dirname(at)) await chmod(at, folderMode);
  return first;
}

/** Whether files can be written there, and nobody else can put some: sounds are found by names that can be guessed. */
async function usable(folder: string): Promise<void> {
  const made = await makeFolder(folder);
  const { uid, mode } = await stat(folder);
  if (made === undefined && process.getuid?.() !== uid && (mode & 0o022) !== 0) {
    throw new Error(`${folder} is another user's and open to all`);
  }
  const probe = join(folder, `.${randomUUID()}.tmp`);
  await (await openNew(probe)).close();
  await rm(probe);
}

/** Makes a folder of converted files; it is chosen and made when it is first needed. */
export function createCacheFolder(options: CacheFolderOptions): CacheFolder {
  const { maxBytes, clock, openFile = openNew, environment = process.env } = options;
  let path: string | undefined;
  let choosing: Promise<string | SoundFailure> | undefined;
  /** Bytes in the folder, as far as this program knows. */
  let bytesKept = 0;
  let pruning: Promise<void> | undefined;

  const choose = async (): Promise<string | SoundFailure> => {
    const xdg = environment.XDG_CACHE_HOME ?? "";
    const wanted = options.folder ?? join(isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "yayts");
    const folder = resolve(wanted);
    try {
      await usable(folder);
      path = folder;
    } catch (cause) {
      if (options.folder !== undefined) return writeFailure(folder, cause);
      try {
        path = await mkdtemp(join(tmpdir(), "yayts-cache-"));
        // mkdtemp makes it for this user alone; an engine may run as another.
        await chmod(path, folderMode);
      } catch (second) {
        return writeFailure(tmpdir(), second);
      }
    }
    await prune();
    return path;
  };
  const chosen = (): Promise<string | SoundFailure> => {
    choosing ??= choose().then((outcome) => {
      // The next one may find the disk writable again.
      if (typeof outcome !== "string") choosing = undefined;
      return outcome;
    });
    return choosing;
  };

  /** Counts what is there, and removes what was not used for longest until three quarters of the limit are left. */
  const prune = async (): Promise<void> => {
    if (path === undefined) return;
    const nowMs = clock.now();
    const files: { readonly file: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for (const name of await readdir(path)) {
      const file = join(path, name);
      const found = await lstat(file).catch(() => undefined);
      if (!found?.isFile()) continue;
      if (temporaryFile.test(name) && nowMs - found.mtimeMs > inUseMs) await rm(file, { force: true });
      if (cachedFile.test(name)) files.push({ file, bytes: found.size, usedMs: found.mtimeMs });
    }
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > maxBytes) {
      for (const { file, bytes, usedMs } of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
        if (total <= (maxBytes * 3) / 4 || nowMs - usedMs < inUseMs) break;
        await rm(file, { force: true });
        total -= bytes;
      }
    }
    bytesKept = total;
  };

  return {
    get path() {
      return path;
    },
    async find(name) {
      const folder = await chosen();
      if (typeof folder !== "string") return undefined;
      const file = join(folder, name);
      try {
        const { size, mtimeMs } = await stat(file);
        const nowMs = clock.now();
        if (nowMs - mtimeMs > touchMs) await utimes(file, nowMs / 1000, nowMs / 1000).catch(() => {});
        return { path: file, bytes: size };
      } catch {
        return undefined;
      }
    },
    async write(name, bytes) {
      const folder = await chosen();
      if (typeof folder !== "string") return folder;
      const file = join(folder, name);
      const temporary = join(folder, `.${randomUUID()}.tmp`);
      try {
        // The folder may have been removed since.
        await makeFolder(folder);
        const handle = await openFile(temporary);
        try {
          await handle.writeFile(bytes);
          // Whatever the umask left of it.
          await handle.chmod(fileMode);
          const nowMs = clock.now();
          await handle.utimes(nowMs / 1000, nowMs / 1000);
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        return writeFailure(file, error);
      }
      bytesKept += bytes.length;
      if (bytesKept > maxBytes) {
        pruning ??= prune()
          .catch(() => {})
          .finally(() => {
            pruning = undefined;
          });
        await pruning;
      }
      return { path: file };
    },
  };
}
