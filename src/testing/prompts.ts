import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createTranslator,
  GsmDecoder,
  type KnownSound,
  readSoundHeader,
  samplesOf,
  soundFileKind,
  unpackSound,
} from "../media/index.ts";

/** The prompts that come with the package. */
const packageSounds = fileURLToPath(new URL("../../sounds", import.meta.url));

const loaded = new Map<string, Promise<readonly KnownSound[]>>();

/**
 * The sounds in a folder and the folders in it, as linear samples at 8 kHz, named by their path in it without the ending:
 * `digits/en/5`. Read once. Files that are no sound (README.md) are left out.
 * @param folder default: the package's own prompts
 */
export function loadPrompts(folder: string = packageSounds): Promise<readonly KnownSound[]> {
  let found = loaded.get(folder);
  if (!found) {
    found = readPrompts(folder);
    loaded.set(folder, found);
    found.catch(() => loaded.delete(folder));
  }
  return found;
}

/** The package's own prompts, and those in other folders. */
export async function knownPrompts(
  folders: string | URL | readonly (string | URL)[] = [],
): Promise<readonly KnownSound[]> {
  const list = typeof folders === "string" || folders instanceof URL ? [folders] : folders;
  const paths = list.map((folder) => (folder instanceof URL ? fileURLToPath(folder) : folder));
  const found = await Promise.all([packageSounds, ...paths].map(loadPrompts));
  return found.flat();
}

const endings = /\.(gsm|slin|alaw|mulaw|au|wav)$/;

async function readPrompts(folder: string): Promise<KnownSound[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = files
    .filter((file) => file.isFile() && endings.test(file.name))
    .map((file) => relative(folder, join(file.parentPath, file.name)))
    .sort();
  return await Promise.all(
    names.map(async (name) => ({
      name: name.replace(endings, "").split(sep).join("/"),
      samples: decodeSound(name, await readFile(join(folder, name))),
    })),
  );
}

/** The samples of a sound file at 8 kHz; none when its format is not known here. */
export function decodeSound(fileName: string, bytes: Uint8Array): Int16Array {
  const kind = soundFileKind(fileName);
  const header = kind && readSoundHeader(kind, bytes, true);
  if (header?.kind !== "sound") return new Int16Array(0);
  // A recording that is still being written has no length in its header yet: the file's end counts.
  const sound = unpackSound(header)(bytes.subarray(header.dataOffset));
  if (header.format.name === "gsm") return new GsmDecoder().decode(sound);
  const translated = createTranslator(header.format.name, "slin")?.translate(sound) ?? sound;
  return samplesOf(translated.byteOffset % 2 === 0 ? translated : translated.slice());
}
