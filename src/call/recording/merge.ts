import { type FileHandle, open } from "node:fs/promises";
import {
  bytesOf,
  createTranslator,
  packSound,
  parseFormat,
  soundFileKind,
  soundWriter,
} from "../../media/index.ts";
import { BlockTaker } from "./track-blocks.ts";

const blockSamples = 8000;
const samplesPerMs = 8;

/** Whether a file of that name can take a recording. */
export function canHold(path: string, stereo: boolean): boolean {
  return layoutOf(path, stereo) !== undefined;
}

/**
 * Writes the sides of a recording to one file: beside each other (stereo, the first left), or mixed. Returns its length in
 * milliseconds; rejects when a file cannot be read or written.
 */
export async function mergeTracks(
  tracks: readonly AsyncIterator<Int16Array>[],
  to: string,
  stereo: boolean,
): Promise<number> {
  const layout = layoutOf(to, stereo);
  if (!layout) throw new TypeError(`${to} cannot take a recording`);
  const { writer, translator } = layout;
  const pack = packSound(writer);
  const takers = tracks.map((blocks) => new BlockTaker(blocks));
  const file = await open(to, "w");
  try {
    await writeAt(file, writer.header, 0);
    let written = 0;
    let samples = 0;
    for (;;) {
      const blocks = await Promise.all(takers.map((taker) => taker.take(blockSamples)));
      const length = Math.max(...blocks.map((block) => block.length));
      if (length === 0) break;
      samples += length;
      const bytes = pack(
        translator.translate(bytesOf(stereo ? beside(blocks, length) : mixed(blocks, length))),
      );
      await writeAt(file, bytes, writer.header.length + written);
      written += bytes.length;
    }
    const { patches, trailer } = writer.finish(written);
    await writeAt(file, trailer, writer.header.length + written);
    for (const { offset, bytes } of patches) await writeAt(file, bytes, offset);
    return Math.round(samples / samplesPerMs);
  } finally {
    await file.close();
    for (const taker of takers) await taker.close();
  }
}

function layoutOf(path: string, stereo: boolean) {
  const kind = soundFileKind(path);
  const from = parseFormat(stereo ? "2*slin" : "slin");
  // A container takes what comes; a raw file is what its ending says.
  const format = kind?.container === "raw" ? kind.format : from;
  const writer = kind && format && soundWriter(kind.container, format);
  const translator = from && format && createTranslator(from, format);
  if (!writer || !translator || (stereo && writer.format.channels !== 2)) return undefined;
  return { writer, translator };
}

async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
}

function beside(blocks: readonly Int16Array[], length: number): Int16Array {
  const both = new Int16Array(length * blocks.length);
  blocks.forEach((block, side) => {
    for (let i = 0; i < block.length; i++) both[i * blocks.length + side] = block[i] ?? 0;
  });
  return both;
}

function mixed(blocks: readonly Int16Array[], length: number): Int16Array {
  const sum = new Int16Array(length);
  for (let i = 0; i < length; i++) {
    let total = 0;
    for (const block of blocks) total += block[i] ?? 0;
    sum[i] = Math.max(-32768, Math.min(32767, total));
  }
  return sum;
}
