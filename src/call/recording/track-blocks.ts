import { open } from "node:fs/promises";
import {
  createTranslator,
  parseFormat,
  readSoundHeader,
  type SoundLayout,
  samplesOf,
  soundFileKind,
  unpackSound,
} from "../../media/index.ts";
import type { Gap } from "./track-watch.ts";

const samplesPerMs = 8;
/** At most so much is read, or made silent, at once: a second. */
const mostSamples = 8000;
const chunkBytes = 16_000;
const headBytes = 4096;

/** How the sound of a file is stored; undefined when it has no header yet, or is no sound that can be read. */
export async function soundLayoutOf(path: string): Promise<SoundLayout | undefined> {
  const kind = soundFileKind(path);
  const file = await open(path);
  try {
    const head = new Uint8Array(headBytes);
    const { bytesRead } = await file.read(head, 0, headBytes, 0);
    const header = kind && readSoundHeader(kind, head.subarray(0, bytesRead), true);
    return header?.kind === "sound" ? header : undefined;
  } finally {
    await file.close();
  }
}

/** One side of a recording from its beginning, with silence where it has gaps: samples at 8 kHz. Nothing when there is no sound. */
export async function* trackBlocks(path: string, gaps: readonly Gap[]): AsyncGenerator<Int16Array> {
  const layout = await soundLayoutOf(path);
  const linear = parseFormat("slin");
  const translator = layout && linear && createTranslator(layout.format, linear);
  if (!layout || !translator) return;
  const unpack = unpackSound(layout);
  const file = await open(path);
  try {
    // The length in the header is that of a file that was closed well; what is there counts.
    let at = layout.dataOffset;
    const chunk = new Uint8Array(chunkBytes);
    let next = 0;
    for (;;) {
      const gap = gaps[next];
      if (gap && gap.atBytes <= at) {
        next++;
        for (let left = Math.round(gap.forMs * samplesPerMs); left > 0; left -= mostSamples)
          yield new Int16Array(Math.min(left, mostSamples));
        continue;
      }
      const most = gap ? Math.min(chunkBytes, gap.atBytes - at) : chunkBytes;
      const { bytesRead } = await file.read(chunk, 0, most, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield samplesOf(translator.translate(unpack(chunk.slice(0, bytesRead))));
    }
  } finally {
    await file.close();
  }
}

/** Takes blocks of a wanted size from those that come. */
export class BlockTaker {
  readonly #blocks: AsyncIterator<Int16Array>;
  #rest: Int16Array = new Int16Array(0);
  #over = false;

  constructor(blocks: AsyncIterator<Int16Array>) {
    this.#blocks = blocks;
  }

  /** The next samples, fewer only at the end. */
  async take(count: number): Promise<Int16Array> {
    const taken = new Int16Array(count);
    let filled = 0;
    while (filled < count) {
      if (this.#rest.length === 0) {
        const next = this.#over ? undefined : await this.#blocks.next();
        this.#over = !next || next.done === true;
        if (!next || next.done) break;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken.subarray(0, filled);
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#blocks.return?.();
  }
}
