/**
 * In-band key detection by the Goertzel algorithm: windows of 102 samples at 8 kHz, one every 34 samples, so that the
 * length of a tone is known to about 4 ms: 50 ms is a key, 30 ms is not (spec/media.md §8).
 */

/** A key that was heard. */
export interface DetectedDigit {
  /** 0–9, A–D, * or #. */
  readonly digit: string;
  /** First sample of the tone, counted from the first sample fed; right to about ±50. */
  readonly startSample: number;
  /** One past the last sample of the tone; undefined while it lasts. */
  readonly endSample: number | undefined;
}

/** Settings of a detector; the defaults suit calls. */
export interface DtmfDetectorOptions {
  /** Lowest level of a key, as RMS of the window. Default 200 (about −38 dBm0). */
  minRms?: number;
}

/** Finds keys in a stream of samples at 8 kHz. */
export interface DtmfDetector {
  /**
   * Takes samples and gives what became known by them: each key once when it is accepted (about 45 ms after its start,
   * `endSample` undefined) and once when it has ended.
   */
  feed(samples: Int16Array): DetectedDigit[];
}

const WINDOW = 102;
const HOP = 34;
/** Windows in a row that make a key: 40 ms of tone give 6 to 8, 50 ms at least 9, 30 ms at most 6. */
const ACCEPT_WINDOWS = 8;
/** Windows in a row without the key that end it; less is a drop-out within it. */
const END_WINDOWS = 4;
/** Share of the window's energy that the two tones must have together. Speech spreads its energy. */
const MIN_SHARE = 0.72;
/** Twist: how much stronger one tone may be than the other: 8 dB for the low one, 8 dB for the high one. */
const MAX_TWIST = 6.3;
/** How much stronger a tone must be than the next of its group. */
const MIN_LEAD = 4;
/** How much of a window that begins or ends a tone is outside of it, on average. */
const EDGE = 22;

const LOW_HZ = [697, 770, 852, 941];
const HIGH_HZ = [1209, 1336, 1477, 1633];
const KEYS = ["123A", "456B", "789C", "*0#D"];
const COEFFICIENTS: Float64Array = Float64Array.from(
  [...LOW_HZ, ...HIGH_HZ],
  (hz) => 2 * Math.cos((2 * Math.PI * hz) / 8000),
);

class Detector implements DtmfDetector {
  readonly #minEnergy: number;
  readonly #window = new Float64Array(WINDOW);
  readonly #power = new Float64Array(8);
  #filled = 0;
  /** Index of the sample after the window's last. */
  #position = 0;
  #candidate = "";
  #run = 0;
  #runStart = 0;
  #digit = "";
  #digitStart = 0;
  #lastSeenEnd = 0;
  #misses = 0;

  constructor(minRms: number) {
    this.#minEnergy = minRms * minRms * WINDOW;
  }

  feed(samples: Int16Array): DetectedDigit[] {
    const found: DetectedDigit[] = [];
    for (let at = 0; at < samples.length; ) {
      const take = Math.min(WINDOW - this.#filled, samples.length - at);
      for (let i = 0; i < take; i++) this.#window[this.#filled + i] = samples[at + i] ?? 0;
      at += take;
      this.#filled += take;
      this.#position += take;
      if (this.#filled < WINDOW) break;
      this.#judge(this.#classify(), found);
      this.#window.copyWithin(0, HOP);
      this.#filled = WINDOW - HOP;
    }
    return found;
  }

  /** The key in the window, or the empty string. */
  #classify(): string {
    const window = this.#window;
    let energy = 0;
    for (let i = 0; i < WINDOW; i++) energy += (window[i] ?? 0) ** 2;
    if (energy < this.#minEnergy) return "";
    for (let k = 0; k < 8; k++) {
      const coefficient = COEFFICIENTS[k] ?? 0;
      let s1 = 0;
      let s2 = 0;
      for (let i = 0; i < WINDOW; i++) {
        const s0 = (window[i] ?? 0) + coefficient * s1 - s2;
        s2 = s1;
        s1 = s0;
      }
      this.#power[k] = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
    }
    const low = this.#strongest(0);
    const high = this.#strongest(4);
    if (low < 0 || high < 0) return "";
    const lowPower = this.#power[low] ?? 0;
    const highPower = this.#power[high] ?? 0;
    if (lowPower > highPower * MAX_TWIST || highPower > lowPower * MAX_TWIST) return "";
    // A pure pair has power = energy · WINDOW / 2.
    if (lowPower + highPower < (MIN_SHARE * energy * WINDOW) / 2) return "";
    return KEYS[low]?.[high - 4] ?? "";
  }

  /** The strongest of four frequencies, or −1 if another is near it. */
  #strongest(first: number): number {
    let best = first;
    for (let k = first + 1; k < first + 4; k++) {
      if ((this.#power[k] ?? 0) > (this.#power[best] ?? 0)) best = k;
    }
    for (let k = first; k < first + 4; k++) {
      if (k !== best && (this.#power[k] ?? 0) * MIN_LEAD > (this.#power[best] ?? 0)) return -1;
    }
    return best;
  }

  #judge(key: string, found: DetectedDigit[]): void {
    const windowStart = this.#position - WINDOW;
    if (key === "" || key !== this.#candidate) {
      this.#candidate = key;
      this.#run = 0;
      this.#runStart = windowStart;
    }
    if (key !== "") this.#run++;

    if (this.#digit !== "") {
      if (key === this.#digit) {
        this.#misses = 0;
        this.#lastSeenEnd = this.#position;
      } else if (++this.#misses >= END_WINDOWS || (this.#run >= ACCEPT_WINDOWS && key !== "")) {
        found.push({
          digit: this.#digit,
          startSample: this.#digitStart,
          endSample: this.#lastSeenEnd - EDGE,
        });
        this.#digit = "";
      }
    }
    if (this.#digit === "" && key !== "" && this.#run >= ACCEPT_WINDOWS) {
      this.#digit = key;
      this.#digitStart = Math.max(0, this.#runStart + EDGE);
      this.#lastSeenEnd = this.#position;
      this.#misses = 0;
      found.push({ digit: key, startSample: this.#digitStart, endSample: undefined });
    }
  }
}

/** Makes a detector for one stream of slin 8000. */
export function createDtmfDetector(options: DtmfDetectorOptions = {}): DtmfDetector {
  return new Detector(options.minRms ?? 200);
}

/** All keys of a whole recording at 8 kHz, in order; the last one may lack its end. */
export function detectDigits(samples: Int16Array, options: DtmfDetectorOptions = {}): DetectedDigit[] {
  const digits: DetectedDigit[] = [];
  for (const digit of createDtmfDetector(options).feed(samples)) {
    if (digit.endSample !== undefined) digits.pop();
    digits.push(digit);
  }
  return digits;
}
