import {
  createBus,
  type Filter,
  type Link,
  type LinkEvents,
  type MessageContent,
  type Yate,
} from "../bus/index.ts";
import type { Engine } from "./engine.ts";
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

/** A message that the app holds. */
interface HeldMessage {
  readonly message: EngineMessage;
  /** Set once the handler has returned to the kernel without an answer. */
  settle: ((handled: boolean) => void) | undefined;
  result: boolean | undefined;
  cancelTimer: () => void;
}

/**
 * Connects an app in the same process: the same `Yate`, the same rules as over a socket (spec/protocol.md §7, §11), and no
 * bytes in between.
 */
export function connectInProcess(engine: Engine, options: InProcessOptions = {}): Yate {
  const { kernel, clock, log } = engine;
  const name = options.name ?? "app";
  const held = new Map<string, HeldMessage>();
  const installs = new Map<string, { priority: number; uninstall: () => void }>();
  const watches = new Set<string>();
  let unhook: (() => void) | undefined;
  let lastId = 0;
  let open = true;
  const settings: LocalSettings = {
    ...defaultLocalSettings,
    reenter: options.reenter ?? true,
    selfwatch: options.selfwatch ?? true,
    timeoutMs: options.timeoutMs ?? defaultLocalSettings.timeoutMs,
  };

  const give = (message: EngineMessage): MaybePromise<boolean> => {
    if (message.sender === link && !settings.reenter) return false;
    if (settings.maxQueue > 0 && held.size >= settings.maxQueue) return false;
    const id = String(++lastId);
    const holding: HeldMessage = { message, settle: undefined, result: undefined, cancelTimer() {} };
    held.set(id, holding);
    events.event({
      kind: "message",
      id,
      timeSec: message.timeSec,
      name: message.name,
      retvalue: message.retvalue,
      params: message.params.clone(),
    });
    if (holding.result !== undefined) return holding.result;
    return new Promise((resolve) => {
      holding.settle = resolve;
      if (settings.timeoutMs <= 0) return;
      const timer = clock.after(settings.timeoutMs, () => {
        log.warn(
          `${name} did not answer ${message.name} within ${settings.timeoutMs} ms; the next handler has it`,
        );
        end(id, false);
        if (settings.timebomb) close();
      });
      holding.cancelTimer = () => timer.cancel();
    });
  };

  const end = (id: string, handled: boolean): void => {
    const holding = held.get(id);
    if (!holding) return;
    held.delete(id);
    holding.cancelTimer();
    holding.result = handled;
    holding.settle?.(handled);
  };

  const show = (message: EngineMessage, handled: boolean): void => {
    if (!watches.has("") && !watches.has(message.name)) return;
    if (message.sender === link && !settings.selfwatch) return;
    const { name: final, retvalue, params } = message;
    events.event({ kind: "watch", name: final, retvalue, params: params.clone(), handled });
  };

  const close = (): void => {
    if (!open) return;
    open = false;
    for (const { uninstall } of installs.values()) uninstall();
    unhook?.();
    for (const id of [...held.keys()]) end(id, false);
  };

  const link: Link = {
    install(handled, priority, filter: Filter | undefined) {
      const ok = open && handled !== "" && !installs.has(handled);
      if (ok) {
        const uninstall = kernel.install({
          name: handled,
          priority,
          filter,
          trackName: settings.trackName || undefined,
          receive: give,
        });
        installs.set(handled, { priority, uninstall });
      }
      clock.turn(() => events.installed(handled, priority, ok));
    },
    uninstall(handled) {
      installs.get(handled)?.uninstall();
      installs.delete(handled);
    },
    watch(watched) {
      watches.add(watched);
      unhook ??= kernel.hook(show);
      clock.turn(() => events.watched(watched, true));
    },
    unwatch(watched) {
      watches.delete(watched);
    },
    send(id, content: MessageContent) {
      const { name: sent, params, retvalue } = content;
      const message = new EngineMessage(sent, { params, retvalue, timeMs: clock.now(), sender: link });
      if (id === "") kernel.enqueue(message);
      else kernel.enqueue(message, (handled) => open && events.answered(id, handled, message));
    },
    answer(id, handled, content, renamed) {
      const message = held.get(id)?.message;
      if (!message) return;
      if (renamed) message.name = content.name;
      message.retvalue = content.retvalue;
      for (const touched of content.params.touched) {
        const value = content.params.get(touched);
        if (value === undefined) message.params.delete(touched);
        else message.params.set(touched, value);
      }
      end(id, handled);
    },
    setlocal(setting, value) {
      const { value: now, ok } = setLocal(engine, settings, setting, value ?? "") ?? {
        value: value ?? "",
        ok: false,
      };
      clock.turn(() => events.localSet(setting, now, ok));
    },
    output: (text) => log.info(text),
    debug: (level, text) =>
      level <= 2
        ? log.error(text)
        : level <= 5
          ? log.warn(text)
          : level <= 8
            ? log.info(text)
            : log.debug(text),
    async close() {
      close();
    },
    abort: close,
    resume() {},
  };
  const { yate, events }: { yate: Yate; events: LinkEvents } = createBus(link, { log, clock });
  engine.own(() => yate.abort("the engine stopped"));
  return yate;
}
