import { mkdtempSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { YaytsError } from "../base/index.ts";
import type { Yate } from "../bus/index.ts";
import { bytesOf, packSound, parseFormat, samplesOf, soundFileKind, soundWriter } from "../media/index.ts";

/**
 * Records what arrives at a channel, by nothing but `chan.attach`: the engine writes raw files into a temporary folder of
 * this machine, which we read.
 */
export interface Recorder {
  /** Whether the engine took the recorder; without it nothing is heard. Never rejects. */
  readonly working: Promise<boolean>;
  /**
   * What was recorded until now; an engine may hold the last half second back. Time without any sound attached takes no room
   * in it.
   */
  samples(): Promise<Int16Array>;
  /** The call is over: reads all there is and removes the folder. Idempotent. */
  finish(): Promise<void>;
}

/**
 * Asks for the recorder at once.
 * @param recordTo file that gets the whole recording at the end, in the format of its ending
 */
export function createRecorder(yate: Yate, id: string, recordTo: string | undefined): Recorder {
  const folder = mkdtempSync(join(tmpdir(), "yayts-heard-"));
  const file = join(folder, "heard.slin");
  let kept: Int16Array | undefined;
  let finishing: Promise<void> | undefined;

  const size = async (): Promise<number> => {
    try {
      return (await stat(file)).size;
    } catch {
      return 0;
    }
  };
  const read = async (): Promise<Int16Array> => {
    try {
      return samplesOf(Uint8Array.from(await readFile(file)));
    } catch {
      // The engine makes the file with the first sound, or a moment after the attach.
      return new Int16Array(0);
    }
  };

  const attach = async (): Promise<boolean> => {
    const attached = await yate
      .msg("chan.masquerade", { message: "chan.attach", id, consumer: `wave/record/${file}`, single: true })
      .dispatch();
    // The parameter disappears when somebody took it (spec/media.md §2).
    return attached.handled && attached.get("consumer") === undefined;
  };
  const working = attach().catch(() => false);
  return {
    working,
    samples: () => (kept ? Promise.resolve(kept) : read()),
    finish() {
      finishing ??= (async () => {
        const wrote = await working;
        // The engine may still be writing the last block; nobody tells when it has.
        for (let last = -1, now = await size(); wrote && now !== last; now = await size()) {
          last = now;
          await delay(60);
        }
        kept = await read();
        await rm(folder, { recursive: true, force: true });
        if (recordTo) await writeRecording(recordTo, kept);
      })();
      return finishing;
    },
  };
}

async function writeRecording(file: string, samples: Int16Array): Promise<void> {
  const kind = soundFileKind(file);
  const slin = parseFormat("slin");
  const writer = kind && slin && kind.container !== "raw" ? soundWriter(kind.container, slin) : undefined;
  if (!writer && kind?.format.name !== "slin")
    throw new YaytsError("no-media", `a call is recorded as .wav, .au or .slin, not as ${file}`);
  if (!writer) return await writeFile(file, bytesOf(samples));
  const sound = packSound(writer)(bytesOf(samples));
  const { patches, trailer } = writer.finish(sound.length);
  const whole = Buffer.concat([writer.header, sound, trailer]);
  for (const { offset, bytes } of patches) whole.set(bytes, offset);
  await writeFile(file, whole);
}
