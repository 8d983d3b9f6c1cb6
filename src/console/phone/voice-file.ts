import { YaytsError } from "../../base/index.ts";
import { decodeFile } from "../../call/index.ts";

/** Largest file that is taken as a voice. */
export const voiceFileBytes: number = 8 * 1024 * 1024;
/** Longest sound that is taken. */
const mostSeconds = 300;

/**
 * Decodes a file that is to be said in place of the microphone, to linear samples at 8 kHz: wav, au, gsm, alaw, …; mp3 and ogg where
 * their packages are installed. Rejects with `bad-argument` (no base64, too large) and `no-media` (no sound in it, no decoder).
 * @param sound its content in base64
 */
export async function readVoiceFile(name: string, sound: string): Promise<Int16Array> {
  const tooLarge = `${name} is too large: a voice file has at most ${voiceFileBytes / 1024 / 1024} MB`;
  if (sound.length > (voiceFileBytes * 4) / 3 + 4) throw new YaytsError("bad-argument", tooLarge);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(sound))
    throw new YaytsError("bad-argument", `the content of ${name} is no base64`);
  const bytes = Uint8Array.from(Buffer.from(sound, "base64"));
  const decoded = await decodeFile(bytes, name, { maxSamples: mostSeconds * 8000 });
  if (decoded.kind === "failed") throw new YaytsError("no-media", decoded.text, { cause: decoded.cause });
  return decoded.samples;
}
