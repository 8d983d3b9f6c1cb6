/**
 * Layer bus: messages, parameters, the `Yate` interface, waits, streams and handlers over a link. Pure.
 * May import base.
 */

export { type App, app } from "./app.ts";
export { type Bus, type BusOptions, createBus } from "./bus.ts";
export type { Catalogue, Text } from "./catalogue.generated.ts";
export { reasonOfStatus } from "./channel-status.ts";
export type { Filter, Link, LinkEvent, LinkEvents, MessageContent } from "./link.ts";
export type {
  DispatchedMessage,
  IncomingMessage,
  Message,
  MessageName,
  OutgoingMessage,
  ParamName,
  ParamsOf,
  ParamsToSend,
  WatchedMessage,
} from "./message.ts";
export {
  type BusObserver,
  makeObservable,
  type ObservedEnd,
  type ObservedKind,
  type ObservedWait,
  type Observing,
  type Operation,
  observingOf,
} from "./observing.ts";
export { Params, type ParamsInit, type ParamsParser, type ParamValue } from "./params.ts";
export { createStream, type StreamFeed } from "./stream.ts";
export { createWait, type PendingWait, type Until, type Wait, type WaitOptions } from "./wait.ts";
export type {
  ConnectionState,
  Guard,
  HandleOptions,
  Handler,
  HandlerResult,
  InstalledHandler,
  MessageStream,
  ObjectGuard,
  OnMessageOptions,
  StreamOptions,
  Yate,
} from "./yate.ts";
