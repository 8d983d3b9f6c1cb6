import { type Clock, Disconnected, type Logger, realClock, silentLogger, YaytsError } from "../base/index.ts";
import { createDelivery } from "./delivery.ts";
import { createDispatches } from "./dispatches.ts";
import type { Filter, Link, LinkEvent, LinkEvents, MessageContent } from "./link.ts";
import { ReceivedMessage, SeenMessage, SentMessage } from "./messages.ts";
import { createObserving, makeObservable, type ObservedKind, type ObservedWait } from "./observing.ts";
import { Params, type ParamsInit, type ParamValue } from "./params.ts";
import { createRestricted } from "./restricted.ts";
import { createSettings } from "./settings.ts";
import {
  createSubscription,
  ensureInstalled,
  ensureWatched,
  reinstall,
  retire,
  type StandingHandler,
  type Subscription,
} from "./subscriptions.ts";
import { Streamer, Waiter } from "./takers.ts";
import { createTurns } from "./turns.ts";
import { createWait } from "./wait.ts";
import type { ConnectionState, Guard, HandleOptions, Handler, InstalledHandler, Yate } from "./yate.ts";

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

/** An answer that came while events were held back. */
interface HeldAnswer {
  readonly kind: "answer";
  readonly id: string;
  readonly handled: boolean;
  readonly content: MessageContent;
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
  const stateListeners = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = { kind: "connected", again: false, downMs: 0 };
  let epoch = 0;
  let unanswered = 0;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  const reportGuard = (error: unknown): void => log.error("a guard threw and counts as false", { error });

  const observing = createObserving(() => {
    const open: ObservedWait[] = [];
    for (const { name, waits, seenWaits, streams, seenStreams, handlers } of subscriptions.values()) {
      const add = (what: ObservedKind, takers: [object, unknown][]): void => {
        for (const [key, guard] of takers) open.push({ what, name, guard, key });
      };
      add("onmsg", waits.guarded());
      add("onwatch", seenWaits.guarded());
      add("messages", streams.guarded());
      add("watches", seenStreams.guarded());
      add(
        "handle",
        handlers.map((handler) => [handler, guardOf(handler)]),
      );
    }
    for (const key of dispatches.items())
      open.push({ what: "dispatch", name: key.message.name, guard: undefined, key });
    return open;
  });

  const subscriptionOf = (name: string): Subscription => {
    let found = subscriptions.get(name);
    if (!found) {
      if (name.includes("\0"))
        throw new YaytsError("bad-name", `a message name cannot contain NUL: ${JSON.stringify(name)}`);
      found = createSubscription(name, reportGuard, observing);
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
      case "closing":
        return undefined;
      case "reconnecting":
        return new Disconnected("the engine is away; trying to reach it again", state.cause);
      case "closed":
        return state.cause instanceof Disconnected
          ? state.cause
          : new Disconnected(closedByProgram, state.cause);
    }
  };

  const checkDrained = (): void => {
    if (drained && unanswered === 0 && dispatches.size === 0) drained();
  };

  const dispatches = createDispatches({
    link,
    clock,
    log,
    lost: () => lostError(),
    settled: () => checkDrained(),
    observing,
  });
  const settings = createSettings(link, () => lostError());

  const answering = {
    answer(message: ReceivedMessage, handled: boolean): void {
      if (message.epoch !== epoch) return;
      unanswered--;
      link.answer(message.id, handled, message, message.name !== message.receivedAs);
      checkDrained();
    },
  };

  const turns = createTurns<LinkEvent | HeldAnswer>(clock, (event) => {
    switch (event.kind) {
      case "message": {
        unanswered++;
        const message = new ReceivedMessage(event.id, event.timeSec, event, epoch, answering);
        delivery.offer(subscriptions.get(event.name), message);
        break;
      }
      case "watch": {
        const message = new SeenMessage(event, event.handled);
        delivery.show(subscriptions.get(event.name), message);
        if (event.name !== "") delivery.show(subscriptions.get(""), message);
        break;
      }
      case "answer":
        if (dispatches.answered(event.id, event.handled, event.content)) turns.owe();
    }
  });
  turns.onIdle(() => link.resume());
  const delivery = createDelivery(log, turns.owe, observing);

  // ---- the end, and the beginning anew

