import type { Logger, Signal } from "../base/index.ts";
import type {
  IncomingMessage,
  MessageName,
  OutgoingMessage,
  ParamsOf,
  ParamsToSend,
  WatchedMessage,
} from "./message.ts";
import type { ParamValue } from "./params.ts";
import type { Until, Wait, WaitOptions } from "./wait.ts";

/**
 * Parameters with the values that a message must have; compared as text, a missing one never matches. An undefined value is
 * refused with `bad-argument`.
 */
export type ObjectGuard<N extends string> = {
  readonly [K in keyof ParamsOf<N>]?: ParamsOf<N>[K] | number | boolean;
} & { readonly [name: string]: ParamValue };

/**
 * Which messages are meant: an object of parameters (indexed: as fast among 100,000 as among ten) or a predicate
 * (tried one after another). A predicate that throws counts as false and is reported.
 */
export type Guard<N extends string, M> = ObjectGuard<N> | ((message: M) => boolean);

/** Options of `onmsg`. */
export interface OnMessageOptions extends WaitOptions {
  /** Answer the message `true` before the wait resolves. Default false. */
  readonly autoreturn?: boolean | undefined;
}

/** Options of the iterables. */
export interface StreamOptions extends WaitOptions {
  /**
   * Most messages held while the loop is busy, default 1000. Over it `messages` answers new ones `false`, `watches`
   * drops the oldest; either is reported and counted.
   */
  readonly bufferSize?: number | undefined;
  /** As in `onmsg`; only for `messages`. */
  readonly autoreturn?: boolean | undefined;
}

/** An endless loop of messages; `return` (leaving the loop) gives it up. `until` or the signal end the loop normally. */
export interface MessageStream<M> extends AsyncIterable<M>, AsyncIterator<M, undefined> {
  return(): Promise<IteratorResult<M, undefined>>;
  /** Messages waiting to be taken. */
  readonly buffered: number;
  /** Messages refused or dropped because the buffer was full. */
  readonly dropped: number;
  [Symbol.asyncIterator](): MessageStream<M>;
}

/** What a handler may return: true or a return value (handled), false or nothing (not handled). */
// biome-ignore lint/suspicious/noConfusingVoidType: functions without a return statement are handlers too
export type HandlerResult = boolean | string | undefined | void;

export type Handler<N extends string> = (
  message: IncomingMessage<N>,
) => HandlerResult | Promise<HandlerResult>;

/** Options of `handle`. */
export interface HandleOptions {
  /** Place among the handlers, lower comes first. Default 100. */
  readonly priority?: number | undefined;
  /** One parameter that must have exactly this value; the engine then does not even send the others. */
  readonly filter?: Readonly<Record<string, string>> | undefined;
  /** Takes the handler away when it fires. */
  readonly signal?: Signal | undefined;
}

/** A standing handler. */
export interface InstalledHandler {
  /** Resolves when the engine has it; rejects with `install-refused` when it would not. Need not be awaited. */
  readonly ready: Promise<void>;
  /** Takes it away; messages it is busy with may still be answered. */
  uninstall(): void;
}

/** The state of the way to the engine. */
export type ConnectionState =
  | { readonly kind: "connected"; readonly again: boolean; readonly downMs: number }
  | {
      readonly kind: "reconnecting";
      readonly cause: unknown;
      readonly attempt: number;
      readonly retryMs: number;
    }
  /** `close` was called: the last moment to send something, before what is under way has ended and the connection closes. */
  | { readonly kind: "closing" }
  | { readonly kind: "closed"; readonly cause: unknown };

/**
 * An engine, as an app sees it: the embedded one or a real YATE, near or far (design.md §4.1).
 * Names are YAYPM's where it had one.
 */
export interface Yate {
  /**
   * Waits for one message that this app handles. The oldest wait whose guard fits takes the message, and only that one;
   * it must then be answered with `ret`. A message that no wait, stream or handler takes is answered `false` at once.
   */
  onmsg<N extends MessageName>(
    name: N,
    guard?: Guard<N, IncomingMessage<N>>,
    options?: OnMessageOptions,
  ): Wait<IncomingMessage<N>>;
  /** Waits for one message after it was dispatched. Every wait whose guard fits gets it. The name "" means every message. */
  onwatch<N extends MessageName>(
    name: N,
    guard?: Guard<N, WatchedMessage<N>>,
    options?: WaitOptions,
  ): Wait<WatchedMessage<N>>;
  /** Every message that fits, for a `for await` loop; each must be answered. One-shot waits come first. */
  messages<N extends MessageName>(
    name: N,
    guard?: Guard<N, IncomingMessage<N>>,
    options?: StreamOptions,
  ): MessageStream<IncomingMessage<N>>;
  /** Every message that fits, after it was dispatched, for a `for await` loop. */
  watches<N extends MessageName>(
    name: N,
    guard?: Guard<N, WatchedMessage<N>>,
    options?: StreamOptions,
  ): MessageStream<WatchedMessage<N>>;
  /**
   * A standing handler: what `fn` returns answers the message. One that throws answers `false` and is reported.
   * Several handlers of one name in one app run by priority. One that changes the message's name and does not handle it hands it
   * on as that message: the app's other handlers are passed over.
   */
  handle<N extends MessageName>(name: N, fn: Handler<N>): InstalledHandler;
  handle<N extends MessageName>(name: N, options: HandleOptions, fn: Handler<N>): InstalledHandler;
  /** A message to send. Undefined and null parameters are left out. */
  msg<N extends MessageName>(name: N, params?: ParamsToSend<N>, retvalue?: ParamValue): OutgoingMessage<N>;
  /** The same as `message.ret`. */
  ret(message: IncomingMessage<string>, handled?: boolean, retvalue?: ParamValue): void;
  /** The same engine, where every wait and stream also ends with `end` (YAYPM's RestrictedDispatcher). */
  until(end: Until): Yate;
  /**
   * Sets a local setting of the connection (spec/protocol.md §8), or asks for it when `value` is left out.
   * Resolves to its value; rejects with `setting-refused`. Settings are set again after a reconnect.
   */
  setlocal(name: string, value?: ParamValue): Wait<string>;
  /** Writes a line to the engine's log. */
  output(text: string): void;
  /** Writes a debug line to the engine's log; level 1 (fatal) to 10 (all). */
  debug(level: number, text: string): void;
  /**
   * Takes no new calls and finishes those it has, as before another copy of the app takes over: messages of these names
   * (default `call.preroute`, `call.route`) go past the app from now on. Waits for them stay until something else ends them.
   */
  retire(names?: readonly MessageName[]): void;
  /** Where the app's own reports go. */
  readonly log: Logger;
  readonly state: ConnectionState;
  /** Calls `fn` at each change of state; returns the way to stop that. */
  onState(fn: (state: ConnectionState) => void): () => void;
  /**
   * Lets what is under way end: answers of this app and to this app, at most `timeoutMs` (default 5000), then closes.
   * Waits that are left reject with Disconnected, loops end.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Closes at once; everything that waits rejects with Disconnected, loops end. */
  abort(reason?: unknown): void;
  [Symbol.asyncDispose](): Promise<void>;
}
