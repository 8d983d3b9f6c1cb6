import { join } from "node:path";
import type { FolderLister } from "./folder-listing.ts";
import { hasPromptEnding } from "./prompt-name.ts";

const mostNames = 2000;
const deepest = 4;

/**
 * The names of the prompts in some folders as one would ask for them: without ending, and without the language where it
 * is one of `languages`. At most 2000, four folders deep.
 */
export async function promptNames(
  lister: FolderLister,
  folders: readonly string[],
  languages: readonly string[],
): Promise<Set<string>> {
  const names = new Set<string>();
  const walk = async (root: string, parts: readonly string[]): Promise<void> => {
    const listing = await lister.list(join(root, ...parts));
    const shown = parts.filter((part) => !languages.includes(part));
    for (const file of listing.files) {
      if (names.size >= mostNames) return;
      if (hasPromptEnding(file)) names.add([...shown, file.replace(/\.[^.]*$/, "")].join("/"));
    }
    if (parts.length >= deepest) return;
    for (const folder of listing.folders) await walk(root, [...parts, folder]);
  };
  for (const folder of folders) await walk(folder, []);
  return names;
}
