import { Params } from "../../bus/index.ts";
import {
  type AppAnswer,
  type AppLine,
  type AppMessage,
  createLineSplitter,
  type EngineLine,
  formatEngineAnswer,
  formatEngineLine,
  formatMessage,
  parseAppLine,
} from "../../wire/index.ts";
import { createAppSubscriptions } from "../app-subscriptions.ts";
import type { ConnectedApp } from "../connected-app.ts";
import { logAtLevel } from "../debug-level.ts";
import { CallEndpoint } from "../endpoint.ts";
import type { Engine } from "../engine.ts";
import { createHeldMessages } from "../held-messages.ts";
import type { MaybePromise } from "../kernel.ts";
import type { LocalSettings } from "../local-settings.ts";
import { EngineMessage } from "../message.ts";
import { AppChannel } from "./app-channel.ts";
import { type AppSettings, createAppSettings, setAppLocal } from "./app-settings.ts";
import type { AppTransport } from "./app-transport.ts";

/** `channel` owns at most one call endpoint. */
export type AppRole = "global" | "channel";

/** What went wrong on one connection so far. */
export interface AppFigures {
  /** Lines answered with `Error in:`. */
  readonly badLines: number;
  /** Answers that could not be read, or to no message that is waiting. */
  readonly badAnswers: number;
  /** Messages that the app did not answer in time. */
  readonly timeouts: number;
}

export interface AppConnectionOptions {
  readonly engine: Engine;
  readonly transport: AppTransport;
  /** Of the listener or the script. */
  readonly name: string;
  /** The other side's address, or a script's argument: the second word of its line in `external`. */
  readonly address: string;
  /** How it came, for who looks at the engine. Default `stdio`. */
  readonly way?: ConnectedApp["way"] | undefined;
  /** Undefined: the app's first line says it. */
  readonly role: AppRole | undefined;
  /** What the app's settings begin with. */
  readonly settings: LocalSettings;
  /** Has its endpoint from the start, as a script that was called has; the caller must hold it. */
  readonly withChannel?: boolean | undefined;
  /** A global script, which may ask to be started again. */
  readonly restartable?: boolean | undefined;
  /** Puts off the end of its endpoint until `leave` is called, for sound that has not been played yet. Default: not at all. */
  readonly onLeaving?: ((leave: () => void) => void) | undefined;
  /** The connection is over, for whatever reason. Called once. */
  readonly onClosed: () => void;
}

/** One app that speaks the external-module protocol with the engine (spec/protocol.md). */
export interface AppConnection {
  readonly name: string;
  readonly address: string;
  readonly role: AppRole | undefined;
  readonly channel: AppChannel | undefined;
  readonly settings: Readonly<AppSettings>;
  readonly figures: AppFigures;
  /** Messages that the app holds. */
  readonly held: number;
  readonly open: boolean;
  /** Takes bytes from the app. */
  push(chunk: Uint8Array): void;
  /** Gives the app a message to answer; false when it cannot take one or does not answer. */
  give(message: EngineMessage): MaybePromise<boolean>;
  /** Ends it from the engine's side: what was sent goes out, what the app holds is given back. Idempotent. */
  close(): void;
  /** The app has gone: what it holds is given back. Idempotent. */
  lost(): void;
}

let connections = 0;

