/** Samples that were used lately. */
export interface SampleMemory {
  get(key: string): Int16Array | undefined;
  /** Keeps samples, unless they alone take more than a quarter of the limit. */
  set(key: string, samples: Int16Array): void;
}

/** @param maxBytes over it those not used for longest are forgotten */
export function createSampleMemory(maxBytes: number): SampleMemory {
  const kept = new Map<string, Int16Array>();
  let bytes = 0;
  return {
    get(key) {
      const samples = kept.get(key);
      if (samples) {
        kept.delete(key);
        kept.set(key, samples);
      }
      return samples;
    },
    set(key, samples) {
      if (samples.byteLength > maxBytes / 4) return;
      bytes += samples.byteLength - (kept.get(key)?.byteLength ?? 0);
      kept.delete(key);
      kept.set(key, samples);
      for (const [oldest, { byteLength }] of kept) {
        if (bytes <= maxBytes) break;
        kept.delete(oldest);
        bytes -= byteLength;
      }
    },
  };
}
