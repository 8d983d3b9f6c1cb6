/** What all timers are made of (RFC 3261 §17.1.1.1), in milliseconds. */
export interface SipTimers {
  /** Estimate of the round trip. Default 500. */
  readonly t1Ms: number;
  /** Longest interval between repetitions of a non-INVITE request and of a response to INVITE. Default 4000. */
  readonly t2Ms: number;
  /** How long a message stays in the network. Default 5000. */
  readonly t4Ms: number;
}

export const defaultSipTimers: SipTimers = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** Timers that make a transaction do something and go on. `100`: RFC 4320 §4.1. */
export type ActTimer = "A" | "E" | "G" | "100";

/** Timers that end a transaction's state. */
export type EndTimer = "B" | "D" | "F" | "H" | "I" | "J" | "K" | "L" | "M";

export type TimerName = ActTimer | EndTimer;

/**
 * What each timer starts with, in milliseconds: RFC 3261 table 4, for one kind of transport. Undefined: it is not started;
 * 0: its state is left at once.
 */
export type TimerTable = Readonly<Record<ActTimer, number | undefined>> &
  Readonly<Record<EndTimer, number>> & { readonly t2Ms: number };

/** @param reliable the transport loses and repeats nothing */
export function timerTable({ t1Ms, t2Ms, t4Ms }: SipTimers, reliable: boolean): TimerTable {
  const lifetimeMs = 64 * t1Ms;
  return {
    A: reliable ? undefined : t1Ms,
    B: lifetimeMs,
    // "at least 32 seconds": it outlasts timer H of a server whose T1 is not known (§17.1.1.2)
    D: reliable ? 0 : Math.max(32_000, lifetimeMs),
    E: reliable ? undefined : t1Ms,
    F: lifetimeMs,
    G: reliable ? undefined : t1Ms,
    H: lifetimeMs,
    I: reliable ? 0 : t4Ms,
    J: reliable ? 0 : lifetimeMs,
    K: reliable ? 0 : t4Ms,
    // RFC 6026 §7: 2xx are repeated end to end, whatever the transport
    L: lifetimeMs,
    M: lifetimeMs,
    "100": untilT2(t1Ms, t2Ms),
    t2Ms,
  };
}

/** "The amount of time it takes a client transaction's Timer E to be reset to T2" (RFC 4320 §4.1): 3.5 s by default. */
function untilT2(t1Ms: number, t2Ms: number): number {
  let sumMs = 0;
  for (let intervalMs = t1Ms; intervalMs < t2Ms; intervalMs *= 2) sumMs += intervalMs;
  return Math.max(sumMs, t1Ms);
}

/** The interval after one of `lastMs`; undefined: it fires once only. */
export function nextIntervalMs(name: ActTimer, lastMs: number, table: TimerTable): number | undefined {
  switch (name) {
    // "MUST reset the timer with a value of 2*T1 ... doubles with each" (§17.1.1.2): no bound but timer B
    case "A":
      return 2 * lastMs;
    // "MIN(2*T1, T2)" (§17.1.2.2, §17.2.1)
    case "E":
    case "G":
      return Math.min(2 * lastMs, table.t2Ms);
    case "100":
      return undefined;
  }
}
