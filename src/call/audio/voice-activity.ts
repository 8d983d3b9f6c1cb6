/** What a {@link VoiceActivity} tells; times are on the scale of the frames' `atMs`, else milliseconds from the first frame. */
export type VoiceEvent =
  | { readonly kind: "speech-started"; readonly atMs: number }
  | { readonly kind: "speech-ended"; readonly atMs: number; readonly speechMs: number };

/** How to tell speech from noise. */
export interface VoiceActivityOptions {
  /** How far above the noise speech is, in decibels. Default 9. */
  readonly aboveNoiseDb?: number | undefined;
  /** What is fainter than this is never speech, in decibels below full scale. Default −48. */
  readonly minLevelDb?: number | undefined;
  /** Sound that is shorter is no speech: a click. Default 80. */
  readonly minSpeechMs?: number | undefined;
  /** Pauses up to so long are part of the speech. Default 400. */
  readonly hangoverMs?: number | undefined;
}

/** Tells speech from silence, frame by frame. Without a clock: the same frames give the same events. */
export interface VoiceActivity {
  /** Between `speech-started` and `speech-ended`. */
  readonly speaking: boolean;
  /** The noise it has learned, in decibels below full scale. */
  readonly noiseDb: number;
  /**
   * Takes the next 20 ms.
   * @param atMs of the frame's beginning; default: right after the frame before it.
   */
  push(samples: Int16Array, atMs?: number): VoiceEvent | undefined;
}

const frameMs = 20;
const fullScale = 32_768;
/** The quietest that noise is taken to be: below are the quantization steps of G.711. */
const quietestDb = -60;
/** Before it has listened for a second it believes no noise above this: it may be speech from the first frame on. */
const unknownNoiseDb = -30;
const learningFrames = 50;
/** The noise is the faintest there was within 3 s: between words nobody speaks. */
const binFrames = 25;
const bins = 6;
/** The faintest of many frames of noise is so much below its mean. */
const faintestBelowMeanDb = 1.5;
/** Speech that has begun goes on down to so much below what it takes to begin. */
const hysteresisDb = 3;
/** Gaps within the beginning of speech: a plosive. */
const startGapMs = 60;
/** Peaks up to this are silence that was made, not recorded: they tell nothing about the noise. A-law has no 0, but 8. */
const digitalPeak = 16;

/** Makes a detector of speech for one stream of 8 kHz. */
export function createVoiceActivity(options: VoiceActivityOptions = {}): VoiceActivity {
  const { aboveNoiseDb = 9, minLevelDb = -48, minSpeechMs = 80, hangoverMs = 400 } = options;
  let clockMs = 0;
  /** State of the high-pass, which takes hum and offset away. */
  let lastIn = 0;
  let lastOut = 0;
  const faintest: number[] = [];
  let binMin = Number.POSITIVE_INFINITY;
  let inBin = 0;
  let learned = 0;
  let noiseDb = quietestDb;

  let speaking = false;
  /** Of the speech, or of what may become it. */
  let startMs = Number.NaN;
  let activeMs = 0;
  let lastActiveEndMs = Number.NEGATIVE_INFINITY;

  const measure = (samples: Int16Array): { levelDb: number; made: boolean } => {
    let energy = 0;
    let peak = 0;
    for (const sample of samples) {
      lastOut = sample - lastIn + 0.9 * lastOut;
      lastIn = sample;
      energy += lastOut * lastOut;
      peak = Math.max(peak, Math.abs(sample));
    }
    const mean = energy / Math.max(1, samples.length);
    return { levelDb: 10 * Math.log10(mean / fullScale ** 2 + 1e-12), made: peak <= digitalPeak };
  };

  const learn = (levelDb: number): void => {
    learned++;
    binMin = Math.min(binMin, levelDb);
    const known = Math.min(binMin, ...faintest) + faintestBelowMeanDb;
    const believed = learned < learningFrames ? Math.min(known, unknownNoiseDb) : known;
    noiseDb = Math.max(quietestDb, believed);
    if (++inBin < binFrames) return;
    faintest.push(binMin);
    if (faintest.length > bins) faintest.shift();
    binMin = Number.POSITIVE_INFINITY;
    inBin = 0;
  };

  const becomesActive = (atMs: number): VoiceEvent | undefined => {
    if (!speaking && atMs - lastActiveEndMs > startGapMs) {
      startMs = atMs;
      activeMs = 0;
    }
    activeMs += frameMs;
    lastActiveEndMs = atMs + frameMs;
    if (speaking || activeMs < minSpeechMs) return undefined;
    speaking = true;
    return { kind: "speech-started", atMs: startMs };
  };

  return {
    get speaking() {
      return speaking;
    },
    get noiseDb() {
      return noiseDb;
    },
    push(samples, atMs = clockMs) {
      clockMs = atMs + frameMs;
      const { levelDb, made } = measure(samples);
      if (!made) learn(levelDb);
      const neededDb = Math.max(minLevelDb, noiseDb + aboveNoiseDb) - (speaking ? hysteresisDb : 0);
      if (levelDb >= neededDb) return becomesActive(atMs);
      if (!speaking || clockMs - lastActiveEndMs < hangoverMs) return undefined;
      speaking = false;
      return { kind: "speech-ended", atMs: lastActiveEndMs, speechMs: lastActiveEndMs - startMs };
    },
  };
}
