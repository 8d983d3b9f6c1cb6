/** Bytes of A-law in a millisecond. */
export const bytesPerMs = 8;
/** What comes later than it should by less than this is late by chance, not after a pause. */
const slackMs = 40;
/** Sound that was held up comes in a burst, and has caught up after this; after a pause it stays late. */
const catchUpMs = 200;
/** Sound comes in blocks of this length, each when it begins. */
const blockMs = 20;
/** A-law's silence. */
const silentByte = 0xd5;

/** Sound in true time, and how far its pieces may be from where they belong. */
export interface PlacedSound {
  readonly sound: Uint8Array<ArrayBuffer>;
  readonly errorMs: number;
}

/**
 * When the bytes of a sound came. Sources tell nothing while they are silent, so that what they told says nothing of pauses; when it
 * came does.
 */
export class Arrivals {
  readonly #counts: number[] = [];
  readonly #atMs: number[] = [];
  readonly #sinceMs: number[] = [];

  get count(): number {
    return this.#counts.at(-1) ?? 0;
  }

  /**
   * @param count bytes until now
   * @param sinceMs after which the last of them came, for who looks only now and then. Default `atMs`
   */
  note(count: number, atMs: number, sinceMs: number = atMs): void {
    this.#counts.push(count);
    this.#atMs.push(atMs);
    this.#sinceMs.push(sinceMs);
  }

  /**
   * The sound with its pauses.
   * @param fromMs when it begins
   * @param maxMs its greatest length
   */
  place(bytes: Uint8Array, fromMs: number, maxMs: number): PlacedSound {
    /** Pauses until now. */
    let pausesMs = 0;
    let errorMs = 0;
    const pieces = [{ from: 0, pausesMs }];
    const lateMs = (i: number): number =>
      (this.#atMs[i] ?? 0) + blockMs - fromMs - pausesMs - (this.#counts[i] ?? 0) / bytesPerMs;
    for (const [i, atMs] of this.#atMs.entries()) {
      let late = lateMs(i);
      for (let j = i + 1; late > slackMs && (this.#atMs[j] ?? Infinity) <= atMs + catchUpMs; j++)
        late = Math.min(late, lateMs(j));
      if (Math.abs(late) <= slackMs) continue;
      pausesMs += late;
      errorMs = Math.max(errorMs, atMs - (this.#sinceMs[i] ?? atMs));
      pieces.push({ from: this.#counts[i - 1] ?? 0, pausesMs });
    }
    const placeOf = (at: number, pauses: number): number => Math.max(0, at + Math.round(pauses * bytesPerMs));
    const length = Math.min(placeOf(bytes.length, pausesMs), maxMs * bytesPerMs);
    const sound = new Uint8Array(length).fill(silentByte);
    for (const [i, piece] of pieces.entries()) {
      const place = placeOf(piece.from, piece.pausesMs);
      if (place >= length) continue;
      const upTo = Math.min(pieces[i + 1]?.from ?? bytes.length, piece.from + length - place);
      sound.set(bytes.subarray(piece.from, upTo), place);
    }
    return { sound, errorMs };
  }
}
