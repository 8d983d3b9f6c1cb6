import { type Clock, createBoundedQueue, errorText, type Logger } from "../base/index.ts";
import type { Filter } from "../bus/index.ts";
import { type KernelTracer, maxNext, type TracedHandler } from "./kernel-trace.ts";
import type { EngineMessage } from "./message.ts";

/** A value now, or the promise of it: handlers that know at once cost no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** A handler in the engine. */
export interface KernelHandler {
  /** "" means every message. */
  readonly name: string;
  /** 0 is first; negative sorts after everything else (spec/kernel.md §2). */
  readonly priority: number;
  readonly filter?: Filter | undefined;
  /** Left in the tracking parameter as `<trackName>:<priority>`. */
  readonly trackName?: string | undefined;
  /** Whose it is, for traces: the app, or the module. Default: the `trackName`. */
  readonly owner?: { readonly name: string } | undefined;
  /** True when the message is handled. One that throws counts as false and is reported. */
  receive(message: EngineMessage): MaybePromise<boolean>;
}

/** Called after each dispatch with the final message and its result. */
export type PostHook = (message: EngineMessage, handled: boolean) => void;

/** Figures of the dispatcher, as in `engine.status`. */
export interface KernelFigures {
  readonly handlers: number;
  readonly hooks: number;
  readonly queued: number;
  readonly maxQueued: number;
  readonly enqueued: number;
  readonly dequeued: number;
  readonly dispatched: number;
  readonly running: number;
  readonly dropped: number;
}

/** The message dispatcher (spec/kernel.md §2–5). */
export interface Kernel {
  /** Adds a handler; the function returned takes it away. */
  install(handler: KernelHandler): () => void;
  /** Adds a post-dispatch hook; the function returned takes it away. Hooks run in the order of their adding. */
  hook(fn: PostHook): () => void;
  /** Offers the message to the handlers in order; true when it was handled. */
  dispatch(message: EngineMessage): MaybePromise<boolean>;
  /**
   * Queues the message; it is dispatched soon, in order of arrival, without waiting for those before it to end.
   * @param done told the result
   */
  enqueue(message: EngineMessage, done?: (handled: boolean) => void): void;
  readonly figures: KernelFigures;
  /** Who is told of every dispatch that begins from now on; undefined, as in the beginning: nobody, which costs nothing. */
  tracer: KernelTracer | undefined;
}

export interface KernelOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Parameter that collects the names of the handlers called; default `handlers`, false for none. */
  readonly trackParam?: string | false | undefined;
  /** Most messages in the queue; over it new ones are dropped and reported. Default 100,000. */
  readonly maxQueued?: number | undefined;
  /** Deepest nesting of a dispatch inside a dispatch in one call stack. Default 100. */
  readonly maxDepth?: number | undefined;
}

interface Placed extends KernelHandler {
  readonly owner: { readonly name: string };
  /** The priority as the sort sees it. */
  readonly place: number;
  readonly order: number;
  /** What it leaves in the tracking parameter. */
  readonly track: string | undefined;
}

const none: readonly Placed[] = [];

function isBefore(a: Placed, b: Placed): boolean {
  return a.place < b.place || (a.place === b.place && a.order < b.order);
}

