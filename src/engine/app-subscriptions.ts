import type { Filter } from "../bus/index.ts";
import type { InstalledHandler } from "./connected-app.ts";
import type { Kernel, KernelHandler, PostHook } from "./kernel.ts";

/** The handlers and watchers of one app (spec/protocol.md §7). */
export interface AppSubscriptions {
  /** False when the name is empty or installed already. */
  install(name: string, priority: number, filter: Filter | undefined, trackName: string): boolean;
  /** The priority that the handler had; undefined when there is none. */
  uninstall(name: string): number | undefined;
  watch(name: string): boolean;
  unwatch(name: string): boolean;
  /** Takes all away. */
  clear(): void;
  readonly handlers: ReadonlyMap<string, InstalledHandler>;
  readonly watches: ReadonlySet<string>;
}

/**
 * @param owner the app
 * @param receive offered what the handlers get
 * @param show told of every message of a watched name, once; the kernel is asked for them only while something is watched
 */
export function createAppSubscriptions(
  kernel: Kernel,
  owner: { readonly name: string },
  receive: KernelHandler["receive"],
  show: PostHook,
): AppSubscriptions {
  const handlers = new Map<string, InstalledHandler & { readonly uninstall: () => void }>();
  const watched = new Set<string>();
  let unhook: (() => void) | undefined;

  const unhookIfIdle = (): void => {
    if (watched.size > 0) return;
    unhook?.();
    unhook = undefined;
  };

  return {
    handlers,
    watches: watched,
    install(name, priority, filter, trackName) {
      if (name === "" || handlers.has(name)) return false;
      const uninstall = kernel.install({
        name,
        priority,
        filter,
        trackName: trackName || undefined,
        owner,
        receive,
      });
      handlers.set(name, { priority, filter, uninstall });
      return true;
    },
    uninstall(name) {
      const handler = handlers.get(name);
      handlers.delete(name);
      handler?.uninstall();
      return handler?.priority;
    },
    watch(name) {
      if (watched.has(name)) return false;
      watched.add(name);
      unhook ??= kernel.hook((message, handled) => {
        if (watched.has("") || watched.has(message.name)) show(message, handled);
      });
      return true;
    },
    unwatch(name) {
      const was = watched.delete(name);
      unhookIfIdle();
      return was;
    },
    clear() {
      for (const { uninstall } of handlers.values()) uninstall();
      handlers.clear();
      watched.clear();
      unhookIfIdle();
    },
  };
}
