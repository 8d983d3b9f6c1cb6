import { delimiter, isAbsolute, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../engine/index.ts";

/** The prompts that come with the package. */
const packageSounds = fileURLToPath(new URL("../../../sounds", import.meta.url));

/**
 * Folders in which relative sound files are looked for after the current directory: those of the run parameter
 * `soundspath`, or of `soundspath` in `[general]` of the main configuration (separated as in `PATH`), and last the
 * package's own `sounds`.
 */
export function soundFolders(engine: Engine): string[] {
  const configured =
    engine.runParams.get("soundspath") ?? engine.config("yate").section("general")?.get("soundspath") ?? "";
  return [...configured.split(delimiter).filter((folder) => folder !== ""), packageSounds];
}

/**
 * Where a sound file may be, in the order to try. A relative name is tried in the current directory, then in each folder,
 * there also without a leading `sounds/`: `./sounds/digits/en/5.gsm` finds the package's prompt from anywhere.
 */
export function soundCandidates(file: string, folders: readonly string[]): string[] {
  if (isAbsolute(file)) return [file];
  const name = normalize(file);
  const found = [resolve(name)];
  if (name.startsWith("..")) return found;
  for (const folder of folders) {
    found.push(join(folder, name));
    if (name.startsWith("sounds/")) found.push(join(folder, name.slice("sounds/".length)));
  }
  return found;
}
