import { dtmfFrequencies } from "../../media/index.ts";

const rateHz = 8000;
/** Peak of a sine of 0 dBm0 in linear samples: G.711 overloads at +3.14 dBm0. */
const peakOf0dBm0 = 32_768 * 10 ** (-3.14 / 20);
/** Levels of the two tones as telephones send them: the high one 2 dB above the low one (ITU-T Q.23, ETSI ES 201 235-2). */
const lowDbm0 = -9;
const highDbm0 = -7;
/** Rise and fall, so that nothing clicks. */
const rampMs = 2;
/** Silence after each, which detectors want to tell two of the same key apart (ITU-T Q.24: 40 ms at least). */
const gapMs = 60;

/** The two tones of a key, then a pause: linear samples at 8 kHz. Undefined for what is no key. */
export function keyTones(key: string, onMs: number): Int16Array | undefined {
  const pair = dtmfFrequencies[key.toUpperCase()];
  if (!pair) return undefined;
  const count = Math.round((onMs * rateHz) / 1000);
  const ramp = (rampMs * rateHz) / 1000;
  const samples = new Int16Array(count + (gapMs * rateHz) / 1000);
  const [low, high] = [amplitude(lowDbm0), amplitude(highDbm0)];
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / rateHz;
    const edge = Math.min(1, (i + 1) / ramp, (count - i) / ramp);
    samples[i] = Math.round(edge * (low * Math.sin(pair[0] * angle) + high * Math.sin(pair[1] * angle)));
  }
  return samples;
}

function amplitude(dbm0: number): number {
  return peakOf0dBm0 * 10 ** (dbm0 / 20);
}
