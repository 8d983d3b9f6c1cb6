/** What is known of a place in a {@link PlayoutRing}. */
const absent = 0;
const sound = 1;
const silent = 2;

/**
 * Sound by its place in time: a ring of units (samples of all channels, or frames of a codec that has frames), each known
 * to be there, not to be there (yet), or to be a silence that the sender meant. Positions count up for ever; the caller keeps them
 * within `capacity` of each other. What was read stays until it is overwritten: it is the history for concealment.
 */
export class PlayoutRing {
  readonly capacity: number;
  readonly #unitBytes: number;
  readonly #bytes: Uint8Array;
  readonly #state: Uint8Array;

  /** @param capacity in units, a power of 2. */
  constructor(capacity: number, unitBytes: number) {
    this.capacity = capacity;
    this.#unitBytes = unitBytes;
    this.#bytes = new Uint8Array(capacity * unitBytes);
    this.#state = new Uint8Array(capacity);
  }

  /** Puts `units` units of `payload`, from its unit `from` on, at `position`. */
  write(position: number, payload: Uint8Array, from: number, units: number): void {
    this.#copyIn(position, payload, from, units);
    this.#mark(position, units, sound);
  }

  /** Replaces bytes without a word on what is there: the history shall be what was heard. */
  rewrite(position: number, frame: Uint8Array, units: number): void {
    this.#copyIn(position, frame, 0, units);
  }

  /** Marks what is absent as meant to be silent. */
  markSilent(position: number, units: number): void {
    for (let i = 0; i < units; i++) {
      const at = this.#index(position + i);
      if (this.#state[at] === absent) this.#state[at] = silent;
    }
  }

  clear(position: number, units: number): void {
    this.#mark(position, units, absent);
  }

  clearAll(): void {
    this.#state.fill(absent);
  }

  /** How many of `units` units from `position` on are there without a break. */
  soundRun(position: number, units: number): number {
    let at = this.#index(position);
    const wrap = this.capacity;
    const state = this.#state;
    for (let i = 0; i < units; i++) {
      if (state[at] !== sound) return i;
      if (++at === wrap) at = 0;
    }
    return units;
  }

  /** How many of `units` units from `position` on are not there, absent or silent. */
  missingRun(position: number, units: number): number {
    for (let i = 0; i < units; i++) if (this.#state[this.#index(position + i)] === sound) return i;
    return units;
  }

  isSilent(position: number): boolean {
    return this.#state[this.#index(position)] === silent;
  }

  /** Copies `units` units from `position` on into `target`, from its unit `to` on. */
  read(position: number, units: number, target: Uint8Array, to: number): void {
    const at = this.#index(position);
    const first = Math.min(units, this.capacity - at);
    const unitBytes = this.#unitBytes;
    target.set(this.#bytes.subarray(at * unitBytes, (at + first) * unitBytes), to * unitBytes);
    if (first < units) {
      target.set(this.#bytes.subarray(0, (units - first) * unitBytes), (to + first) * unitBytes);
    }
  }

  #copyIn(position: number, payload: Uint8Array, from: number, units: number): void {
    const at = this.#index(position);
    const first = Math.min(units, this.capacity - at);
    const unitBytes = this.#unitBytes;
    const whole = from === 0 && first === units && payload.length === units * unitBytes;
    this.#bytes.set(
      whole ? payload : payload.subarray(from * unitBytes, (from + first) * unitBytes),
      at * unitBytes,
    );
    if (first < units) {
      this.#bytes.set(payload.subarray((from + first) * unitBytes, (from + units) * unitBytes), 0);
    }
  }

  #mark(position: number, units: number, value: number): void {
    const at = this.#index(position);
    this.#state.fill(value, at, Math.min(this.capacity, at + units));
    if (at + units > this.capacity) this.#state.fill(value, 0, at + units - this.capacity);
  }

  /** Positions outgrow 32 bits after days; a remainder of a power of 2 does not mind. */
  #index(position: number): number {
    return position & (this.capacity - 1);
  }
}
