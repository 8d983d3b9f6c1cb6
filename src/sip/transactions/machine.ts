import type { ActTimer, EndTimer, TimerName } from "./timers.ts";

/** What follows from an input: the state to be in, then what to do, in order. */
export interface Step<State, Action> {
  readonly next: State;
  readonly actions: readonly Action[];
}

/** What runs in a state. A timer that the next state has too runs on. */
export interface StateTimers {
  readonly act?: ActTimer;
  /** The interval of `act` is T2, once the one that runs is over. */
  readonly steady?: boolean;
  readonly end?: EndTimer;
  /** The outcome is known to the user; only repetitions are waited for. */
  readonly lingers?: boolean;
}

export type TimerInput = `timer ${TimerName}`;

/**
 * One of the four state machines of RFC 3261 §17, as RFC 6026 and RFC 4320 have amended them: pure functions, without time and
 * without messages. What tells the user stands last in the actions, since the user may come back with the next input.
 */
export interface Machine<State extends string, Input extends string, Action extends string> {
  readonly initial: State;
  readonly timers: Readonly<Record<State, StateTimers>>;
  step(state: State, input: Input | TimerInput): Step<State | "terminated", Action>;
}

/** A step made once, for all transactions. */
export function step<State, Action>(next: State, ...actions: Action[]): Step<State, Action> {
  return { next, actions };
}

/** Responses that came: 1xx, 2xx, 300 to 699. `refused`: a message could not be sent; `lost`: nor can any other be. */
export type ClientInput = "1xx" | "2xx" | "300-699" | "refused" | "lost" | "cancel in vain";

export type ClientAction =
  | "send request"
  | "send ACK"
  | "tell response"
  | "tell stray response"
  | "tell timeout"
  | "tell transport error";

/** Responses that the user gives, and what comes from the network: the request again, the ACK. */
export type ServerInput =
  | "respond 1xx"
  | "respond 2xx"
  | "respond 300-699"
  | "request"
  | "ACK"
  | "refused"
  | "lost";

/** `send response`: the one given now; `repeat response`: the last one, if there is one. */
export type ServerAction = "send response" | "repeat response" | "send 100" | "tell ACK" | "tell failure";
