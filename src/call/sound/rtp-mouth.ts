import { errorText, onAbort, type Signal, YaytsError } from "../../base/index.ts";
import { createTone, samplesOf } from "../../media/index.ts";
import type { AudioAttachment } from "../audio/index.ts";
import type { StepEnd, StepOptions } from "./mouth.ts";

const samplesPerMs = 8;

type Blocks = Iterable<Int16Array> | AsyncIterable<Int16Array>;

/** Plays samples over the RTP attachment. */
export function playSamples(
  audio: AudioAttachment,
  samples: Int16Array,
  { offsetMs, forever, signal }: StepOptions,
): Promise<StepEnd> {
  function* blocks(): Generator<Int16Array> {
    yield samples.subarray(Math.round(offsetMs * samplesPerMs));
    while (forever && samples.length > 0) yield samples;
  }
  return playBlocks(audio, blocks(), signal);
}

/** Plays a tone that the app makes itself, for a leg whose sound is the attachment's. */
export async function playMadeTone(
  audio: AudioAttachment,
  name: string,
  forMs: number | undefined,
  { offsetMs, signal }: StepOptions,
): Promise<StepEnd> {
  const generator = createTone(name);
  if (!generator) return { kind: "failed", error: new YaytsError("no-media", `there is no tone ${name}`) };
  const limitMs = (forMs ?? Number.POSITIVE_INFINITY) - offsetMs;
  function* blocks(): Generator<Int16Array> {
    for (let madeMs = 0; madeMs < limitMs; madeMs += 20) {
      const block = generator?.next();
      if (!block) return;
      yield samplesOf(block);
    }
  }
  return await playBlocks(audio, blocks(), signal);
}

/** Plays blocks of samples as they come; what is queued is thrown away when it is interrupted. */
export async function playBlocks(audio: AudioAttachment, blocks: Blocks, signal: Signal): Promise<StepEnd> {
  const startMs = audio.clock.monotonicMs();
  let writtenMs = 0;
  let discardedMs = 0;
  const interrupted = Promise.withResolvers<undefined>();
  const forget = onAbort(signal, () => {
    discardedMs = audio.clear();
    interrupted.resolve(undefined);
  });
  void audio.ended.then(() => interrupted.resolve(undefined));
  const end = (kind: "completed" | "interrupted"): StepEnd => {
    const playedMs = Math.max(0, writtenMs - discardedMs);
    // How much somebody else's `clear` has discarded is theirs to know: no more was played than there was time for.
    const elapsedMs = audio.clock.monotonicMs() - startMs;
    return { kind, playedMs: kind === "completed" ? playedMs : Math.min(playedMs, elapsedMs) };
  };
  const source = Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
  try {
    for (;;) {
      const next = await Promise.race([source.next(), interrupted.promise]);
      if (!next || signal.aborted) return end("interrupted");
      if (next.done) break;
      writtenMs += next.value.length / samplesPerMs;
      const written = await audio.write(next.value);
      if (written.kind === "failed") return { kind: "failed", error: written.error };
      if (written.kind !== "written") return end("interrupted");
    }
    const mark = await audio.mark("end");
    return end(mark.kind === "played" ? "completed" : "interrupted");
  } catch (error) {
    const text = `the source of the sound failed: ${errorText(error)}`;
    return { kind: "failed", error: new YaytsError("no-media", text, { cause: error }) };
  } finally {
    forget();
    // A source that waits for its next block may never be done; nobody waits for it.
    Promise.resolve(source.return?.()).catch(() => {});
  }
}
