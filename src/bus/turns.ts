import type { Clock } from "../base/index.ts";

/** Hands events out one at a time, giving the app's continuations their turn where they are owed one. */
export interface Turns<E> {
  /** Takes an event; it is handed out at once unless a turn is owed or others wait. */
  push(event: E): void;
  /**
   * A wait of the app was just resolved: its continuation runs before the next event is handed out (design.md §4.2).
   * That costs one round of the event loop, and is paid only here.
   */
  owe(): void;
  /** Events held back. */
  readonly waiting: number;
  /** Called each time the last held event was handed out. */
  onIdle(fn: () => void): void;
  /** Forgets what is held back. */
  clear(): void;
}

/** @param deliver hands one event out; it must not throw */
export function createTurns<E>(clock: Clock, deliver: (event: E) => void): Turns<E> {
  let held: E[] = [];
  let head = 0;
  let owed = false;
  let idle: (() => void) | undefined;

  const goOn = (): void => {
    owed = false;
    while (!owed && head < held.length) deliver(held[head++] as E);
    if (head < held.length || held.length === 0) return;
    held = [];
    head = 0;
    idle?.();
  };

  return {
    push(event) {
      if (owed || held.length > 0) held.push(event);
      else deliver(event);
    },
    owe() {
      if (owed) return;
      owed = true;
      clock.turn(goOn);
    },
    get waiting() {
      return held.length - head;
    },
    onIdle(fn) {
      idle = fn;
    },
    clear() {
      held = [];
      head = 0;
    },
  };
}
