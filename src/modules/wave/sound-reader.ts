import type { FileHandle } from "node:fs/promises";
import { type SoundLayout, unpackSound } from "../../media/index.ts";

/**
 * Sound out of a file, in its media format, without waiting: what has not been read ahead yet is `late`.
 */
export interface SoundReader {
  /** The next `size` bytes, fewer only at the end, none after it. The block may be part of a buffer that others use. */
  take(size: number): Uint8Array | "late";
  /** True when all has been taken. */
  readonly ended: boolean;
  /** Settles when the reading that is under way has; undefined when there is none. */
  readonly reading: Promise<unknown> | undefined;
  /** Why the reading broke off, if it did. */
  readonly error: unknown;
  close(): void;
}

/** Reads from memory. With `repeat` the end is followed by the beginning without a gap, unless there is nothing at all. */
export function createMemoryReader(sound: Uint8Array, repeat: boolean): SoundReader {
  const again = repeat && sound.length > 0;
  let at = 0;
  return {
    take(size) {
      const end = at + size;
      if (end <= sound.length || !again) {
        const block = sound.subarray(at, end);
        at = Math.min(end, sound.length);
        return block;
      }
      const block = new Uint8Array(size);
      for (let filled = 0; filled < size; ) {
        if (at === sound.length) at = 0;
        const part = sound.subarray(at, at + size - filled);
        block.set(part, filled);
        filled += part.length;
        at += part.length;
      }
      return block;
    },
    get ended() {
      return !again && at >= sound.length;
    },
    reading: undefined,
    error: undefined,
    close() {},
  };
}

const chunkBytes = 32 << 10;
/** So much is read ahead: two seconds of slin at 8 kHz, and time enough for a slow disk. */
const aheadBytes = 2 * chunkBytes;

/** Reads ahead from a file too large to keep; closes it at its end. */
export function createStreamReader(handle: FileHandle, layout: SoundLayout, repeat: boolean): SoundReader {
  const { dataOffset, dataLength } = layout;
  const endAt = dataLength === undefined ? Number.POSITIVE_INFINITY : dataOffset + dataLength;
  let unpack = unpackSound(layout);
  let chunks: Uint8Array[] = [];
  /** Bytes taken of the first chunk, and bytes there to be taken in all. */
  let used = 0;
  let buffered = 0;
  let position = dataOffset;
  let complete = false;
  let failure: unknown;
  let reading: Promise<void> | undefined;

  const end = (): void => {
    if (complete) return;
    complete = true;
    handle.close().catch(() => {});
  };

  const readMore = async (): Promise<void> => {
    try {
      while (buffered < aheadBytes && !complete) {
        const wanted = Math.min(chunkBytes, endAt - position);
        const { buffer, bytesRead } =
          wanted > 0
            ? await handle.read(new Uint8Array(wanted), 0, wanted, position)
            : { buffer: new Uint8Array(0), bytesRead: 0 };
        if (complete) return;
        if (bytesRead === 0) {
          if (!repeat || position === dataOffset) return end();
          position = dataOffset;
          unpack = unpackSound(layout);
          continue;
        }
        position += bytesRead;
        const chunk = unpack(buffer.subarray(0, bytesRead));
        chunks.push(chunk);
        buffered += chunk.length;
      }
    } catch (error) {
      failure = error;
      end();
    }
  };

  const fill = (): void => {
    if (reading || complete || buffered >= aheadBytes) return;
    reading = readMore().finally(() => {
      reading = undefined;
    });
  };

  fill();
  return {
    take(size) {
      if (buffered < size && !complete) {
        fill();
        return "late";
      }
      const wanted = Math.min(size, buffered);
      const first = chunks[0];
      let block: Uint8Array;
      if (first && first.length - used >= wanted) {
        block = first.subarray(used, used + wanted);
        used += wanted;
        if (used === first.length) {
          chunks.shift();
          used = 0;
        }
      } else {
        block = new Uint8Array(wanted);
        for (let filled = 0; filled < wanted; ) {
          const chunk = chunks[0];
          if (!chunk) break;
          const part = chunk.subarray(used, used + wanted - filled);
          block.set(part, filled);
          filled += part.length;
          used += part.length;
          if (used < chunk.length) continue;
          chunks.shift();
          used = 0;
        }
      }
      buffered -= wanted;
      fill();
      return block;
    },
    get ended() {
      return complete && buffered === 0;
    },
    get reading() {
      return reading;
    },
    get error() {
      return failure;
    },
    close() {
      chunks = [];
      buffered = 0;
      end();
    },
  };
}
