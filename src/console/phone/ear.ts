/** Hears what a line says and hears, 20 ms at a time. Never throws. */
export interface Ear {
  said(samples: Int16Array, rateHz: 8000 | 16_000): void;
  /** @param agoMs when it came from the engine: so long the playout buffer held it back */
  heard(samples: Int16Array, rateHz: 8000 | 16_000, agoMs: number): void;
}
