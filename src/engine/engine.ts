import { type Clock, type Logger, realClock, silentLogger } from "../base/index.ts";
import type { ParamsInit } from "../bus/index.ts";
import { type ConfigFile, emptyConfig } from "./config.ts";
import { type ConnectedApps, createConnectedApps } from "./connected-app.ts";
import { createTicker, type Ticker } from "./data/index.ts";
import type { CallEndpoint } from "./endpoint.ts";
import { installEngineMessages } from "./engine-messages.ts";
import { createKernel, type Kernel, type KernelHandler, type MaybePromise } from "./kernel.ts";
import { EngineMessage, toBoolean } from "./message.ts";

/** The version whose behaviour the engine offers (spec/). */
export const compatibleVersion = "6.4.1";

/**
 * A part of the engine: it installs what it does and returns a way to end what `engine.own` does not end by itself.
 * What a module installs dies with the engine.
 */
export interface EngineModule {
  /** As in `loaded.<module>`: the file base name in the reference engine (`dumbchan`). */
  readonly name: string;
  start(engine: Engine): void | Promise<void>;
}

/** Configuration by file name without ending, as in the reference engine: yate, extmodule, regexroute, … */
export type EngineConfig = Readonly<Record<string, ConfigFile>>;

export interface EngineOptions {
  readonly modules?: readonly EngineModule[] | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
  readonly config?: EngineConfig | undefined;
  /** Default: the host's name as given by the caller; empty leaves `nodename` out of messages. */
  readonly nodeName?: string | undefined;
  /** More run parameters, as in `setlocal:engine.<param>`. */
  readonly runParams?: Readonly<Record<string, string>> | undefined;
}

/** The embedded engine: the kernel, the clock of its media, its endpoints, and what its modules share. */
export interface Engine {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Logger;
  /** The one clock of all media. */
  readonly ticker: Ticker;
  readonly nodeName: string;
  /** Start time in milliseconds since the epoch. */
  readonly startedMs: number;
  /** Start time in seconds, as in billids. */
  readonly runId: string;
  readonly runParams: ReadonlyMap<string, string>;
  readonly modules: ReadonlySet<string>;
  /** Endpoints that can be located, by id. */
  readonly endpoints: Map<string, CallEndpoint>;
  /** Apps that are connected. */
  readonly apps: ConnectedApps;
  /** False once the engine is stopping: no new calls. */
  readonly accepting: boolean;
  /** The configuration file of that name; empty when there is none. */
  config(name: string): ConfigFile;
  /** A message stamped now. */
  message(name: string, params?: ParamsInit, userData?: object): EngineMessage;
  /** Makes, and dispatches. */
  dispatch(name: string, params?: ParamsInit, userData?: object): MaybePromise<boolean>;
  /** Makes, and enqueues. */
  enqueue(name: string, params?: ParamsInit, userData?: object): void;
  /** Installs a handler for as long as the engine runs. */
  install(handler: KernelHandler): () => void;
  /**
   * Calls `fn` when the engine stops, in reverse order of the calls to `own`. What may end before the engine takes that back by
   * the function returned, or the engine would hold on to it.
   */
  own(fn: () => void | Promise<void>): () => void;
  /** A new billing id. */
  nextBillId(): string;
  /** Ends all calls and everything owned; idempotent. */
  stop(): Promise<void>;
}

/** Starts an engine with its modules; resolves when `engine.start` has been dispatched. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const clock = options.clock ?? realClock;
  const log = options.log ?? silentLogger;
  const config = options.config ?? {};
  const nodeName = options.nodeName ?? "";
  const startedMs = clock.now();
  const runId = String(Math.floor(startedMs / 1000));
  const general = config.yate?.section("general");
  const trackParam = trackParamOf(general?.get("trackparam"));
  const kernel = createKernel({ clock, log, trackParam });
  const modules = new Set<string>();
  const owned = new Set<() => void | Promise<void>>();
  const node = nodeName ? { nodename: nodeName } : {};
  let bills = 0;
  /** The module that is being started: what it installs is its. */
  let starting = "engine";
  let accepting = true;
  let stopping: Promise<void> | undefined;

  const engine: Engine = {
    kernel,
    clock,
    log,
    ticker: createTicker(clock, log),
    nodeName,
    startedMs,
    runId,
    runParams: new Map(
      Object.entries({
        version: compatibleVersion,
        release: "yayts",
        revision: "",
        nodename: nodeName,
        runid: runId,
        configname: "yate",
        supervised: "false",
        trackparam: trackParam === false ? "" : trackParam,
        ...options.runParams,
      }),
    ),
    modules,
    endpoints: new Map(),
    apps: createConnectedApps(),
    get accepting() {
      return accepting;
    },
    config: (name) => config[name] ?? emptyConfig,
    message: (name, params, userData) => new EngineMessage(name, { params, userData, timeMs: clock.now() }),
    dispatch: (name, params, userData) => kernel.dispatch(engine.message(name, params, userData)),
    enqueue: (name, params, userData) => kernel.enqueue(engine.message(name, params, userData)),
    install: (handler) => {
      const uninstall = kernel.install(withOwner(handler, starting));
      const disown = engine.own(uninstall);
      return () => {
        disown();
        uninstall();
      };
    },
    own(fn) {
      owned.add(fn);
      return () => void owned.delete(fn);
    },
    nextBillId: () => `${runId}-${++bills}`,
    stop() {
      stopping ??= (async () => {
        accepting = false;
        await broadcast("engine.stop", node);
        await broadcast("engine.halt", node);
        // What the calls' end has put in the queue is still dispatched.
        await new Promise<void>((resolve) => clock.turn(() => clock.turn(resolve)));
        for (const fn of [...owned].reverse()) {
          try {
            await fn();
          } catch (error) {
            log.error("something failed while the engine stopped", { error });
          }
        }
        engine.ticker.stop();
      })();
      return stopping;
    },
  };
  const broadcast = async (name: string, params: ParamsInit): Promise<void> => {
    await kernel.dispatch(new EngineMessage(name, { params, timeMs: clock.now(), broadcast: true }));
  };

  installEngineMessages(engine, startedMs);
  for (const module of options.modules ?? []) {
    starting = module.name;
    await module.start(engine);
    modules.add(module.name);
  }
  starting = "engine";
  await broadcast("engine.start", node);
  return engine;
}

/** What a module installs without saying whose it is, is the module's. */
function withOwner(handler: KernelHandler, name: string): KernelHandler {
  if (handler.owner || handler.trackName !== undefined) return handler;
  const { filter, priority } = handler;
  return {
    name: handler.name,
    priority,
    filter,
    owner: { name },
    receive: (message) => handler.receive(message),
  };
}

function trackParamOf(text: string | undefined): string | false {
  if (text === undefined || text === "") return "handlers";
  return toBoolean(text) === false ? false : text;
}
