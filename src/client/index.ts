/**
 * Layer client: a `Yate` over the line protocol: TCP, UNIX socket, stdio, memory; kicks, limits, reconnect.
 * May import base, wire and bus, and Node.
 */

export { type Address, defaultPort, formatAddress, listenerLines, parseAddress } from "./address.ts";
export { type ConnectOptions, connect, connectStdio, defaultAddress } from "./connect.ts";
export { createMemoryPipe, type MemoryPipe, type MemoryPipeOptions } from "./memory-pipe.ts";
export type { ReconnectOptions } from "./reconnect.ts";
export { socketFactory } from "./socket-transport.ts";
export type { Transport, TransportEvents, TransportFactory } from "./transport.ts";