  /** @param streams what becomes of the loops: they go on over a reconnect, end when the program closes, fail when the engine is lost */
  const rejectAll = (
    error: Disconnected,
    streams: "go on" | "end" | "fail",
  ): { waits: number; sent: number } => {
    const count = { waits: 0, sent: dispatches.size };
    dispatches.rejectAll(error);
    settings.rejectAll(error);
    for (const wanted of subscriptions.values()) {
      const waits = [...wanted.waits.items(), ...wanted.seenWaits.items()];
      count.waits += waits.length;
      for (const { pending } of waits) pending.reject(error);
      if (streams === "go on") continue;
      const streamers = [...wanted.streams.items(), ...wanted.seenStreams.items()];
      for (const { feed } of streamers) streams === "end" ? feed.end() : feed.fail(error);
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
    rejectAll(error, cause === error ? "fail" : "end");
  };

  let missed = { waits: 0, sent: 0 };

  const events: LinkEvents = {
    event: (event) => turns.push(event),
    answered(id, handled, content) {
      // An answer costs no turn, but it does not overtake events that wait for theirs.
      if (turns.waiting > 0) turns.push({ kind: "answer", id, handled, content });
      else if (dispatches.answered(id, handled, content)) turns.owe();
    },
    failed: dispatches.failed,
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
      for (const { pending } of wanted.seenWaits.items()) pending.reject(error);
      for (const { feed } of wanted.seenStreams.items()) feed.fail(error);
    },
    localSet: settings.answered,
    lost(cause, retry) {
      if (state.kind === "closed") return;
      if (!retry)
        return end(cause instanceof Disconnected ? cause : new Disconnected("the engine was lost", cause));
      if (!lostError()) {
        epoch++;
        unanswered = 0;
        turns.clear();
        missed = rejectAll(new Disconnected("the engine was lost; trying to reach it again", cause), "go on");
      }
      setState({ kind: "reconnecting", cause, ...retry });
    },
    restored(downMs) {
      settings.restore();
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
      const waiter = new Waiter(wanted.waits, waitOptions, clock);
      const { pending } = waiter;
      if (state.kind === "closed") pending.reject(lostError() as Disconnected);
      if (pending.settled) return pending.wait;
      wanted.waits.add(guard, waiter);
      observing.observer?.began({ what: "onmsg", name, guard, key: waiter });
      ensureInstalled(wanted, link);
      return pending.wait;
    }) as Yate["onmsg"],
    onwatch: ((name: string, guard: Guard<string, SeenMessage> | undefined, waitOptions) => {
      const wanted = subscriptionOf(name);
      const waiter = new Waiter(wanted.seenWaits, waitOptions, clock);
      const { pending } = waiter;
      if (state.kind === "closed") pending.reject(lostError() as Disconnected);
      if (pending.settled) return pending.wait;
      wanted.seenWaits.add(guard, waiter);
      observing.observer?.began({ what: "onwatch", name, guard, key: waiter });
      ensureWatched(wanted, link);
      return pending.wait;
    }) as Yate["onwatch"],
    messages: ((name: string, guard: Guard<string, ReceivedMessage> | undefined, streamOptions) => {
      const wanted = subscriptionOf(name);
      const streamer = new Streamer(wanted.streams, streamOptions, clock, (left) => {
        for (const message of left) if (!message.answered) message.ret(false);
      });
      wanted.streams.add(guard, streamer);
      observing.observer?.began({ what: "messages", name, guard, key: streamer });
      if (state.kind === "closed") streamer.feed.fail(lostError() as Disconnected);
      else ensureInstalled(wanted, link);
      return streamer.feed.stream;
    }) as Yate["messages"],
    watches: ((name: string, guard: Guard<string, SeenMessage> | undefined, streamOptions) => {
      const wanted = subscriptionOf(name);
      const streamer = new Streamer(wanted.seenStreams, streamOptions, clock);
      wanted.seenStreams.add(guard, streamer);
      observing.observer?.began({ what: "watches", name, guard, key: streamer });
      if (state.kind === "closed") streamer.feed.fail(lostError() as Disconnected);
      else ensureWatched(wanted, link);
      return streamer.feed.stream;
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
        observing.observer?.ended(handler, "ended");
        const unused = wanted.handlers.length === 0 && wanted.waits.size === 0 && wanted.streams.size === 0;
        if (unused && wanted.installed && state.kind !== "closed") {
          wanted.installed = undefined;
          link.uninstall(name);
        }
      };
      wanted.handlers = [...wanted.handlers, handler].sort((a, b) => a.priority - b.priority);
      observing.observer?.began({ what: "handle", name, guard: guardOf(handler), key: handler });
      if (state.kind === "closed") ready.reject(lostError() as Disconnected);
      else ensureInstalled(wanted, link, handler);
      if (wanted.installed?.confirmed) ready.resolve();
      handleOptions.signal?.addEventListener("abort", uninstall, { once: true });
      return { ready: ready.wait, uninstall };
    }) as Yate["handle"],
    msg: ((name: string, params?: ParamsInit, retvalue?: ParamValue) =>
      new SentMessage(
        { name, retvalue: retvalue === undefined ? "" : String(retvalue), params: Params.from(params) },
        dispatches,
      )) as Yate["msg"],
    ret: (message, handled, retvalue) => message.ret(handled, retvalue),
    until: (until) => createRestricted(yate, until),
    setlocal: settings.set,
    output(text) {
      if (!lostError()) link.output(text);
    },
    debug(level, text) {
      if (!lostError()) link.debug(level, text);
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
        if (state.kind === "connected") setState({ kind: "closing" });
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
  makeObservable(yate, observing);
  return { yate, events };
}

/** Its filter as a guard. */
function guardOf({ filter }: StandingHandler): unknown {
  return filter && { [filter.name]: filter.value };
}
