/**
 * Layer engine: the embedded engine's kernel, endpoints and data paths, its module host, the in-process `Yate` and the
 * external-module listener. May import base, wire, bus, media.
 */
export { Channel, type ChannelOptions, copyParams, type Direction, listOf } from "./channel.ts";
export { type ConfigFile, type ConfigSection, emptyConfig, parseConfig } from "./config.ts";
export type { ConnectedApp, ConnectedApps, InstalledHandler } from "./connected-app.ts";
export {
  attach,
  type ControlParams,
  DataConsumer,
  type DataEndpoint,
  DataNode,
  type DataSlot,
  DataSource,
  type InputKind,
  type Ticker,
  type TickerFigures,
  tickMs,
} from "./data/index.ts";
export { carry, createDriver, type Driver, type DriverOptions, endpointOf } from "./driver.ts";
export { CallEndpoint, type DisconnectCause } from "./endpoint.ts";
export {
  compatibleVersion,
  type Engine,
  type EngineConfig,
  type EngineModule,
  type EngineOptions,
  startEngine,
} from "./engine.ts";
export type { AppRole } from "./extmodule/connection.ts";
export type { ListenerOptions } from "./extmodule/listener.ts";
export { type ExtModule, type ExtModuleOptions, extmodule } from "./extmodule/module.ts";
export { connectInProcess, type InProcessOptions } from "./in-process.ts";
export type { Kernel, KernelFigures, KernelHandler, MaybePromise, PostHook } from "./kernel.ts";
export type { DispatchTrace, KernelTracer, TracedHandler } from "./kernel-trace.ts";
export { executeMedia } from "./media-call.ts";
export { EngineMessage, type EngineMessageInit, toBoolean, toInteger } from "./message.ts";
export { type OriginateOptions, originate } from "./originate.ts";
export { routeCall } from "./router.ts";
