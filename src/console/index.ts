/**
 * Layer console: the server of the browser console: a phone and a picture of every call. An external module like any other. May
 * import base, bus, client, flow, media, rtp, trace, call.
 */
export { type Console, type ConsoleOptions, startConsole } from "./console.ts";
export { type CuttableConnection, connectCuttable } from "./cuttable-connection.ts";
export * from "./protocol.ts";
