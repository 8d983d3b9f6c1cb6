/** The thread that decodes what takes long, so that calls go on meanwhile: a message asks, a message answers. */
import { readFile } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import { errorText } from "../../base/index.ts";
import { type DecodedSound, decodeFile } from "./decode-file.ts";
import type { SoundFailure } from "./sound-outcome.ts";

/** What to decode. */
export interface DecodeRequest {
  readonly path: string;
  readonly maxSamples: number;
}

async function answer({ path, maxSamples }: DecodeRequest): Promise<DecodedSound | SoundFailure> {
  try {
    const outcome = await decodeFile(await readFile(path), path, { maxSamples });
    // An error may hold what cannot be sent to another thread; the text says it all.
    return outcome.kind === "failed" ? { ...outcome, cause: undefined } : outcome;
  } catch (error) {
    return { kind: "failed", reason: "unreadable", text: `${path} cannot be read: ${errorText(error)}` };
  }
}

parentPort?.on("message", (request: DecodeRequest) => {
  void answer(request).then((outcome) => {
    const transfer = outcome.kind === "decoded" ? [outcome.samples.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(outcome, transfer);
  });
});
