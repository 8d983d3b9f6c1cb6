/** Packets that the estimate looks back on: 10 s of 20 ms packets. */
const windowPackets = 512;
/** Packets among which the fastest one tells how the network is now. */
const recentPackets = 10;
/** Packets that come closer together than this, and each less late, have been held back together. */
const jamMs = 2;
/** Share of packets that may be too late. */
const lateShare = 0.005;
/** The first packets count at once, later ones are looked at in lots. */
const eagerPackets = 100;

/**
 * The times that packets take, on a scale of its own zero: arrival by our clock less time of sending by the sender's. The
 * slowest of the recent ones tell how long the buffer must wait for a packet. A difference between the clocks moves all values
 * slowly, and so needs no care of its own.
 */
export class DelayEstimate {
  readonly #window = new Float64Array(windowPackets);
  readonly #sorted = new Float64Array(windowPackets);
  readonly #recent = new Float64Array(recentPackets).fill(Number.POSITIVE_INFINITY);
  #recentAt = 0;
  #lastArrival = Number.NEGATIVE_INFINITY;
  #lastDelay = 0;
  #count = 0;
  #at = 0;
  #untilSort = 1;
  #fastest = 0;
  #slowest = 0;

  /** @param arrivalMs of the packet. */
  add(delayMs: number, arrivalMs: number): void {
    this.#recent[this.#recentAt] = delayMs;
    this.#recentAt = (this.#recentAt + 1) % recentPackets;
    const jammed = arrivalMs - this.#lastArrival < jamMs && delayMs < this.#lastDelay;
    this.#lastArrival = arrivalMs;
    this.#lastDelay = delayMs;
    // What a jam has held back comes at once, each packet faster than the one before: one event, however many they are.
    if (jammed) return;
    this.#window[this.#at] = delayMs;
    this.#at = (this.#at + 1) % windowPackets;
    if (this.#count < windowPackets) this.#count++;
    if (--this.#untilSort <= 0) this.#sort();
  }

  /** Looks again at the next packet: something was too late. */
  hurry(): void {
    this.#untilSort = 0;
  }

  /** The fastest packet of the last 10 s. */
  get fastestMs(): number {
    return this.#fastest;
  }

  /** The slowest packet of the last 10 s, but for the few that may be late. */
  get slowestMs(): number {
    return this.#slowest;
  }

  /** The fastest packet of the last few: what the network is like after a change. */
  get recentMs(): number {
    let fastest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < recentPackets; i++) fastest = Math.min(fastest, this.#recent[i] ?? 0);
    return fastest;
  }

  reset(): void {
    this.#recent.fill(Number.POSITIVE_INFINITY);
    this.#lastArrival = Number.NEGATIVE_INFINITY;
    this.#count = 0;
    this.#at = 0;
    this.#untilSort = 1;
  }

  #sort(): void {
    const count = this.#count;
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#window.subarray(0, count));
    sorted.sort();
    this.#fastest = sorted[0] ?? 0;
    this.#slowest = sorted[count - 1 - Math.floor(count * lateShare)] ?? 0;
    this.#untilSort = count < eagerPackets ? 5 : 50;
  }
}
