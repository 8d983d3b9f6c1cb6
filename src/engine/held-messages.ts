import type { Clock, Timer } from "../base/index.ts";
import type { MaybePromise } from "./kernel.ts";
import type { EngineMessage } from "./message.ts";

interface Held {
  readonly message: EngineMessage;
  /** What became of it; undefined while it is held. */
  result: boolean | undefined;
  settle: ((handled: boolean) => void) | undefined;
  readonly timeoutMs: number;
  /** When it is given back, on the clock's monotonic scale; Infinity for never. */
  endsMs: number;
  /** What a broken answer said before it broke (spec/protocol.md §5); a timeout returns it. */
  flag: boolean;
}

export interface HeldMessagesOptions {
  readonly clock: Clock;
  /** First part of the ids, unique among connections; ids need no escaping. */
  readonly prefix: string;
  /** A message was not answered in time and has been given back. */
  readonly onTimeout: (message: EngineMessage, timeoutMs: number) => void;
  /** The last one has gone. */
  readonly onEmpty: () => void;
}

/** The messages that one app holds and has not answered yet (spec/protocol.md §5, §11). */
export interface HeldMessages {
  readonly size: number;
  /**
   * Holds a message while `give` hands it to the app, and until the app has answered it.
   * @param timeoutMs 0 and below: for ever
   * @returns what the app's handler says, at once if it did; false when it is given back
   */
  hold(
    message: EngineMessage,
    timeoutMs: number,
    give: (id: string, message: EngineMessage) => void,
  ): MaybePromise<boolean>;
  get(id: string): EngineMessage | undefined;
  /** Remembers the flag of an answer that is not complete. */
  remember(id: string, handled: boolean): void;
  settle(id: string, handled: boolean): void;
  /** Gives all back as not handled. */
  releaseAll(): void;
}

export function createHeldMessages({ clock, prefix, onTimeout, onEmpty }: HeldMessagesOptions): HeldMessages {
  const all = new Map<string, Held>();
  let lastId = 0;
  /** One timer for all: a timer for each message would cost more than the message. */
  let timer: Timer | undefined;
  /** When the timer goes off; never later than the first message ends. */
  let timerMs = Number.POSITIVE_INFINITY;

  const setTimer = (endsMs: number): void => {
    if (endsMs >= timerMs) return;
    timer?.cancel();
    timerMs = endsMs;
    timer = clock.after(endsMs - clock.monotonicMs(), giveBack);
  };

  const stopTimer = (): void => {
    timer?.cancel();
    timer = undefined;
    timerMs = Number.POSITIVE_INFINITY;
  };

  const giveBack = (): void => {
    stopTimer();
    const nowMs = clock.monotonicMs();
    for (const [id, held] of [...all]) {
      if (held.endsMs > nowMs || held.result !== undefined) continue;
      settle(id, held.flag);
      onTimeout(held.message, held.timeoutMs);
    }
    let endsMs = Number.POSITIVE_INFINITY;
    for (const held of all.values()) endsMs = Math.min(endsMs, held.endsMs);
    setTimer(endsMs);
  };

  const settle = (id: string, handled: boolean): void => {
    const held = all.get(id);
    if (held) {
      all.delete(id);
      held.result = handled;
      held.settle?.(handled);
    }
    if (all.size > 0) return;
    if (timer) stopTimer();
    onEmpty();
  };

  return {
    get size() {
      return all.size;
    },
    hold(message, timeoutMs, give) {
      const id = `${prefix}.${++lastId}`;
      const held: Held = {
        message,
        result: undefined,
        settle: undefined,
        timeoutMs,
        endsMs: Number.POSITIVE_INFINITY,
        flag: false,
      };
      all.set(id, held);
      give(id, message);
      if (held.result !== undefined) return held.result;
      if (timeoutMs > 0) {
        held.endsMs = clock.monotonicMs() + timeoutMs;
        setTimer(held.endsMs);
      }
      return new Promise((resolve) => {
        held.settle = resolve;
      });
    },
    get: (id) => all.get(id)?.message,
    remember(id, handled) {
      const held = all.get(id);
      if (held) held.flag = handled;
    },
    settle,
    releaseAll() {
      for (const [id, { message }] of [...all]) {
        message.trace?.failed("its connection ended");
        settle(id, false);
      }
    },
  };
}
