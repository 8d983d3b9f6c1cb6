import type { YaytsError } from "../base/index.ts";
import type { Params } from "./params.ts";

/** One parameter that must have exactly this value; an absent parameter counts as empty (spec/kernel.md §2). */
export interface Filter {
  readonly name: string;
  readonly value: string;
}

/** The content of a message on its way. */
export interface MessageContent {
  readonly name: string;
  readonly retvalue: string;
  readonly params: Params;
}

/** A message that the engine wants handled, or shows to a watcher. */
export type LinkEvent =
  | (MessageContent & { readonly kind: "message"; readonly id: string; readonly timeSec: number })
  | (MessageContent & { readonly kind: "watch"; readonly handled: boolean });

/**
 * The way from a bus to one engine: a connection of the external-module protocol, or the kernel in the same process.
 * Calls never throw; what cannot be sent is lost, and the bus is told by `lost`.
 */
export interface Link {
  install(name: string, priority: number, filter: Filter | undefined): void;
  uninstall(name: string): void;
  watch(name: string): void;
  unwatch(name: string): void;
  /** Sends a message; an empty id asks for no answer. */
  send(id: string, content: MessageContent): void;
  /** Answers a message: `content.params.touched` names what changed, `renamed` whether the name did. */
  answer(id: string, handled: boolean, content: MessageContent, renamed: boolean): void;
  /** An undefined value asks for the present one. */
  setlocal(name: string, value: string | undefined): void;
  output(text: string): void;
  debug(level: number, text: string): void;
  /** Lets what was sent go out, then ends the link. */
  close(): Promise<void>;
  /** Ends the link at once. */
  abort(): void;
  /** The bus has worked off what it held back while it was `busy`: read on. */
  resume(): void;
}

/** What a link tells its bus. */
export interface LinkEvents {
  /** In the order of arrival; the bus hands each out when the app has had its turn after the one before. */
  event(event: LinkEvent): void;
  answered(id: string, handled: boolean, content: MessageContent): void;
  /** A message that was sent will have no answer: it could not travel, or the engine refused its line. */
  failed(id: string, error: YaytsError): void;
  installed(name: string, priority: number, ok: boolean): void;
  watched(name: string, ok: boolean): void;
  localSet(name: string, value: string, ok: boolean): void;
  /** The engine is gone; `retryMs` when the link tries again after so long, undefined when it will not. */
  lost(cause: unknown, retry: { readonly attempt: number; readonly retryMs: number } | undefined): void;
  /** The engine is back and knows nothing of this app. */
  restored(downMs: number): void;
  /** True while events are held back; a link with a socket then stops reading. */
  readonly busy: boolean;
}
