import { readFile } from "node:fs/promises";
import { readSoundHeader, samplesOf, soundFileKind, unpackSound } from "../../media/index.ts";
import { type Playable, samples } from "../sound/playable.ts";

/**
 * A recording of ours as samples, which are played without a trace: a file would be converted into the cache of prompts, where
 * others may read it, and outlive its message. What is not ours is left a file.
 */
export async function privateSound(file: string): Promise<Playable> {
  const bytes = await readFile(file).catch(() => undefined);
  const kind = soundFileKind(file);
  const header = bytes && kind && readSoundHeader(kind, bytes, true);
  if (!bytes || header?.kind !== "sound" || header.format.name !== "slin") return file;
  const sound = unpackSound(header)(bytes.subarray(header.dataOffset));
  return samples(samplesOf(sound.byteOffset % 2 === 0 ? sound : sound.slice()));
}
