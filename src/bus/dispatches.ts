import { type Clock, type Disconnected, errorText, type Logger } from "../base/index.ts";
import type { Link, MessageContent } from "./link.ts";
import type { DispatchedMessage } from "./message.ts";
import type { Sending, SentMessage } from "./messages.ts";
import { createWait, type PendingWait } from "./wait.ts";

/** The messages of this app that the engine has not answered yet. */
export interface Dispatches extends Sending {
  readonly size: number;
  /** The engine's answer; true when somebody waited for it. */
  answered(id: string, handled: boolean, content: MessageContent): boolean;
  /** There will be no answer. */
  failed(id: string, error: Error): void;
  rejectAll(error: Error): void;
}

/** An id is a slot times this, plus a serial number, so that an old answer finds nobody in a slot that was used again. */
const serials = 2 ** 32;

interface Dispatched {
  readonly id: string;
  readonly message: SentMessage;
  readonly pending: PendingWait<DispatchedMessage>;
}

interface DispatchesOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Logger;
  /** Why nothing can be sent now; undefined when it can. */
  lost(): Disconnected | undefined;
  /** Called each time a dispatch is over. */
  settled(): void;
}

export function createDispatches({ link, clock, log, lost, settled }: DispatchesOptions): Dispatches {
  // Slots and not a Map: the tables that a busy Map outgrows keep each other alive until a full collection, with all that
  // they hold; with a hundred thousand dispatches a second that is most of the memory.
  const slots: (Dispatched | undefined)[] = [];
  const freeSlots: number[] = [];
  let lastSerial = 0;

  const find = (id: string): Dispatched | undefined => {
    const dispatched = slots[Math.floor(Number(id) / serials)];
    return dispatched?.id === id ? dispatched : undefined;
  };

  return {
    get size() {
      return slots.length - freeSlots.length;
    },

    dispatch(message, options) {
      const slot = freeSlots.pop() ?? slots.push(undefined) - 1;
      lastSerial = (lastSerial + 1) % serials;
      const id = String(slot * serials + lastSerial);
      const end = (): void => {
        slots[slot] = undefined;
        freeSlots.push(slot);
        settled();
      };
      const pending = createWait<DispatchedMessage>(`the answer to ${message.name}`, options, end, clock);
      const error = lost();
      if (error) pending.reject(error);
      if (!pending.settled) {
        slots[slot] = { id, message, pending };
        link.send(id, message);
      }
      return pending.wait;
    },

    enqueue(message) {
      const error = lost();
      if (error) log.warn(`${message.name} was not sent: ${error.message}`);
      else link.send("", message);
    },

    answered(id, handled, content) {
      const dispatched = find(id);
      if (dispatched) {
        dispatched.pending.resolve(dispatched.message.settle(handled, content));
        return true;
      }
      // The answer to a dispatch whose wait ended early is no news.
      if (!/^\d+$/.test(id) || Number(id) % serials > lastSerial) {
        log.warn(
          `the engine answered ${JSON.stringify(content.name)} under an id that was never sent: ${JSON.stringify(id)}`,
        );
      }
      return false;
    },

    failed(id, error) {
      const dispatched = find(id);
      if (dispatched) dispatched.pending.reject(error);
      else log.error(errorText(error), { error });
    },

    rejectAll(error) {
      for (const dispatched of [...slots]) dispatched?.pending.reject(error);
    },
  };
}
