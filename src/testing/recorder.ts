import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
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
  /** Whether the engine took the recorder; without it nothing is heard. */
  readonly working: boolean;
  /** What was recorded until now. Time without any sound attached takes no room in it. */
  samples(): Promise<Int16Array>;
  /**
   * Makes the engine write out what it holds back: a recorder that has not grown for a while gives way to the next. Call it
   * now and then while waiting for a sound.
   */
  nudge(): Promise<void>;
  /** The call is over: reads all there is and removes the folder. Idempotent. */
  finish(): Promise<void>;
}

/** A recorder that has not grown for so long is replaced. An engine may gather for a second before it writes. */
const quietMs = 250;

/** @param recordTo file that gets the whole recording at the end, in the format of its ending */
export async function createRecorder(
  yate: Yate,
  id: string,
  recordTo: string | undefined,
): Promise<Recorder> {
  const folder = await mkdtemp(join(tmpdir(), "yayts-heard-"));
  const segments: string[] = [];
  let seenBytes = -1;
  let grownAtMs = 0;
  let kept: Int16Array | undefined;
  let finishing: Promise<void> | undefined;

  const attach = async (): Promise<boolean> => {
    const file = join(folder, `${segments.length}.slin`);
    const attached = await yate
      .msg("chan.masquerade", { message: "chan.attach", id, consumer: `wave/record/${file}`, single: true })
      .dispatch();
    // The parameter disappears when somebody took it (spec/media.md §2).
    if (attached.get("consumer") !== undefined || !attached.handled) return false;
    segments.push(file);
    seenBytes = -1;
    grownAtMs = performance.now();
    return true;
  };

  const read = async (): Promise<Int16Array> => {
    const parts = await Promise.all(segments.map((file) => readFile(file).catch(() => Buffer.alloc(0))));
    return samplesOf(Uint8Array.from(Buffer.concat(parts)));
  };

  const sizes = async (): Promise<number> => {
    const all = await Promise.all(
      segments.map((file) =>
        stat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return all.reduce((sum, size) => sum + size, 0);
  };

  const working = await attach();
  return {
    working,
    samples: () => (kept ? Promise.resolve(kept) : read()),
    async nudge() {
      if (!working || finishing !== undefined) return;
      const bytes = await sizes();
      if (bytes !== seenBytes) {
        seenBytes = bytes;
        grownAtMs = performance.now();
      } else if (performance.now() - grownAtMs >= quietMs) await attach();
    },
    finish() {
      finishing ??= (async () => {
        // The engine may still be writing the last block; nobody tells when it has.
        for (let last = -1, now = await sizes(); working && now !== last; now = await sizes()) {
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
