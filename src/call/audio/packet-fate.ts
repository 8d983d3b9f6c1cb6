import { YaytsError } from "../../base/index.ts";

/** How bad a network is. */
export interface NetworkConditions {
  /** Whole number: the same one gives the same losses and delays, packet by packet, each way. */
  readonly seed: number;
  /** Of packets that get lost, each way, 0…1. */
  readonly loss: number;
  /** Mean length of a loss, in packets, 1 or more; where more than half is lost, losses are longer than asked for. */
  readonly burst: number;
  /** Fixed, one way, in milliseconds. */
  readonly delayMs: number;
  /** Up to so much more, each packet anew: packets may overtake one another. */
  readonly jitterMs: number;
  /** `in`: nothing comes from the engine; `out`: nothing goes there. */
  readonly mute: "none" | "in" | "out";
}

/** What becomes of one packet. */
export interface PacketFate {
  readonly lost: boolean;
  readonly delayMs: number;
}

/** Longest delay that a packet can be given. */
const mostDelayMs = 5000;

/** Throws `bad-argument` for what is no such network. */
export function checkConditions({ seed, loss, burst, delayMs, jitterMs }: NetworkConditions): void {
  const check = (name: string, value: number, fits: boolean, takes: string): void => {
    if (!fits) throw new YaytsError("bad-argument", `${name} takes ${takes}, not ${String(value)}`);
  };
  check("seed", seed, Number.isSafeInteger(seed), "a whole number");
  check("loss", loss, loss >= 0 && loss <= 1, "a share from 0 to 1");
  check("burst", burst, burst >= 1 && burst <= 1000, "1 to 1000 packets");
  for (const [name, ms] of Object.entries({ delayMs, jitterMs }))
    check(name, ms, ms >= 0 && ms <= mostDelayMs, `0 to ${mostDelayMs} milliseconds`);
}

/**
 * What becomes of the packets of one direction, one after another. Losses come by a model of two states (Gilbert 1960): in the bad one
 * every packet is lost, in the good one none; how long the bad one lasts is `burst` on average, how often it comes follows from `loss`.
 * Each packet takes the same number of random values, so that the pattern of losses is the same whatever the delays.
 * @param salt tells the directions apart
 */
export function createPacketFates(
  { seed, loss, burst, delayMs, jitterMs }: NetworkConditions,
  salt: number,
): () => PacketFate {
  const random = createRandom(seed, salt);
  const toGood = loss === 0 ? 1 : Math.min(1 / burst, (1 - loss) / loss);
  const toBad = loss === 1 ? 1 : (loss * toGood) / (1 - loss);
  // As if it had been so for long.
  let lost = random() < loss;
  let first = true;
  return () => {
    const turn = random();
    if (!first) lost = lost ? turn >= toGood : turn < toBad;
    first = false;
    return { lost, delayMs: delayMs + jitterMs * random() };
  };
}

/** Evenly spread from 0 to 1, by a 32-bit mixing of a counter (the finalizer of MurmurHash3, two seeds in a row). */
function createRandom(seed: number, salt: number): () => number {
  const mix = (value: number): number => {
    let h = value | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  let state = mix(mix(seed % 2 ** 32) + Math.imul(salt + 1, 0x9e3779b9));
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}
