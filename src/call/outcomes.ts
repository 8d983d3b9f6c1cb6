import type { YaytsError } from "../base/index.ts";

/** A call is over. Every operation that was under way ends with it, and every later one at once. */
export interface HangUp {
  readonly kind: "hangup";
  /** Who ended it: the other party, this app, or the loss of the engine. */
  readonly by: "party" | "app" | "engine";
  /** The engine's word: hangup, busy, noanswer, a text of the phone's, …; "" when it gave none. */
  readonly reason: string;
  /** SIP's status, when the call ended by one (RFC 3261 §21). */
  readonly code?: number;
}

/** An operation could not be done; the call goes on. `error` says what to do. */
export interface Failed {
  readonly kind: "failed";
  readonly error: YaytsError;
}

/** Done as asked. */
export interface Done {
  readonly kind: "done";
}

/** How playing ended. */
export type PlayEnd =
  | { readonly kind: "completed"; readonly playedMs: number }
  /** By `stop()`, or because something else was played on the same call. */
  | { readonly kind: "stopped"; readonly by: "app" | "next"; readonly playedMs: number }
  /** The party pressed a key that `bargeIn` lets interrupt; the key can still be read. */
  | { readonly kind: "key"; readonly key: string; readonly playedMs: number }
  | HangUp
  | Failed;
