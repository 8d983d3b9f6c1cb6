import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Watches single files through their folders, so that a file that is replaced, or missing as yet, is seen too. */
export interface FileWatch {
  add(file: string): void;
  /** Forgets all files but these. */
  keep(files: Iterable<string>): void;
  close(): void;
}

/** Editors write a file in several steps. */
const quietMs = 60;

/**
 * @param onChange told which files changed, once they have been quiet for a moment
 * @param onTrouble told when a folder cannot be watched
 */
export function watchFiles(
  onChange: (files: readonly string[]) => void,
  onTrouble: (error: Error) => void,
): FileWatch {
  const known = new Map<string, string>();
  const folders = new Map<string, FSWatcher>();
  const touched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const settle = (): void => {
    const changed = [...touched].filter((file) => {
      const before = known.get(file);
      if (before === undefined) return false;
      const now = stampOf(file);
      // A file that is away for a moment is being replaced.
      if (now === before || now === "") return false;
      known.set(file, now);
      return true;
    });
    touched.clear();
    if (changed.length > 0) onChange(changed);
  };

  const watchFolder = (folder: string): void => {
    if (folders.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        for (const file of known.keys())
          if (dirname(file) === folder && (name === null || basename(file) === name)) touched.add(file);
        if (touched.size === 0) return;
        clearTimeout(timer);
        timer = setTimeout(settle, quietMs);
      });
      watcher.on("error", onTrouble);
      folders.set(folder, watcher);
    } catch (error) {
      if (error instanceof Error) onTrouble(error);
    }
  };

  return {
    add(file) {
      if (known.has(file)) return;
      known.set(file, stampOf(file));
      watchFolder(dirname(file));
    },
    keep(files) {
      const wanted = new Set(files);
      for (const file of known.keys()) if (!wanted.has(file)) known.delete(file);
      for (const [folder, watcher] of folders) {
        if ([...known.keys()].some((file) => dirname(file) === folder)) continue;
        watcher.close();
        folders.delete(folder);
      }
    },
    close() {
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
    },
  };
}

/** Changes when the file does; empty when there is none. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : "";
}
