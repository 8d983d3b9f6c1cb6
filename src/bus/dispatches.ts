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
  const waiting = new Map<string, { message: SentMessage; pending: PendingWait<DispatchedMessage> }>();
  let lastId = 0;

  return {
    get size() {
      return waiting.size;
    },

    dispatch(message, options) {
      const id = String(++lastId);
      const end = (): void => {
        waiting.delete(id);
        settled();
      };
      const pending = createWait<DispatchedMessage>(`the answer to ${message.name}`, options, end, clock);
      const error = lost();
      if (error) pending.reject(error);
      if (!pending.settled) {
        waiting.set(id, { message, pending });
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
      const dispatched = waiting.get(id);
      if (dispatched) {
        dispatched.pending.resolve(dispatched.message.settle(handled, content));
        return true;
      }
      // The answer to a dispatch whose wait ended early is no news.
      if (!/^\d+$/.test(id) || Number(id) > lastId) {
        log.warn(
          `the engine answered ${JSON.stringify(content.name)} under an id that was never sent: ${JSON.stringify(id)}`,
        );
      }
      return false;
    },

    failed(id, error) {
      const dispatched = waiting.get(id);
      if (dispatched) dispatched.pending.reject(error);
      else log.error(errorText(error), { error });
    },

    rejectAll(error) {
      for (const { pending } of [...waiting.values()]) pending.reject(error);
    },
  };
}
