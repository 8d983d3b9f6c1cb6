import type { Filter, Link } from "./link.ts";
import type { ReceivedMessage, SeenMessage } from "./messages.ts";
import type { Observing } from "./observing.ts";
import { createTakerIndex, type TakerIndex } from "./taker-index.ts";
import type { Streamer, Waiter } from "./takers.ts";
import type { PendingWait } from "./wait.ts";
import type { Handler } from "./yate.ts";

/** A standing handler of the app. */
export interface StandingHandler {
  readonly priority: number;
  readonly filter: Filter | undefined;
  readonly fn: Handler<string>;
  readonly ready: PendingWait<void>;
}

/** All that one app wants of one message name. */
export interface Subscription {
  readonly name: string;
  readonly waits: TakerIndex<ReceivedMessage, Waiter<ReceivedMessage>>;
  readonly streams: TakerIndex<ReceivedMessage, Streamer<ReceivedMessage>>;
  /** By rising priority; equal ones in the order of their making. */
  handlers: readonly StandingHandler[];
  /** What the engine was asked for. */
  installed:
    | { readonly priority: number; readonly filter: Filter | undefined; confirmed: boolean }
    | undefined;
  readonly seenWaits: TakerIndex<SeenMessage, Waiter<SeenMessage>>;
  readonly seenStreams: TakerIndex<SeenMessage, Streamer<SeenMessage>>;
  watched: { confirmed: boolean } | undefined;
  /** The app takes no more messages of this name. */
  retired: boolean;
}

const defaultPriority = 100;

export function createSubscription(
  name: string,
  report: (error: unknown) => void,
  observing?: Observing,
): Subscription {
  return {
    name,
    waits: createTakerIndex(`onmsg ${name}`, report, observing),
    streams: createTakerIndex(`messages ${name}`, report, observing),
    handlers: [],
    installed: undefined,
    seenWaits: createTakerIndex(`onwatch ${name}`, report, observing),
    seenStreams: createTakerIndex(`watches ${name}`, report, observing),
    watched: undefined,
    retired: false,
  };
}

/**
 * Makes the engine's handler fit what the app wants now. One connection can have one handler a name, so it stands at the
 * lowest priority that any part of the app asked for, with a filter only while a single handler is all there is.
 * @param joining what is being added: a standing handler, or a wait or stream (which want priority 100, no filter)
 */
export function ensureInstalled(subscription: Subscription, link: Link, joining?: StandingHandler): void {
  if (subscription.retired) return;
  const { installed } = subscription;
  const wanted = joining?.priority ?? defaultPriority;
  const alone = installed === undefined;
  const priority = alone ? wanted : Math.min(installed.priority, wanted);
  const filter = alone || sameFilter(installed.filter, joining?.filter) ? joining?.filter : undefined;
  if (installed && installed.priority === priority && sameFilter(installed.filter, filter)) return;
  if (installed) link.uninstall(subscription.name);
  subscription.installed = { priority, filter, confirmed: false };
  link.install(subscription.name, priority, filter);
}

function sameFilter(a: Filter | undefined, b: Filter | undefined): boolean {
  return a?.name === b?.name && a?.value === b?.value;
}

export function ensureWatched(subscription: Subscription, link: Link): void {
  if (subscription.watched) return;
  subscription.watched = { confirmed: false };
  link.watch(subscription.name);
}

/** Takes no more messages of this name, for good; those that the app holds may still be answered. */
export function retire(subscription: Subscription, link: Link): void {
  subscription.retired = true;
  if (!subscription.installed) return;
  subscription.installed = undefined;
  link.uninstall(subscription.name);
}

/** Asks a fresh engine for everything again. */
export function reinstall(subscription: Subscription, link: Link): void {
  const { installed, watched, name } = subscription;
  if (installed) {
    installed.confirmed = false;
    link.install(name, installed.priority, installed.filter);
  }
  if (watched) {
    watched.confirmed = false;
    link.watch(name);
  }
}
