/** Finds one steady tone in a stream of samples at 8 kHz. */
export interface SingleToneDetector {
  /** True when the tone has now been there for long enough; again only after it has been away. */
  feed(samples: Int16Array): boolean;
}

/** 10 ms: wide enough for the 38 Hz by which a fax may be off (ITU-T T.30 §4), narrow enough to tell 2010 from 2100 Hz. */
const windowSamples = 80;
/** 300 ms of tone; a fax calls with 500 ms of it. */
const acceptWindows = 30;
/** Share of the sound's energy that the tone must have. */
const minShare = 0.5;
/** As RMS, about −38 dBm0. */
const minLevel = 200;

/** By the Goertzel algorithm. */
export function createSingleToneDetector(hz: number): SingleToneDetector {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 8000);
  const window = new Float64Array(windowSamples);
  let filled = 0;
  let run = 0;

  const hasTone = (): boolean => {
    let energy = 0;
    let s1 = 0;
    let s2 = 0;
    for (let at = 0; at < windowSamples; at++) {
      const sample = window[at] ?? 0;
      energy += sample * sample;
      const s0 = sample + coefficient * s1 - s2;
      s2 = s1;
      s1 = s0;
    }
    // A pure tone has power = energy · window / 2.
    const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
    return energy >= minLevel * minLevel * windowSamples && power >= (minShare * energy * windowSamples) / 2;
  };

  return {
    feed(samples) {
      let found = false;
      for (let at = 0; at < samples.length; ) {
        const part = samples.subarray(at, at + windowSamples - filled);
        window.set(part, filled);
        at += part.length;
        filled += part.length;
        if (filled < windowSamples) break;
        filled = 0;
        run = hasTone() ? run + 1 : 0;
        if (run === acceptWindows) found = true;
      }
      return found;
    },
  };
}
