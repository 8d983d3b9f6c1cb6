import type { IncomingMessage, InstalledHandler, Yate } from "../bus/index.ts";

/** Handlers that all callers and phones on one connection share: a connection has one handler a name. */
interface Shared {
  /** By the token that the call carries, what to do before it is routed. */
  readonly beforeRouting: Map<string, (route: IncomingMessage<"call.route">) => void>;
  readonly onAttach: Map<string, Set<(attach: IncomingMessage<"chan.attach">) => void>>;
  routing: InstalledHandler | undefined;
  attaching: InstalledHandler | undefined;
}

const byYate = new WeakMap<Yate, Shared>();

function sharedOf(yate: Yate): Shared {
  let shared = byYate.get(yate);
  if (!shared) {
    shared = { beforeRouting: new Map(), onAttach: new Map(), routing: undefined, attaching: undefined };
    byYate.set(yate, shared);
  }
  return shared;
}

/** Parameters that mark a call of ours, so that the engine sends us no other to look at. */
export function markOf(token: string): { readonly yayts_caller: string; readonly yayts_call: string } {
  return { yayts_caller: "true", yayts_call: token };
}

/**
 * Calls `fn` when the call that carries {@link markOf}`(token)` is about to be routed. That is the one moment where a call has
 * its channel and nothing has happened to it yet. The call waits for `fn`, and with it one of the few workers of a YATE
 * (spec/kernel.md §4): so `fn` waits for nothing.
 * @returns takes it back
 */
export async function beforeRouting(
  yate: Yate,
  token: string,
  fn: (route: IncomingMessage<"call.route">) => void,
): Promise<() => void> {
  const shared = sharedOf(yate);
  shared.beforeRouting.set(token, fn);
  shared.routing ??= yate.handle("call.route", { priority: 1, filter: { yayts_caller: "true" } }, (route) => {
    shared.beforeRouting.get(route.get("yayts_call") ?? "")?.(route);
    return false;
  });
  await shared.routing.ready;
  return () => {
    shared.beforeRouting.delete(token);
    if (shared.beforeRouting.size > 0) return;
    shared.routing?.uninstall();
    shared.routing = undefined;
  };
}

/**
 * Calls `fn` for each `chan.attach` on the channel that leg `id` is connected to, and on leg `id` itself, before it is done.
 * A watcher would come too late: the parameter that tells the sound is removed by the module that plays it.
 * @returns takes it back
 */
export function onAttach(
  yate: Yate,
  id: string,
  fn: (attach: IncomingMessage<"chan.attach">) => void,
): () => void {
  const shared = sharedOf(yate);
  const ears = shared.onAttach.get(id) ?? new Set();
  ears.add(fn);
  shared.onAttach.set(id, ears);
  shared.attaching ??= yate.handle("chan.attach", { priority: 20 }, (attach) => {
    for (const leg of [attach.get("id"), attach.get("peerid")])
      for (const tell of shared.onAttach.get(leg ?? "") ?? []) tell(attach);
    return false;
  });
  return () => {
    ears.delete(fn);
    if (ears.size === 0) shared.onAttach.delete(id);
    if (shared.onAttach.size > 0) return;
    shared.attaching?.uninstall();
    shared.attaching = undefined;
  };
}
