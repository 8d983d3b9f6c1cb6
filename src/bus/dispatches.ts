import { type Clock, type Disconnected, errorText, type Logger } from "../base/index.ts";
import type { Link, MessageContent } from "./link.ts";
import type { DispatchedMessage } from "./message.ts";
import type { Sending, SentMessage } from "./messages.ts";
import type { Observing } from "./observing.ts";
import { beginWait, type PendingWait, type WaitOwner } from "./wait.ts";

/** The messages of this app that the engine has not answered yet. */
export interface Dispatches extends Sending {
  readonly size: number;
  /** Those of them that there are, the oldest first. */
  items(): { readonly message: { readonly name: string } }[];
  /** The engine's answer; true when somebody waited for it. */
  answered(id: string, handled: boolean, content: MessageContent): boolean;
  /** There will be no answer. */
  failed(id: string, error: Error): void;
  rejectAll(error: Error): void;
}

/** One message on its way. */
class Dispatched implements WaitOwner {
  readonly serial: number;
  /** The serial number as it travels. */
  readonly id: string;
  readonly message: SentMessage;
  pending: PendingWait<DispatchedMessage> | undefined = undefined;
  readonly #onEnd: (dispatched: Dispatched, outcome: unknown) => void;

  constructor(
    serial: number,
    message: SentMessage,
    onEnd: (dispatched: Dispatched, outcome: unknown) => void,
  ) {
    this.serial = serial;
    this.id = String(serial);
    this.message = message;
    this.#onEnd = onEnd;
  }

  get what(): string {
    return `the answer to ${this.message.name}`;
  }

  ended(outcome: unknown): void {
    this.#onEnd(this, outcome);
  }
}

/** Slots to begin with; a power of two. */
const fewestSlots = 64;

interface DispatchesOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Logger;
  /** Why nothing can be sent now; undefined when it can. */
  lost(): Disconnected | undefined;
  /** Called each time a dispatch is over. */
  settled(): void;
  readonly observing: Observing;
}

export function createDispatches({
  link,
  clock,
  log,
  lost,
  settled,
  observing,
}: DispatchesOptions): Dispatches {
  // Slots and not a Map: the tables that a busy Map outgrows keep each other alive until a full collection, with all that
  // they hold; with a hundred thousand dispatches a second that is most of the memory. The slot of a dispatch is its serial
  // number modulo the number of slots; numbers whose slot is taken are left out.
  let slots: (Dispatched | undefined)[] = new Array(fewestSlots).fill(undefined);
  let size = 0;
  let lastSerial = 0;

  const nextSerial = (): number => {
    if (size * 2 >= slots.length) {
      const before = slots;
      slots = new Array(before.length * 2).fill(undefined);
      for (const dispatched of before) if (dispatched) slots[dispatched.serial % slots.length] = dispatched;
    }
    do lastSerial++;
    while (slots[lastSerial % slots.length]);
    return lastSerial;
  };

  const find = (id: string): Dispatched | undefined => {
    const dispatched = slots[Number(id) % slots.length];
    return dispatched?.id === id ? dispatched : undefined;
  };

  const onEnd = (dispatched: Dispatched, outcome: unknown): void => {
    const slot = dispatched.serial % slots.length;
    if (slots[slot] !== dispatched) return;
    slots[slot] = undefined;
    size--;
    if (observing.observer) {
      const handled = dispatched.message.handled ? "handled" : "not handled";
      observing.observer.ended(dispatched, outcome instanceof Error ? outcome : handled);
    }
    settled();
  };

  return {
    get size() {
      return size;
    },

    items() {
      const found = slots.filter((dispatched) => dispatched !== undefined);
      return found.sort((a, b) => a.serial - b.serial);
    },

    dispatch(message, options) {
      const dispatched = new Dispatched(nextSerial(), message, onEnd);
      const pending = beginWait<DispatchedMessage>(dispatched, options, clock);
      const error = lost();
      if (error) pending.reject(error);
      if (pending.settled) return pending.wait;
      dispatched.pending = pending;
      slots[dispatched.serial % slots.length] = dispatched;
      size++;
      observing.observer?.began({ what: "dispatch", name: message.name, guard: undefined, key: dispatched });
      link.send(dispatched.id, message);
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
        dispatched.pending?.resolve(dispatched.message.settle(handled, content));
        return true;
      }
      // The answer to a dispatch whose wait ended early is no news.
      if (!/^\d+$/.test(id) || Number(id) > lastSerial) {
        log.warn(
          `the engine answered ${JSON.stringify(content.name)} under an id that was never sent: ${JSON.stringify(id)}`,
        );
      }
      return false;
    },

    failed(id, error) {
      const dispatched = find(id);
      if (dispatched) dispatched.pending?.reject(error);
      else log.error(errorText(error), { error });
    },

    rejectAll(error) {
      for (const dispatched of [...slots]) dispatched?.pending?.reject(error);
    },
  };
}