export function createKernel({
  clock,
  log,
  trackParam = "handlers",
  maxQueued = 100_000,
  maxDepth = 100,
}: KernelOptions): Kernel {
  /** Handlers by message name, each list in calling order. A list is replaced, never changed. */
  const byName = new Map<string, readonly Placed[]>();
  let hooks: readonly PostHook[] = [];
  const queue = createBoundedQueue<{
    message: EngineMessage;
    done: ((handled: boolean) => void) | undefined;
    /** When it came, if somebody wants to know. */
    atMs: number | undefined;
  }>(maxQueued);
  let installs = 0;
  let handlers = 0;
  let depth = 0;
  let draining = false;
  let tracer: KernelTracer | undefined;
  const count = { maxQueued: 0, enqueued: 0, dequeued: 0, dispatched: 0, running: 0, dropped: 0 };

  /** The first handler after `last` that hears of messages named `name`; asked anew at each step, as lists change. */
  const nextHandler = (name: string, last: Placed | undefined): Placed | undefined => {
    const named = after(byName.get(name) ?? none, last);
    const general = name === "" ? undefined : after(byName.get("") ?? none, last);
    if (named && general) return isBefore(named, general) ? named : general;
    return named ?? general;
  };

  const call = (handler: Placed, message: EngineMessage): MaybePromise<boolean> => {
    const { track } = handler;
    if (track !== undefined && trackParam !== false) {
      const before = message.params.get(trackParam);
      message.params.set(trackParam, before ? `${before},${track}` : track);
    }
    message.trace?.asking(handler);
    try {
      return handler.receive(message);
    } catch (error) {
      return failed(handler, message, error);
    }
  };

  const failed = (handler: Placed, message: EngineMessage, error: unknown): false => {
    message.trace?.failed(errorText(error));
    log.error(
      `a handler of ${message.name} (${handler.trackName ?? "unnamed"}:${handler.priority}) threw: ${errorText(error)}`,
      { error },
    );
    return false;
  };

  /** @param by who handled it */
  const endTrace = (message: EngineMessage, handled: boolean, by: Placed | undefined): void => {
    const { trace } = message;
    message.trace = undefined;
    const next: TracedHandler[] = [];
    let handler = by && nextHandler(message.name, by);
    for (; handler && next.length < maxNext; handler = nextHandler(message.name, handler))
      if (wants(handler, message)) next.push(handler);
    trace?.over(handled, next);
  };

  /** @param by who handled it, unless all were asked */
  const finish = (message: EngineMessage, handled: boolean, by: Placed | undefined): boolean => {
    count.running--;
    count.dispatched++;
    if (message.trace) endTrace(message, handled, by);
    message.dispatched?.(handled);
    message.dispatched = undefined;
    for (const hook of hooks) {
      try {
        hook(message, handled);
      } catch (error) {
        log.error(`a hook failed after ${message.name}: ${errorText(error)}`, { error });
      }
    }
    return handled;
  };

  /** Walks on from `last`; synchronous as long as the handlers are. */
  const walk = (
    message: EngineMessage,
    last: Placed | undefined,
    handledSoFar: boolean,
  ): MaybePromise<boolean> => {
    let handled = handledSoFar;
    for (
      let handler = nextHandler(message.name, last);
      handler;
      handler = nextHandler(message.name, handler)
    ) {
      if (!wants(handler, message)) continue;
      const result = call(handler, message);
      if (typeof result !== "boolean") {
        const reached = handler;
        const goOn = (taken: boolean): MaybePromise<boolean> => {
          message.trace?.answered(taken);
          if (taken && !message.broadcast) return finish(message, true, reached);
          return walk(message, reached, handled || taken);
        };
        return result.then(goOn, (error: unknown) => goOn(failed(reached, message, error)));
      }
      message.trace?.answered(result);
      if (result === true) {
        if (!message.broadcast) return finish(message, true, handler);
        handled = true;
      }
    }
    return finish(message, handled, undefined);
  };

  const run = (message: EngineMessage): MaybePromise<boolean> => {
    count.running++;
    if (depth >= maxDepth) {
      log.error(
        `${message.name} was not dispatched: ${maxDepth} dispatches are nested in one another; some handler sends what it handles`,
      );
      return finish(message, false, undefined);
    }
    depth++;
    try {
      return walk(message, undefined, false);
    } finally {
      depth--;
    }
  };

  const drain = (): void => {
    draining = false;
    // Those enqueued meanwhile wait for the next round, so sockets get their turn in between.
    for (let left = queue.size; left > 0; left--) {
      const next = queue.shift();
      if (!next) break;
      count.dequeued++;
      const { message, atMs } = next;
      if (tracer)
        message.trace = tracer.begin(message, atMs === undefined ? undefined : clock.monotonicMs() - atMs);
      const result = run(message);
      if (!next.done) continue;
      if (typeof result === "boolean") next.done(result);
      else void result.then(next.done);
    }
    if (queue.size > 0) wake();
  };

  const wake = (): void => {
    if (draining) return;
    draining = true;
    clock.turn(drain);
  };

  const kernel: Kernel = {
    install(handler) {
      const placed: Placed = {
        name: handler.name,
        priority: handler.priority,
        filter: handler.filter,
        trackName: handler.trackName,
        owner: handler.owner ?? { name: handler.trackName ?? "engine" },
        receive: (message) => handler.receive(message),
        place: handler.priority < 0 ? 2 ** 32 + handler.priority : handler.priority,
        order: installs++,
        track: handler.trackName === undefined ? undefined : `${handler.trackName}:${handler.priority}`,
      };
      const list = byName.get(placed.name) ?? none;
      const at = list.findIndex((other) => isBefore(placed, other));
      byName.set(placed.name, at < 0 ? [...list, placed] : [...list.slice(0, at), placed, ...list.slice(at)]);
      handlers++;
      return () => {
        const present = byName.get(placed.name) ?? none;
        const left = present.filter((other) => other !== placed);
        if (left.length === present.length) return;
        handlers--;
        if (left.length > 0) byName.set(placed.name, left);
        else byName.delete(placed.name);
      };
    },

    hook(fn) {
      hooks = [...hooks, fn];
      return () => {
        hooks = hooks.filter((other) => other !== fn);
      };
    },

    dispatch(message) {
      if (tracer) message.trace = tracer.begin(message, undefined);
      return run(message);
    },

    enqueue(message, done) {
      if (!queue.push({ message, done, atMs: tracer && clock.monotonicMs() })) {
        if (count.dropped++ === 0) {
          log.error(
            `the message queue is full (${maxQueued}): ${message.name} was dropped; more will be counted in engine.status only`,
          );
        }
        done?.(false);
        return;
      }
      count.enqueued++;
      if (queue.size > count.maxQueued) count.maxQueued = queue.size;
      wake();
    },

    get figures() {
      return { handlers, hooks: hooks.length, queued: queue.size, ...count };
    },

    get tracer() {
      return tracer;
    },
    set tracer(wanted) {
      tracer = wanted;
    },
  };
  return kernel;
}

function wants({ filter }: Placed, message: EngineMessage): boolean {
  return !filter || (message.params.get(filter.name) ?? "") === filter.value;
}

/** The first of `list` that stands after `last`; `list` itself may hold `last` or not. */
function after(list: readonly Placed[], last: Placed | undefined): Placed | undefined {
  if (!last) return list[0];
  for (const handler of list) if (isBefore(last, handler)) return handler;
  return undefined;
}
