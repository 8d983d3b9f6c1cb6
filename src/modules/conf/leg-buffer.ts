/**
 * What a leg has said and the room has not mixed yet. Sound arrives in any blocks and at its own pace and leaves 20 ms at a
 * time; three blocks at most wait, and what comes on top is dropped, so a leg is never far behind.
 */
export interface LegBuffer {
  /** Takes samples; those for which there is no room are dropped. */
  write(samples: Int16Array): void;
  /** A block, if a whole one is there. The same array each time. */
  take(): Int16Array | undefined;
  clear(): void;
}

const blocks = 3;

export function createLegBuffer(blockSamples: number): LegBuffer {
  const held = new Int16Array(blockSamples * blocks);
  const block = new Int16Array(blockSamples);
  let size = 0;
  return {
    write(samples) {
      const fitting = samples.subarray(0, held.length - size);
      held.set(fitting, size);
      size += fitting.length;
    },
    take() {
      if (size < blockSamples) return undefined;
      block.set(held.subarray(0, blockSamples));
      held.copyWithin(0, blockSamples, size);
      size -= blockSamples;
      return block;
    },
    clear() {
      size = 0;
    },
  };
}
