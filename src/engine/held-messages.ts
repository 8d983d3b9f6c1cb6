import type { Clock, Timer } from "../base/index.ts";
import type { MaybePromise } from "./kernel.ts";
import type { EngineMessage } from "./message.ts";

interface Held {
  readonly message: EngineMessage;
  /** What became of it; undefined while it is held. */
  result: boolean | undefined;
  settle: ((handled: boolean) => void) | undefined;
  timer: Timer | undefined;
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
  hold(message: EngineMessage, timeoutMs: number, give: (id: string) => void): MaybePromise<boolean>;
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

  const take = (id: string): Held | undefined => {
    const held = all.get(id);
    if (!held) return undefined;
    all.delete(id);
    held.timer?.cancel();
    return held;
  };

  const settle = (id: string, handled: boolean): void => {
    const held = take(id);
    if (held) {
      held.result = handled;
      held.settle?.(handled);
    }
    if (all.size === 0) onEmpty();
  };

  return {
    get size() {
      return all.size;
    },
    hold(message, timeoutMs, give) {
      const id = `${prefix}.${++lastId}`;
      const held: Held = { message, result: undefined, settle: undefined, timer: undefined, flag: false };
      all.set(id, held);
      give(id);
      if (held.result !== undefined) return held.result;
      return new Promise((resolve) => {
        held.settle = resolve;
        if (timeoutMs <= 0) return;
        held.timer = clock.after(timeoutMs, () => {
          settle(id, held.flag);
          onTimeout(message, timeoutMs);
        });
      });
    },
    get: (id) => all.get(id)?.message,
    remember(id, handled) {
      const held = all.get(id);
      if (held) held.flag = handled;
    },
    settle,
    releaseAll() {
      for (const id of [...all.keys()]) settle(id, false);
    },
  };
}
