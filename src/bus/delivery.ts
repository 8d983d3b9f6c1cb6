import { errorText, type Logger, YaytsError } from "../base/index.ts";
import type { ReceivedMessage, SeenMessage } from "./messages.ts";
import type { Observing } from "./observing.ts";
import type { StandingHandler, Subscription } from "./subscriptions.ts";
import type { HandlerResult } from "./yate.ts";

/** Gives messages to those in the app who want them. */
export interface Delivery {
  /** To the oldest wait that fits, else the oldest stream, else the handlers; if nobody wants it, it is answered false. */
  offer(wanted: Subscription | undefined, message: ReceivedMessage): void;
  /** To every wait and stream that fits. */
  show(wanted: Subscription | undefined, message: SeenMessage): void;
}

/** @param owe called when a wait was resolved, whose continuation is owed a turn */
export function createDelivery(log: Logger, owe: () => void, observing: Observing): Delivery {
  const reportHandler = (message: ReceivedMessage, error: unknown): void => {
    observing.observer?.threw(error, message.get("id") ?? "");
    log.error(`a handler of ${message.receivedAs} threw: ${errorText(error)}`, {
      error: new YaytsError("handler-failed", `a handler of ${message.receivedAs} threw`, { cause: error }),
    });
  };

  /**
   * Applies what a handler returned; true when the message is answered and no other handler may have it. One that was renamed
   * goes on as another message.
   */
  const conclude = (message: ReceivedMessage, result: HandlerResult): boolean => {
    if (message.answered) return true;
    if ((result === undefined || result === false) && message.name !== message.receivedAs) {
      message.ret(false);
      return true;
    }
    if (result === undefined || result === false) return false;
    if (result === true) message.ret(true);
    else message.ret(true, result);
    return true;
  };

  /** Runs the handlers from `at` on; waits only for those that are asynchronous. */
  const runHandlers = (message: ReceivedMessage, handlers: readonly StandingHandler[], at: number): void => {
    for (let i = at; i < handlers.length; i++) {
      const { filter, fn } = handlers[i] as StandingHandler;
      if (filter && (message.get(filter.name) ?? "") !== filter.value) continue;
      let result: HandlerResult | Promise<HandlerResult>;
      try {
        result = fn(message);
      } catch (error) {
        reportHandler(message, error);
        result = false;
      }
      if (result instanceof Promise) {
        const goOn = (settled: HandlerResult): void => {
          if (!conclude(message, settled)) runHandlers(message, handlers, i + 1);
        };
        result.then(goOn, (error: unknown) => {
          reportHandler(message, error);
          goOn(false);
        });
        return;
      }
      if (conclude(message, result)) return;
    }
    if (!message.answered) message.ret(false);
  };

  const offer = (wanted: Subscription | undefined, message: ReceivedMessage): void => {
    if (!wanted || wanted.retired) {
      message.ret(false);
      return;
    }
    const waiter = wanted.waits.first(message);
    if (waiter) {
      if (waiter.autoreturn) message.ret(true);
      waiter.pending.resolve(message);
      owe();
      return;
    }
    const streamer = wanted.streams.first(message);
    if (streamer) {
      if (streamer.autoreturn) message.ret(true);
      if (streamer.feed.push(message)) return;
      if (streamer.feed.countDropped() === 1) {
        log.warn(
          `a messages("${message.name}") loop is too slow: its buffer is full, what comes is answered false`,
        );
      }
      if (!message.answered) message.ret(false);
      return;
    }
    runHandlers(message, wanted.handlers, 0);
  };

  const show = (wanted: Subscription | undefined, message: SeenMessage): void => {
    if (!wanted) return;
    for (const { pending } of wanted.seenWaits.all(message)) {
      pending.resolve(message);
      owe();
    }
    for (const { feed } of wanted.seenStreams.all(message)) {
      if (feed.push(message)) continue;
      feed.dropOldest();
      if (feed.push(message) && feed.countDropped() === 1) {
        log.warn(`a watches("${wanted.name}") loop is too slow: its buffer is full, the oldest are dropped`);
      }
    }
  };

  return { offer, show };
}
