/**
 * What has come and is not played yet. It keeps as little as the way here allows: a margin for the latest frames, which grows
 * when one came too late and shrinks again while none does. Two clocks that run apart show as a margin that drifts; it is mended
 * where nobody hears it, in silence.
 */
export interface PlayoutBuffer {
  /** @param contiguous whether it goes on just where the samples before it ended; otherwise the sender left something out */
  push(samples: Int16Array, contiguous: boolean): void;
  /** Fills the block; what is not there becomes silence, without a click. */
  pull(into: Float32Array): void;
  /** Forgets what is waiting. */
  clear(): void;
  readonly depthMs: number;
  readonly figures: PlayoutFigures;
}

/** Since the beginning. */
export interface PlayoutFigures {
  /** Times that sound was late and a hole was heard. */
  readonly late: number;
  /** Taken out and put in to stay in time. */
  readonly droppedMs: number;
  readonly addedMs: number;
  readonly marginMs: number;
}

const firstMarginMs = 20;
const leastMarginMs = 10;
const mostMarginMs = 100;
/** More than this over the margin is too much to wait for a silence. */
const farTooMuchMs = 60;
const mostMs = 1000;
/** Sound that goes on so soon after the buffer ran dry was late; after more, or with a gap, there was nothing to play. */
const lateWithinMs = 300;
const windowMs = 500;
const calmMs = 3000;
/** Peak of a block in which a change of its length is not heard: 46 dB under full. */
const silence = 164;

export function createPlayoutBuffer(rateHz: number): PlayoutBuffer {
  const perMs = rateHz / 1000;
  const ring = new Float32Array(Math.ceil(mostMs * perMs));
  const fade = Math.round(2 * perMs);
  let head = 0;
  let count = 0;
  let playing = false;
  /** The last sample that was played: a hole begins by letting it die away. */
  let last = 0;
  let marginMs = firstMarginMs;
  let dryMs = Number.POSITIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let windowLeft = windowMs * perMs;
  let calm = 0;
  /** Samples to take out (positive) or to put in (negative) at the next silence. */
  let debt = 0;
  let late = 0;
  let dropped = 0;
  let added = 0;

  const write = (value: number): void => {
    if (count === ring.length) {
      head = (head + 1) % ring.length;
      count--;
      dropped++;
    }
    ring[(head + count++) % ring.length] = value;
  };

  const begin = (contiguous: boolean): void => {
    if (contiguous && dryMs < lateWithinMs) {
      late++;
      marginMs = Math.min(mostMarginMs, marginMs + 10);
      calm = 0;
    }
    playing = true;
    low = Number.POSITIVE_INFINITY;
    windowLeft = windowMs * perMs;
    debt = 0;
    for (let i = 0; i < marginMs * perMs; i++) write(0);
  };

  /** Twice a second: what was always there and more than the margin is delay for nothing. */
  const judge = (): void => {
    const over = low - marginMs * perMs;
    debt = 0;
    if (over > 8 * perMs) debt = Math.round(over - 2 * perMs);
    else if (over < -marginMs * perMs * 0.6) debt = -Math.round(5 * perMs);
    low = Number.POSITIVE_INFINITY;
    windowLeft = windowMs * perMs;
    if (debt > farTooMuchMs * perMs) skip(debt);
  };

  /** Takes samples out at once, and hides the seam by fading from what would have come. */
  const skip = (samples: number): void => {
    const take = Math.min(samples, count - fade);
    if (take <= 0) return;
    for (let i = 0; i < fade; i++) {
      const before = ring[(head + i) % ring.length] ?? 0;
      const at = (head + take + i) % ring.length;
      ring[at] = before + ((ring[at] ?? 0) - before) * (i / fade);
    }
    head = (head + take) % ring.length;
    count -= take;
    dropped += take;
    debt = 0;
  };

  return {
    push(samples, contiguous) {
      const fresh = !playing;
      if (fresh) begin(contiguous);
      let length = samples.length;
      if (debt !== 0 && peak(samples) < silence) {
        if (debt > 0) {
          const take = Math.min(debt, length);
          length -= take;
          debt -= take;
          dropped += take;
        } else {
          for (let i = 0; i < -debt; i++) write((samples[0] ?? 0) / 32_768);
          added -= debt;
          debt = 0;
        }
      }
      const fadeIn = fresh || !contiguous;
      for (let i = 0; i < length; i++) {
        const value = (samples[i] ?? 0) / 32_768;
        write(fadeIn && i < fade ? value * (i / fade) : value);
      }
    },

    pull(into) {
      const take = playing ? Math.min(count, into.length) : 0;
      for (let i = 0; i < take; i++) into[i] = ring[(head + i) % ring.length] ?? 0;
      head = (head + take) % ring.length;
      count -= take;
      if (take > 0) last = into[take - 1] ?? 0;
      if (take < into.length) {
        if (playing) {
          playing = false;
          dryMs = 0;
        }
        // To a hundredth within 4 ms.
        const decay = 0.01 ** (1 / (4 * perMs));
        for (let i = take; i < into.length; i++) {
          last = Math.abs(last) < 1e-4 ? 0 : last * decay;
          into[i] = last;
        }
        dryMs += (into.length - take) / perMs;
        return;
      }
      low = Math.min(low, count);
      windowLeft -= into.length;
      calm += into.length;
      if (calm > calmMs * perMs) {
        calm = 0;
        marginMs = Math.max(leastMarginMs, marginMs - 2);
      }
      if (windowLeft <= 0) judge();
    },

    clear() {
      head = 0;
      count = 0;
      playing = false;
      dryMs = Number.POSITIVE_INFINITY;
    },

    get depthMs() {
      return count / perMs;
    },
    get figures() {
      return { late, droppedMs: dropped / perMs, addedMs: added / perMs, marginMs };
    },
  };
}

function peak(samples: Int16Array): number {
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most;
}
