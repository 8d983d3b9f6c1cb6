/**
 * The mixing core of a conference (spec/media.md §7): each leg hears the saturated sum of the others, 20 ms at a time.
 * Buffering, rooms and notifications are the engine's.
 */

/** What a leg may do. */
export interface MixerLegOptions {
  /** May talk. Default true. */
  voice?: boolean;
  /** Is mixed only while louder than its own background noise. Default true. */
  smart?: boolean;
  /** Hears itself too. Default false. */
  echo?: boolean;
}

/** One participant. */
export interface MixerLeg {
  voice: boolean;
  smart: boolean;
  echo: boolean;
  /** The caller's switch: a muted leg hears but is not heard. */
  muted: boolean;
  /** Mean magnitude of the last blocks (0…32767), fast to rise and slow to fall: the speaker's energy. */
  readonly energy: number;
  /** Estimated mean magnitude of the background. */
  readonly noise: number;
  /** Whether the last block was mixed. */
  readonly speaking: boolean;
  /**
   * Gives the leg's samples for the next tick. Read during the tick, so leave them until then. Missing samples of a short
   * block are silence, surplus ones are ignored; a second call before the tick replaces the first.
   */
  write(block: Int16Array): void;
  /** What the leg heard in the last tick. The same array each time: copy what must last. */
  readonly heard: Int16Array;
  /** Takes the leg out of the mix. Idempotent. */
  remove(): void;
}

/** A conference mix. */
export interface Mixer {
  readonly blockSamples: number;
  readonly legs: ReadonlySet<MixerLeg>;
  addLeg(options?: MixerLegOptions): MixerLeg;
  /** Mixes one block: takes what was written since the last tick, fills {@link MixerLeg.heard}. */
  tick(): void;
  /** The legs that speak, loudest first, at most `count`. */
  speakers(count: number): MixerLeg[];
}

/** Below this mean magnitude a block is never speech; also where the noise estimate begins. */
const NOISE_FLOOR = 32;
const NOISE_CEILING = 1024;
/** A block this many times louder than the background is speech. */
const SPEECH_RATIO = 2;
/** Ticks for which a leg stays in the mix after its last loud block, so that word ends are not cut: 200 ms. */
const HANGOVER_TICKS = 10;

class Leg implements MixerLeg {
  voice: boolean;
  smart: boolean;
  echo: boolean;
  muted = false;
  energy = 0;
  noise = NOISE_FLOOR;
  speaking = false;
  readonly heard: Int16Array;
  #input: Int16Array | undefined;
  /** The block that is in the mix of this tick. */
  mixed: Int16Array | undefined;
  #hangover = 0;
  readonly #legs: Set<Leg>;

  constructor(legs: Set<Leg>, blockSamples: number, options: MixerLegOptions) {
    this.#legs = legs;
    this.heard = new Int16Array(blockSamples);
    this.voice = options.voice ?? true;
    this.smart = options.smart ?? true;
    this.echo = options.echo ?? false;
    legs.add(this);
  }

  write(block: Int16Array): void {
    this.#input = block;
  }

  remove(): void {
    this.#legs.delete(this);
  }

  /** Takes the written block, measures it and decides whether it is mixed. */
  take(blockSamples: number): void {
    const block = this.#input;
    this.#input = undefined;
    this.mixed = undefined;
    const heardByOthers = block !== undefined && this.voice && !this.muted;
    const level = heardByOthers ? meanMagnitude(block, blockSamples) : 0;
    this.energy = level > this.energy ? (level + this.energy) / 2 : this.energy * 0.9 + level * 0.1;
    if (!heardByOthers) {
      this.#hangover = 0;
      this.speaking = false;
      return;
    }
    const loud = level > NOISE_FLOOR && level >= this.noise * SPEECH_RATIO;
    if (loud) this.#hangover = HANGOVER_TICKS;
    else if (this.#hangover > 0) this.#hangover--;
    // The background estimate falls at once towards a quieter block and creeps up, by half in about five seconds.
    if (level < this.noise) this.noise = Math.max(NOISE_FLOOR, this.noise * 0.8 + level * 0.2);
    else this.noise = Math.min(NOISE_CEILING, this.noise * 1.0016);
    this.speaking = this.#hangover > 0;
    if (this.speaking || !this.smart) this.mixed = block;
  }
}

function meanMagnitude(block: Int16Array, blockSamples: number): number {
  const count = Math.min(block.length, blockSamples);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.abs(block[i] ?? 0);
  return sum / blockSamples;
}

/**
 * Makes an empty mix.
 * @param blockSamples samples of a tick: 160 for 20 ms at 8 kHz.
 */
export function createMixer(blockSamples = 160): Mixer {
  const legs = new Set<Leg>();
  const sum = new Int32Array(blockSamples);
  const everybody = new Int16Array(blockSamples);
  return {
    blockSamples,
    legs,
    addLeg(options: MixerLegOptions = {}): MixerLeg {
      return new Leg(legs, blockSamples, options);
    },
    tick(): void {
      sum.fill(0);
      for (const leg of legs) {
        leg.take(blockSamples);
        const block = leg.mixed;
        if (!block) continue;
        const count = Math.min(block.length, blockSamples);
        for (let i = 0; i < count; i++) sum[i] = (sum[i] ?? 0) + (block[i] ?? 0);
      }
      // Who does not speak hears the same as everybody else who does not.
      for (let i = 0; i < blockSamples; i++) {
        const total = sum[i] ?? 0;
        everybody[i] = total > 32767 ? 32767 : Math.max(total, -32767);
      }
      for (const leg of legs) {
        const own = leg.echo ? undefined : leg.mixed;
        const heard = leg.heard;
        heard.set(everybody);
        if (!own) continue;
        const count = Math.min(own.length, blockSamples);
        for (let i = 0; i < count; i++) {
          const others = (sum[i] ?? 0) - (own[i] ?? 0);
          heard[i] = others > 32767 ? 32767 : Math.max(others, -32767);
        }
      }
    },
    speakers(count: number): MixerLeg[] {
      return [...legs]
        .filter((leg) => leg.speaking)
        .sort((a, b) => b.energy - a.energy)
        .slice(0, count);
    },
  };
}