/** Serves an app on a transport. */
export function createAppConnection(options: AppConnectionOptions): AppConnection {
  const { engine, transport, name, address } = options;
  const { kernel, clock, log } = engine;
  const settings = createAppSettings(options.settings, name, options.restartable ?? false);
  const figures = { badLines: 0, badAnswers: 0, timeouts: 0 };
  const reported = new Set<string>();
  let state: "open" | "quitting" | "closed" = "open";
  let role = options.role;
  let channel: AppChannel | undefined;

  const held = createHeldMessages({
    clock,
    prefix: (++connections).toString(16),
    onTimeout(message, timeoutMs) {
      figures.timeouts++;
      message.trace?.failed(`no answer within ${timeoutMs} ms`);
      log.warn(`${settings.debugName} did not answer ${message.name} within ${timeoutMs} ms`);
      if (settings.timebomb) connection.close();
    },
    onEmpty() {
      if (state === "quitting") connection.close();
    },
  });

  const isOwn = (message: EngineMessage): boolean => message.sender === connection;

  const offer = (message: EngineMessage): MaybePromise<boolean> => {
    if (state !== "open" || (!settings.reenter && isOwn(message))) return false;
    if (settings.maxQueue > 0 && held.size >= settings.maxQueue) return false;
    return held.hold(message, settings.timeoutMs, (id) => {
      transport.send(formatMessage(id, message.timeSec, message.name, message.retvalue, message.params.flat));
    });
  };

  const show = (message: EngineMessage, handled: boolean): void => {
    if (!settings.selfwatch && isOwn(message)) return;
    transport.send(formatEngineAnswer("", handled, message.name, message.retvalue, message.params.flat));
  };

  const wantedName = options.way === "tcp" || options.way === undefined ? `${name} ${address}`.trim() : name;
  const owner = { name: engine.apps.claimName(wantedName) };
  const subscriptions = createAppSubscriptions(kernel, owner, offer, show);
  const rename = (wanted: string): void => {
    engine.apps.releaseName(owner.name);
    owner.name = engine.apps.claimName(wanted);
  };
  const reply = (line: EngineLine): void => transport.send(formatEngineLine(line));

  const createChannel = (): AppChannel => {
    const made = new AppChannel({
      engine,
      address: name,
      onGone() {
        channel = undefined;
        connection.close();
      },
    });
    channel = made;
    return made;
  };

  const send = (line: AppMessage): void => {
    const timeMs = line.timeSec === 0 || settings.settime ? clock.now() : line.timeSec * 1000;
    const message = new EngineMessage(line.name, { retvalue: line.retvalue, timeMs, sender: connection });
    message.params = Params.lazy("", () => line.params.slice());
    if (role === "channel" && !channel && line.name === "call.execute") message.set("id", createChannel().id);
    // An app that uses the id of a message it holds speaks for that message's channel (spec/protocol.md §6).
    const heldNow = line.id === "" ? undefined : held.get(line.id);
    message.userData = heldNow ? heldNow.userData : settings.setdata ? channel : undefined;
    // The message keeps the endpoint alive until its sender was told.
    const release = message.userData instanceof CallEndpoint ? message.userData.hold() : undefined;
    kernel.enqueue(message, (handled) => {
      if (line.id !== "" && state === "open") {
        transport.send(
          formatEngineAnswer(line.id, handled, message.name, message.retvalue, message.params.flat),
        );
      }
      release?.();
    });
  };

  const reportAnswer = (kind: string, id: string): void => {
    figures.badAnswers++;
    if (reported.has(kind)) return;
    reported.add(kind);
    log.warn(`${settings.debugName} sent ${kind} (id ${JSON.stringify(id)}); more of them are only counted`);
  };

  const answered = (line: AppAnswer): void => {
    const message = held.get(line.id);
    if (!message) {
      reportAnswer("an answer to no message that waits for one", line.id);
      return;
    }
    if (line.handled !== undefined) held.remember(line.id, line.handled);
    if (line.name !== undefined) message.name = line.name;
    if (line.retvalue !== undefined) message.retvalue = line.retvalue;
    const { changes } = line;
    for (let i = 0; i < changes.length; i += 2) {
      const key = changes[i] ?? "";
      const value = changes[i + 1];
      if (value === undefined) message.params.delete(key);
      else message.params.set(key, value);
    }
    if (line.complete) held.settle(line.id, line.handled ?? false);
    else reportAnswer("an answer that cannot be read", line.id);
  };

  const errorIn = (line: string): void => {
    figures.badLines++;
    transport.send(`Error in: ${line}`);
  };

  const obey = (line: AppLine, text: string): void => {
    switch (line.kind) {
      case "message":
        send(line);
        break;
      case "answer":
        answered(line);
        break;
      case "install": {
        const ok = subscriptions.install(line.name, line.priority, line.filter, settings.trackName);
        reply({ kind: "installed", priority: line.priority, name: line.name, ok });
        break;
      }
      case "uninstall": {
        const priority = subscriptions.uninstall(line.name);
        reply({
          kind: "uninstalled",
          priority: priority ?? 0,
          name: line.name,
          ok: priority !== undefined,
        });
        break;
      }
      case "watch":
        reply({ kind: "watched", name: line.name, ok: subscriptions.watch(line.name) });
        break;
      case "unwatch":
        reply({ kind: "unwatched", name: line.name, ok: subscriptions.unwatch(line.name) });
        break;
      case "setlocal": {
        const { value, ok } = setAppLocal(engine, settings, channel, line.name, line.value);
        splitter.limitBytes = settings.bufsizeBytes - 2;
        if (line.name === "debugname" && settings.debugNamed) rename(settings.debugName);
        reply({ kind: "local", name: line.name, value, ok });
        break;
      }
      case "output":
        log.info(line.text);
        break;
      case "debug":
        if (line.level <= settings.debugLevel)
          logAtLevel(log, line.level, `${settings.debugName}: ${line.text}`);
        break;
      case "quit":
        quit();
        break;
      case "connect":
      case "bad":
        errorIn(text);
        break;
    }
  };

  /** The close waits until the messages that the app holds have timed out; its answers are not read (spec/protocol.md §9). */
  const quit = (): void => {
    reply({ kind: "quitting" });
    splitter.stop();
    subscriptions.clear();
    state = "quitting";
    if (held.size === 0) connection.close();
  };

  const takeRole = (line: AppLine): void => {
    if (line.kind === "connect" && (line.role === "global" || line.role === "channel")) {
      role = line.role;
      return;
    }
    log.warn(`${name}: ${address} was cut: its first line is no %%>connect with the role global or channel`);
    end(() => transport.destroy());
  };

  const splitter = createLineSplitter((text) => {
    const line = parseAppLine(text);
    if (role === undefined) takeRole(line);
    else obey(line, text);
  });

  const end = (endTransport: () => void): void => {
    if (state === "closed") return;
    state = "closed";
    engine.apps.remove(connection);
    splitter.stop();
    subscriptions.clear();
    held.releaseAll();
    endTransport();
    const leaving = channel;
    channel = undefined;
    if (leaving && !leaving.gone) {
      const leave = (): void => leaving.disconnect({ reason: settings.reason || undefined });
      if (options.onLeaving) options.onLeaving(leave);
      else leave();
    }
    options.onClosed();
  };

  const connection: AppConnection = {
    name,
    address,
    get role() {
      return role;
    },
    get channel() {
      return channel;
    },
    settings,
    figures,
    get held() {
      return held.size;
    },
    get open() {
      return state === "open";
    },
    push(chunk) {
      if (state !== "open" || splitter.push(chunk) || state !== "open") return;
      log.warn(
        `${settings.debugName} was cut: it sent a line longer than its buffer of ${settings.bufsizeBytes} bytes takes`,
      );
      end(() => transport.destroy());
    },
    give: offer,
    close: () => end(() => transport.end()),
    lost: () => end(() => transport.destroy()),
  };
  engine.apps.add(connection, {
    get name() {
      return owner.name;
    },
    way: options.way ?? "stdio",
    remote: address,
    sinceMs: clock.now(),
    handlers: subscriptions.handlers,
    watches: subscriptions.watches,
    get held() {
      return held.size;
    },
    cut: () => connection.lost(),
  });
  if (options.withChannel) createChannel();
  return connection;
}
