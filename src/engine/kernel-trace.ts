import type { EngineMessage } from "./message.ts";

/** A handler as a trace names it. */
export interface TracedHandler {
  /** The module, or the app's connection. */
  readonly owner: { readonly name: string };
  readonly priority: number;
}

/** Is told of one dispatch as it goes. What it throws is a fault of the engine: it must not. */
export interface DispatchTrace {
  /** The next handler is about to get the message, which has the handler's name in its tracking parameter already. */
  asking(handler: TracedHandler): void;
  /** That handler threw, or did not answer in time. Its answer follows. */
  failed(why: string): void;
  answered(handled: boolean): void;
  /** The dispatch is over. @param next those who would have been asked, in their order, if the message had not been handled */
  over(handled: boolean, next: readonly TracedHandler[]): void;
}

/** Is told of all dispatches of a kernel. */
export interface KernelTracer {
  /**
   * A dispatch begins.
   * @param queuedMs how long the message was in the queue; undefined for one that is dispatched at once
   * @returns what is told of it; undefined leaves it out
   */
  begin(message: EngineMessage, queuedMs: number | undefined): DispatchTrace | undefined;
}

/** Most handlers that are told to be next. */
export const maxNext = 16;
