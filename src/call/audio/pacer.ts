import type { Clock, Timer } from "../../base/index.ts";
import { frameMs } from "./audio.ts";

/** Who lives by the beat. Neither function may throw. */
export interface Paced {
  /**
   * A beat begins: take what came.
   * @param beatMs when it was due, by the clock's `monotonicMs`; beats are exactly 20 ms apart
   * @param missed beats left out before it, after a stall
   */
  hear(beatMs: number, missed: number): void;
  /** What `hear` woke has had its turn: send. */
  speak(beatMs: number): void;
}

/** The one beat of all attachments on a clock. */
export interface Pacer {
  /** Calls the member on every beat until the function returned is called. */
  join(member: Paced): () => void;
  readonly members: number;
}

/** Members are spread over so many lanes, 5 ms apart, so that a hundred streams are not one burst of packets. */
const laneCount = 4;
const laneMs = frameMs / laneCount;
/** Most beats made up for after a stall. */
const maxCatchUp = 3;
/** Timers of whole milliseconds may fire a little early. */
const earlyMs = 1;

const pacers = new WeakMap<Clock, Pacer>();

/** The pacer of a clock: one for the whole process, which ticks only while it has members. */
export function pacerOf(clock: Clock): Pacer {
  const known = pacers.get(clock);
  if (known) return known;
  const lanes = Array.from({ length: laneCount }, (_, i) => new Lane(clock, i * laneMs));
  const made: Pacer = {
    join(member) {
      const lane = lanes.reduce((least, other) => (other.size < least.size ? other : least));
      return lane.join(member);
    },
    get members() {
      return lanes.reduce((sum, { size }) => sum + size, 0);
    },
  };
  pacers.set(clock, made);
  return made;
}

/** Beats are due at whole multiples of 20 ms and the lane's offset, so errors of single timers do not add up. */
class Lane {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  readonly #members: Set<Paced> = new Set();
  #timer: Timer | undefined;
  #dueMs = Number.NEGATIVE_INFINITY;
  /** Counts the times it was stopped: what was on its way then is of no use. */
  #era = 0;

  constructor(clock: Clock, offsetMs: number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  get size(): number {
    return this.#members.size;
  }

  join(member: Paced): () => void {
    this.#members.add(member);
    if (this.#members.size === 1) {
      const sinceMs = this.#clock.monotonicMs() - this.#offsetMs;
      // After a pause of no members no beat comes twice.
      this.#dueMs = Math.max(this.#dueMs, Math.ceil(sinceMs / frameMs) * frameMs + this.#offsetMs);
      this.#schedule();
    }
    return () => {
      if (!this.#members.delete(member) || this.#members.size > 0) return;
      this.#timer?.cancel();
      this.#era++;
    };
  }

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#dueMs - this.#clock.monotonicMs(), () => this.#run());
  }

  /** Calls `fn` when what waits to be read was read, and continuations have run; not if the lane has stopped meanwhile. */
  #afterTurn(fn: () => void): void {
    const era = this.#era;
    this.#clock.turn(() => {
      if (era === this.#era) fn();
    });
  }

  #run(): void {
    const behindMs = this.#clock.monotonicMs() - this.#dueMs;
    if (behindMs < -earlyMs) this.#schedule();
    else if (behindMs < frameMs) this.#beat();
    // The process was busy. What came meanwhile is to be read before the beats that want it.
    else this.#afterTurn(() => this.#beat());
  }

  #beat(): void {
    const behindMs = this.#clock.monotonicMs() - this.#dueMs;
    const due = Math.max(1, Math.floor((behindMs + earlyMs) / frameMs) + 1);
    const missed = Math.max(0, due - maxCatchUp);
    const first = this.#dueMs + missed * frameMs;
    const beats = Array.from({ length: due - missed }, (_, i) => first + i * frameMs);
    this.#dueMs += due * frameMs;
    for (const [i, beatMs] of beats.entries())
      this.#tell((member) => member.hear(beatMs, i === 0 ? missed : 0));
    if (this.#members.size === 0) return;
    // Loops over frames are woken by now: what they write for this beat goes out with it.
    this.#afterTurn(() => {
      for (const beatMs of beats) this.#tell((member) => member.speak(beatMs));
    });
    this.#schedule();
  }

  /** Those who leave meanwhile are spared. */
  #tell(fn: (member: Paced) => void): void {
    for (const member of [...this.#members]) if (this.#members.has(member)) fn(member);
  }
}
