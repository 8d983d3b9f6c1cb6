import type { Catalogue } from "./catalogue.generated.ts";
import type { Params, ParamsInit, ParamValue } from "./params.ts";
import type { Wait, WaitOptions } from "./wait.ts";

/** The name of a message: those of the catalogue complete in an editor, any other is accepted. */
export type MessageName = keyof Catalogue | (string & {});

/** The parameters that the catalogue knows for a message; for other messages any name. */
export type ParamsOf<N extends string> = N extends keyof Catalogue
  ? Catalogue[N]
  : { [name: string]: string };

/** A parameter's name: those of the catalogue complete in an editor, any other is accepted. */
export type ParamName<N extends string> = (keyof ParamsOf<N> & string) | (string & {});

/** Parameters to send with message `N`. */
export type ParamsToSend<N extends string> =
  | { readonly [K in keyof ParamsOf<N>]?: ParamsOf<N>[K] | number | boolean | null | undefined }
  | ParamsInit;

/** What every message has. */
export interface Message<N extends string = string> {
  name: string;
  retvalue: string;
  /** In the order of the wire, repeats kept. */
  readonly params: Params;
  /** The first value of that name; undefined when it is absent. */
  get(name: ParamName<N>): string | undefined;
  set(name: ParamName<N>, value: ParamValue): this;
}

/** A message that this app may handle; it must be answered, and the engine waits for it (10 s by default). */
export interface IncomingMessage<N extends string = string> extends Message<N> {
  /** When it was created, in whole seconds since the epoch; its sender may have set any value. */
  readonly timeSec: number;
  /** True once it was answered. */
  readonly answered: boolean;
  /**
   * Answers it. What was changed in `name` and `params` goes with the answer, also when it is not handled.
   * @param handled true ends the dispatch; false lets the next handler have it
   * @param retvalue default: the return value it came with
   * @throws YaytsError `already-answered`
   */
  ret(handled?: boolean, retvalue?: ParamValue): void;
}

/** A message that was dispatched, as a watcher sees it. */
export interface WatchedMessage<N extends string = string> extends Message<N> {
  /** Whether some handler took it. */
  readonly handled: boolean;
}

/** What became of a message that was sent. It is the message itself, changed by those who handled it. */
export interface DispatchedMessage<N extends string = string> extends WatchedMessage<N> {}

/** A message to send. */
export interface OutgoingMessage<N extends string = string> extends Message<N> {
  /** Whether it was handled; undefined until its answer came. */
  readonly handled: boolean | undefined;
  /**
   * Sends it and waits until all handlers are done with it. Not handled is an outcome, not an error.
   * Rejects with Disconnected when the engine is lost meanwhile. Ending the wait early does not stop the dispatch.
   */
  dispatch(options?: WaitOptions): Wait<DispatchedMessage<N>>;
  /** Sends it and forgets it; no answer comes. */
  enqueue(): void;
}
