import { readdir } from "node:fs/promises";
import type { Clock } from "../../base/index.ts";

/** What is in a folder; empty for one that does not exist or cannot be read. */
export interface Listing {
  readonly files: ReadonlySet<string>;
  readonly folders: readonly string[];
}

/** Lists folders, and takes a listing for true for some time. */
export interface FolderLister {
  list(folder: string): Promise<Listing>;
}

/** Names come from callers' data too: no more folders than these are remembered. */
const mostRemembered = 256;
const nothing: Listing = { files: new Set(), folders: [] };

async function read(folder: string): Promise<Listing> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return {
      files: new Set(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)),
      folders: entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
    };
  } catch {
    return nothing;
  }
}

/** Makes a lister whose listings are renewed when they are older than `rescanMs`. */
export function createFolderLister(clock: Clock, rescanMs: number): FolderLister {
  const remembered = new Map<string, { readonly atMs: number; readonly listing: Promise<Listing> }>();
  return {
    list(folder) {
      const known = remembered.get(folder);
      const nowMs = clock.monotonicMs();
      if (known && nowMs - known.atMs < rescanMs) return known.listing;
      if (remembered.size >= mostRemembered) remembered.clear();
      const listing = read(folder);
      clock.hold?.(listing);
      remembered.set(folder, { atMs: nowMs, listing });
      return listing;
    },
  };
}
