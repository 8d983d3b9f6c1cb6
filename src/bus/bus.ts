import {
  type Clock,
  Disconnected,
  errorText,
  type Logger,
  realClock,
  silentLogger,
  YaytsError,
} from "../base/index.ts";
import type { Filter, Link, LinkEvent, LinkEvents } from "./link.ts";
import type { DispatchedMessage } from "./message.ts";
import { ReceivedMessage, SeenMessage, SentMessage } from "./messages.ts";
import { Params, type ParamsInit, type ParamValue } from "./params.ts";
import { createRestricted } from "./restricted.ts";
import { createStream } from "./stream.ts";
import {
  createSubscription,
  ensureInstalled,
  ensureWatched,
  reinstall,
  retire,
  type StandingHandler,
  type Subscription,
} from "./subscriptions.ts";
import { createTurns } from "./turns.ts";
import { createWait, type PendingWait, type Wait, type WaitOptions } from "./wait.ts";
import type {
  ConnectionState,
  Guard,
  HandleOptions,
  Handler,
  HandlerResult,
  InstalledHandler,
  Yate,
} from "./yate.ts";

/** What a bus is made with. */
export interface BusOptions {
  readonly log?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** A bus and the ear it lends to its link. */
export interface Bus {
  readonly yate: Yate;
  readonly events: LinkEvents;
}

const closedByProgram = "the connection was closed by this program";

/**
 * Makes the `Yate` of one link: finds who wants each message, gives the app its turn between them, and settles everything
 * when the link ends. Pure: bytes and sockets are the link's business.
 */
export function createBus(link: Link, options: BusOptions = {}): Bus {
  const log = options.log ?? silentLogger;
  const clock = options.clock ?? realClock;
  const subscriptions = new Map<string, Subscription>();
  const dispatches = new Map<string, { message: SentMessage; pending: PendingWait<DispatchedMessage> }>();
  const settings = new Map<string, string>();
  const questions: { name: string; pending: PendingWait<string> }[] = [];
  const stateListeners = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = { kind: "connected", again: false, downMs: 0 };
  let epoch = 0;
  let lastId = 0;
  let unanswered = 0;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  const reportGuard = (error: unknown): void => log.error("a guard threw and counts as false", { error });

  const subscriptionOf = (name: string): Subscription => {
    let found = subscriptions.get(name);
    if (!found) {
      if (name.includes("\0"))
        throw new YaytsError("bad-name", `a message name cannot contain NUL: ${JSON.stringify(name)}`);
      found = createSubscription(name, reportGuard);
      subscriptions.set(name, found);
    }
    return found;
  };

  const setState = (next: ConnectionState): void => {
    state = next;
    for (const fn of [...stateListeners]) fn(next);
  };

  const lostError = (): Disconnected | undefined => {
    switch (state.kind) {
      case "connected":
        return undefined;
      case "reconnecting":
        return new Disconnected("the engine is away; trying to reach it again", state.cause);
      case "closed":
        return state.cause instanceof Disconnected
          ? state.cause
          : new Disconnected(closedByProgram, state.cause);
    }
  };

  // ---- messages to this app

  const checkDrained = (): void => {
    if (drained && unanswered === 0 && dispatches.size === 0) drained();
  };

  const answering = {
    answer(message: ReceivedMessage, handled: boolean): void {
      if (message.epoch !== epoch) return;
      unanswered--;
      link.answer(message.id, handled, message, message.name !== message.receivedAs);
      checkDrained();
    },
  };

  const reportHandler = (message: ReceivedMessage, error: unknown): void => {
    log.error(`a handler of ${message.receivedAs} threw: ${errorText(error)}`, {
      error: new YaytsError("handler-failed", `a handler of ${message.receivedAs} threw`, { cause: error }),
    });
  };

  /** Applies what a handler returned; true when the message is answered and no other handler may have it. */
  const conclude = (message: ReceivedMessage, result: HandlerResult): boolean => {
    if (message.answered) return true;
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

  const deliverMessage = (message: ReceivedMessage): void => {
    const wanted = subscriptions.get(message.name);
    if (!wanted || wanted.retired) {
      message.ret(false);
      return;
    }
    const waiter = wanted.waits.first(message);
    if (waiter) {
      if (waiter.autoreturn) message.ret(true);
      waiter.pending.resolve(message);
      turns.owe();
      return;
    }
    const streamer = wanted.streams.first(message);
    if (streamer) {
      if (streamer.autoreturn) message.ret(true);
      if (streamer.feed.push(message)) return;
      streamer.feed.countDropped();
      log.warn(`a messages("${message.name}") loop is too slow: a message found its buffer full`);
      if (!message.answered) message.ret(false);
      return;
    }
    runHandlers(message, wanted.handlers, 0);
  };

  const showTo = (wanted: Subscription | undefined, message: SeenMessage): void => {
    if (!wanted) return;
    for (const pending of wanted.seenWaits.all(message)) {
      pending.resolve(message);
      turns.owe();
    }
    for (const feed of wanted.seenStreams.all(message)) {
      if (feed.push(message)) continue;
      feed.dropOldest();
      if (feed.push(message))
        log.warn(`a watches("${wanted.name}") loop is too slow: the oldest message was dropped`);
    }
  };

  const turns = createTurns<LinkEvent>(clock, (event) => {
    if (event.kind === "message") {
      unanswered++;
      deliverMessage(new ReceivedMessage(event.id, event.timeSec, event, epoch, answering));
    } else {
      const message = new SeenMessage(event, event.handled);
      showTo(subscriptions.get(event.name), message);
      if (event.name !== "") showTo(subscriptions.get(""), message);
    }
  });
  turns.onIdle(() => link.resume());

  // ---- messages of this app

  const sending = {
    dispatch(message: SentMessage, waitOptions: WaitOptions | undefined): Wait<DispatchedMessage> {
      const id = String(++lastId);
      const pending = createWait<DispatchedMessage>(
        `the answer to ${message.name}`,
        waitOptions,
        () => {
          dispatches.delete(id);
          checkDrained();
        },
        clock,
      );
      const lost = lostError();
      if (lost) pending.reject(lost);
      if (!pending.settled) {
        dispatches.set(id, { message, pending });
        link.send(id, message);
      }
      return pending.wait;
    },
    enqueue(message: SentMessage): void {
      if (state.kind === "connected") link.send("", message);
      else log.warn(`${message.name} was not sent: ${lostError()?.message ?? ""}`);
    },
  };

  // ---- the end, and the beginning anew

  const rejectAll = (error: Disconnected, streamsToo: boolean): { waits: number; sent: number } => {
    const count = { waits: 0, sent: dispatches.size };
    for (const { pending } of [...dispatches.values()]) pending.reject(error);
    for (const { pending } of questions.splice(0)) pending.reject(error);
    for (const wanted of subscriptions.values()) {
      const waits = [...wanted.waits.items().map((w) => w.pending), ...wanted.seenWaits.items()];
      count.waits += waits.length;
      for (const pending of waits) pending.reject(error);
      if (!streamsToo) continue;
      for (const { feed } of wanted.streams.items()) feed.fail(error);
      for (const feed of wanted.seenStreams.items()) feed.fail(error);
      for (const { ready } of wanted.handlers) ready.reject(error);
    }
    return count;
  };

  const end = (cause: unknown): void => {
    if (state.kind === "closed") return;
    const error = cause instanceof Disconnected ? cause : new Disconnected(closedByProgram, cause);
    epoch++;
    turns.clear();
    setState({ kind: "closed", cause: error });
    rejectAll(error, true);
  };

  let missed = { waits: 0, sent: 0 };

  const events: LinkEvents = {
    event: (event) => turns.push(event),
    answered(id, handled, content) {
      const dispatched = dispatches.get(id);
      if (!dispatched) {
        const ours = /^\d+$/.test(id) && Number(id) <= lastId;
        if (!ours)
          log.warn(
            `the engine answered ${JSON.stringify(content.name)} with an id that was never sent: ${JSON.stringify(id)}`,
          );
        return;
      }
      dispatched.pending.resolve(dispatched.message.settle(handled, content));
      turns.owe();
    },
    installed(name, _priority, ok) {
      const wanted = subscriptions.get(name);
      if (!wanted?.installed) return;
      wanted.installed.confirmed = ok;
      if (ok) {
        for (const { ready } of wanted.handlers) ready.resolve();
        return;
      }
      const error = new YaytsError(
        "install-refused",
        `the engine refused a handler of ${JSON.stringify(name)}`,
      );
      log.error(error.message);
      wanted.installed = undefined;
      for (const { pending } of wanted.waits.items()) pending.reject(error);
      for (const { feed } of wanted.streams.items()) feed.fail(error);
      for (const { ready } of wanted.handlers) ready.reject(error);
    },
    watched(name, ok) {
      const wanted = subscriptions.get(name);
      if (!wanted?.watched) return;
      wanted.watched.confirmed = ok;
      if (ok) return;
      const error = new YaytsError(
        "install-refused",
        `the engine refused a watcher of ${JSON.stringify(name)}`,
      );
      log.error(error.message);
      wanted.watched = undefined;
      for (const pending of wanted.seenWaits.items()) pending.reject(error);
      for (const feed of wanted.seenStreams.items()) feed.fail(error);
    },
    localSet(name, value, ok) {
      const at = questions.findIndex((question) => question.name === name);
      if (at < 0) return;
      const [question] = questions.splice(at, 1);
      if (ok) question?.pending.resolve(value);
      else
        question?.pending.reject(
          new YaytsError(
            "setting-refused",
            `the engine refused setlocal ${name} (value ${JSON.stringify(value)})`,
          ),
        );
    },
    lost(cause, retry) {
      if (state.kind === "closed") return;
      if (!retry)
        return end(cause instanceof Disconnected ? cause : new Disconnected("the engine was lost", cause));
      if (state.kind === "connected") {
        epoch++;
        unanswered = 0;
        turns.clear();
        missed = rejectAll(new Disconnected("the engine was lost; trying to reach it again", cause), false);
      }
      setState({ kind: "reconnecting", cause, ...retry });
    },
    restored(downMs) {
      for (const [name, value] of settings) link.setlocal(name, value);
      for (const wanted of subscriptions.values()) reinstall(wanted, link);
      log.warn(
        `the engine is back after ${(downMs / 1000).toFixed(1)} s: ${missed.waits} waits and ${missed.sent} dispatches ended with Disconnected; messages in between were not seen`,
      );
      setState({ kind: "connected", again: true, downMs });
    },
    get busy() {
      return turns.waiting > 0;
    },
  };

  const filterOf = (handleOptions: HandleOptions): Filter | undefined => {
    const entries = Object.entries(handleOptions.filter ?? {});
    if (entries.length > 1)
      throw new YaytsError(
        "bad-argument",
        "a handler's filter takes one parameter; test the others in the handler",
      );
    const [entry] = entries;
    return entry && { name: entry[0], value: entry[1] };
  };

  const yate: Yate = {
    log,
    get state() {
      return state;
    },
    onmsg: ((name: string, guard: Guard<string, ReceivedMessage> | undefined, waitOptions) => {
      const wanted = subscriptionOf(name);
      const pending = createWait<ReceivedMessage>(
        `onmsg ${name}`,
        waitOptions,
        () => wanted.waits.remove(taker),
        clock,
      );
      const taker = wanted.waits.add(guard, { pending, autoreturn: waitOptions?.autoreturn ?? false });
      if (state.kind === "closed") pending.reject(lostError() as Disconnected);
      if (pending.settled) wanted.waits.remove(taker);
      else ensureInstalled(wanted, link);
      return pending.wait;
    }) as Yate["onmsg"],
    onwatch: ((name: string, guard: Guard<string, SeenMessage> | undefined, waitOptions) => {
      const wanted = subscriptionOf(name);
      const pending = createWait<SeenMessage>(
        `onwatch ${name}`,
        waitOptions,
        () => wanted.seenWaits.remove(taker),
        clock,
      );
      const taker = wanted.seenWaits.add(guard, pending);
      if (state.kind === "closed") pending.reject(lostError() as Disconnected);
      if (pending.settled) wanted.seenWaits.remove(taker);
      else ensureWatched(wanted, link);
      return pending.wait;
    }) as Yate["onwatch"],
    messages: ((name: string, guard: Guard<string, ReceivedMessage> | undefined, streamOptions) => {
      const wanted = subscriptionOf(name);
      const feed = createStream<ReceivedMessage>(`messages ${name}`, streamOptions, clock, (left) => {
        wanted.streams.remove(taker);
        for (const message of left) if (!message.answered) message.ret(false);
      });
      const taker = wanted.streams.add(guard, { feed, autoreturn: streamOptions?.autoreturn ?? false });
      if (state.kind === "closed") feed.fail(lostError() as Disconnected);
      else ensureInstalled(wanted, link);
      return feed.stream;
    }) as Yate["messages"],
    watches: ((name: string, guard: Guard<string, SeenMessage> | undefined, streamOptions) => {
      const wanted = subscriptionOf(name);
      const feed = createStream<SeenMessage>(`watches ${name}`, streamOptions, clock, () =>
        wanted.seenStreams.remove(taker),
      );
      const taker = wanted.seenStreams.add(guard, feed);
      if (state.kind === "closed") feed.fail(lostError() as Disconnected);
      else ensureWatched(wanted, link);
      return feed.stream;
    }) as Yate["watches"],
    handle: ((
      name: string,
      second: HandleOptions | Handler<string>,
      third?: Handler<string>,
    ): InstalledHandler => {
      const wanted = subscriptionOf(name);
      const [handleOptions, fn] = typeof second === "function" ? [{}, second] : [second, third];
      if (!fn) throw new YaytsError("bad-argument", `handle("${name}", options, fn): fn is missing`);
      const ready = createWait<void>(`handle ${name}`, undefined);
      const handler: StandingHandler = {
        priority: handleOptions.priority ?? 100,
        filter: filterOf(handleOptions),
        fn,
        ready,
      };
      const uninstall = (): void => {
        wanted.handlers = wanted.handlers.filter((other) => other !== handler);
        ready.reject(new Disconnected(`the handler of ${name} was taken away`));
        const unused = wanted.handlers.length === 0 && wanted.waits.size === 0 && wanted.streams.size === 0;
        if (unused && wanted.installed && state.kind !== "closed") {
          wanted.installed = undefined;
          link.uninstall(name);
        }
      };
      wanted.handlers = [...wanted.handlers, handler].sort((a, b) => a.priority - b.priority);
      if (state.kind === "closed") ready.reject(lostError() as Disconnected);
      else ensureInstalled(wanted, link, handler);
      if (wanted.installed?.confirmed) ready.resolve();
      handleOptions.signal?.addEventListener("abort", uninstall, { once: true });
      return { ready: ready.wait, uninstall };
    }) as Yate["handle"],
    msg: ((name: string, params?: ParamsInit, retvalue?: ParamValue) =>
      new SentMessage(
        { name, retvalue: retvalue === undefined ? "" : String(retvalue), params: Params.from(params) },
        sending,
      )) as Yate["msg"],
    ret: (message, handled, retvalue) => message.ret(handled, retvalue),
    until: (until) => createRestricted(yate, until),
    setlocal(name, value) {
      const pending = createWait<string>(`setlocal ${name}`, undefined);
      const lost = lostError();
      if (lost) pending.reject(lost);
      else {
        if (value !== undefined) settings.set(name, String(value));
        questions.push({ name, pending });
        link.setlocal(name, value === undefined ? undefined : String(value));
      }
      return pending.wait;
    },
    output(text) {
      if (state.kind === "connected") link.output(text);
    },
    debug(level, text) {
      if (state.kind === "connected") link.debug(level, text);
    },
    retire(names = ["call.preroute", "call.route"]) {
      for (const name of names) retire(subscriptionOf(name), link);
    },
    onState(fn) {
      stateListeners.add(fn);
      return () => void stateListeners.delete(fn);
    },
    close(closeOptions) {
      if (state.kind === "closed") return closing ?? Promise.resolve();
      closing ??= (async () => {
        await new Promise<void>((resolve) => {
          const timer = clock.after(closeOptions?.timeoutMs ?? 5000, resolve);
          drained = () => {
            timer.cancel();
            resolve();
          };
          checkDrained();
        });
        await link.close();
        end(undefined);
      })();
      return closing;
    },
    abort(reason) {
      end(reason);
      link.abort();
    },
    [Symbol.asyncDispose]: () => yate.close(),
  };
  return { yate, events };
}
