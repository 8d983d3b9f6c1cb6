import { createBus, type Link, type LinkEvents, type MessageContent, type Yate } from "../bus/index.ts";
import { createAppSubscriptions } from "./app-subscriptions.ts";
import type { ConnectedApp } from "./connected-app.ts";
import { logAtLevel } from "./debug-level.ts";
import type { Engine } from "./engine.ts";
import { createHeldMessages } from "./held-messages.ts";
import type { MaybePromise } from "./kernel.ts";
import { defaultLocalSettings, type LocalSettings, setLocal } from "./local-settings.ts";
import { EngineMessage } from "./message.ts";

/** Options of an app in the engine's own process. */
export interface InProcessOptions {
  /** Names the app in logs and in the tracking parameter. Default `app`. */
  readonly name?: string | undefined;
  /** Whether the app's handlers get the app's own messages. Default true, as in YAYPM. */
  readonly reenter?: boolean | undefined;
  /** Whether the app's watchers see the app's own messages. Default true, as in YAYPM. */
  readonly selfwatch?: boolean | undefined;
  /** How long the engine waits for an answer of the app; 0 is for ever. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Connects an app in the same process: the same `Yate`, the same rules as over a socket (spec/protocol.md §7, §11), and no
 * bytes in between.
 */
export function connectInProcess(engine: Engine, options: InProcessOptions = {}): Yate {
  const { kernel, clock, log } = engine;
  const name = options.name ?? "app";
  let open = true;
  const settings: LocalSettings = {
    ...defaultLocalSettings,
    reenter: options.reenter ?? true,
    selfwatch: options.selfwatch ?? true,
    timeoutMs: options.timeoutMs ?? defaultLocalSettings.timeoutMs,
  };

  const held = createHeldMessages({
    clock,
    prefix: name,
    onTimeout(message, timeoutMs) {
      message.trace?.failed(`no answer within ${timeoutMs} ms`);
      log.warn(`${name} did not answer ${message.name} within ${timeoutMs} ms`);
      if (settings.timebomb) yate.abort(`${name} did not answer in time`);
    },
    onEmpty() {},
  });

  const give = (message: EngineMessage): MaybePromise<boolean> => {
    if (message.sender === link && !settings.reenter) return false;
    if (settings.maxQueue > 0 && held.size >= settings.maxQueue) return false;
    return held.hold(message, settings.timeoutMs, tell);
  };

  const tell = (id: string, { name: received, retvalue, timeSec, params }: EngineMessage): void =>
    events.event({ kind: "message", id, timeSec, name: received, retvalue, params: params.clone() });

  const show = (message: EngineMessage, handled: boolean): void => {
    if (message.sender === link && !settings.selfwatch) return;
    const { name: final, retvalue, params } = message;
    events.event({ kind: "watch", name: final, retvalue, params: params.clone(), handled });
  };

  const owner = { name: engine.apps.claimName(name) };
  const subscriptions = createAppSubscriptions(kernel, owner, give, show);

  const close = (): void => {
    open = false;
    engine.apps.remove(link);
    disown();
    subscriptions.clear();
    held.releaseAll();
  };

  const link: Link = {
    install(handled, priority, filter) {
      const ok = open && subscriptions.install(handled, priority, filter, settings.trackName);
      clock.turn(() => events.installed(handled, priority, ok));
    },
    uninstall: (handled) => void subscriptions.uninstall(handled),
    watch(watched) {
      const ok = open && subscriptions.watch(watched);
      clock.turn(() => events.watched(watched, ok));
    },
    unwatch: (watched) => void subscriptions.unwatch(watched),
    send(id, content: MessageContent) {
      const { name: sent, params, retvalue } = content;
      const message = new EngineMessage(sent, { params, retvalue, timeMs: clock.now(), sender: link });
      if (id === "") kernel.enqueue(message);
      else kernel.enqueue(message, (handled) => open && events.answered(id, handled, message));
    },
    answer(id, handled, content, renamed) {
      const message = held.get(id);
      if (!message) return;
      if (renamed) message.name = content.name;
      message.retvalue = content.retvalue;
      for (const touched of content.params.touched) {
        const value = content.params.get(touched);
        if (value === undefined) message.params.delete(touched);
        else message.params.set(touched, value);
      }
      held.settle(id, handled);
    },
    setlocal(setting, value) {
      const { value: now, ok } = setLocal(engine, settings, setting, value ?? "") ?? {
        value: value ?? "",
        ok: false,
      };
      clock.turn(() => events.localSet(setting, now, ok));
    },
    output: (text) => log.info(text),
    debug: (level, text) => logAtLevel(log, level, text),
    async close() {
      close();
    },
    abort: close,
    resume() {},
  };
  const { yate, events }: { yate: Yate; events: LinkEvents } = createBus(link, { log, clock });
  const disown = engine.own(() => yate.abort("the engine stopped"));
  const app: ConnectedApp = {
    name: owner.name,
    way: "in process",
    remote: "",
    sinceMs: clock.now(),
    handlers: subscriptions.handlers,
    watches: subscriptions.watches,
    get held() {
      return held.size;
    },
    cut: () => yate.abort("the connection was cut"),
  };
  engine.apps.add(link, app);
  return yate;
}
