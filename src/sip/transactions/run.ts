import type { Clock, Timer } from "../../base/index.ts";
import type { Machine, TimerInput } from "./machine.ts";
import { type ActTimer, type EndTimer, nextIntervalMs, type TimerTable } from "./timers.ts";

/** Who a run does its work for. */
export interface RunOwner<Action> {
  perform(action: Action): void;
  /** Only repetitions are waited for from now on. */
  lingers(): void;
  /** Terminated: called before the actions of that step, once. */
  ended(): void;
}

/** A machine in a state, with the timers of that state. */
export class Run<State extends string, Input extends string, Action extends string> {
  readonly #machine: Machine<State, Input, Action>;
  readonly #clock: Clock;
  readonly #table: TimerTable;
  readonly #owner: RunOwner<Action>;
  #state: State | "terminated";
  #act: { name: ActTimer; timer: Timer | undefined } | undefined;
  #end: { name: EndTimer; timer: Timer } | undefined;

  constructor(
    machine: Machine<State, Input, Action>,
    clock: Clock,
    table: TimerTable,
    owner: RunOwner<Action>,
  ) {
    this.#machine = machine;
    this.#clock = clock;
    this.#table = table;
    this.#owner = owner;
    this.#state = machine.initial;
  }

  get state(): State | "terminated" {
    return this.#state;
  }

  /** Starts the timers of the first state, unless it has been left already. */
  start(): void {
    if (this.#state === this.#machine.initial) this.#setTimers(this.#machine.initial);
  }

  feed(input: Input | TimerInput): void {
    if (this.#state === "terminated") return;
    const before = this.#state;
    const { next, actions } = this.#machine.step(before, input);
    this.#setState(before, next);
    for (const action of actions) this.#owner.perform(action);
  }

  /** Ends it without a word. */
  stop(): void {
    if (this.#state !== "terminated") this.#setState(this.#state, "terminated");
  }

  #setState(before: State, next: State | "terminated"): void {
    if (next !== "terminated" && next !== before) {
      const end = this.#machine.timers[next].end;
      // a state of no duration is not entered: reliable transports
      if (end && this.#table[end] === 0) {
        this.#setState(before, this.#machine.step(next, `timer ${end}`).next);
        return;
      }
    }
    this.#state = next;
    if (next === "terminated") {
      this.#act?.timer?.cancel();
      this.#end?.timer.cancel();
      this.#act = this.#end = undefined;
      this.#owner.ended();
      return;
    }
    if (next === before) return;
    this.#setTimers(next);
    if (this.#machine.timers[next].lingers) this.#owner.lingers();
  }

  /** Those of the state that run already run on. */
  #setTimers(state: State): void {
    const { act, end, lingers } = this.#machine.timers[state];
    if (this.#act && this.#act.name !== act) {
      this.#act.timer?.cancel();
      this.#act = undefined;
    }
    const actMs = act && this.#table[act];
    if (!this.#act && act && actMs !== undefined) this.#startAct(act, actMs);
    if (this.#end?.name === end) return;
    this.#end?.timer.cancel();
    this.#end = end && {
      name: end,
      timer: this.#clock.after(this.#table[end], () => this.feed(`timer ${end}`), {
        background: lingers === true,
      }),
    };
  }

  #startAct(name: ActTimer, ms: number): void {
    const timer = this.#clock.after(ms, () => {
      if (this.#state === "terminated") return;
      const steady = this.#machine.timers[this.#state].steady;
      const againMs = steady ? this.#table.t2Ms : nextIntervalMs(name, ms, this.#table);
      if (againMs === undefined) this.#act = { name, timer: undefined };
      else this.#startAct(name, againMs);
      this.feed(`timer ${name}`);
    });
    this.#act = { name, timer };
  }
}
