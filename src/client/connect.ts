import { type Clock, type Logger, realClock, silentLogger } from "../base/index.ts";
import { createBus, type Yate } from "../bus/index.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { createEngineLink } from "./engine-link.ts";
import type { ReconnectOptions } from "./reconnect.ts";
import { socketFactory } from "./socket-transport.ts";
import { stdioTransport } from "./stdio-transport.ts";
import type { Transport, TransportFactory } from "./transport.ts";

/** How to be on a connection; every field has a default. */
export interface ConnectOptions {
  /** This app's handlers also get messages that it sent itself. Default true. */
  readonly reenter?: boolean | undefined;
  /** Its watches also see them. Default true. */
  readonly selfwatch?: boolean | undefined;
  /** Name of the app in the `handlers` parameter of messages. Default: none. */
  readonly trackparam?: string | undefined;
  /** How a lost connection is made again; false: not at all. Default: after 0.1 s, then ever later, up to 10 s. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /** Time for connecting, and again for the engine to answer, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Answer half a line at once with an empty line, which a YATE skips: over TCP that saves some 40 ms a round trip.
   * Default `auto`: over TCP.
   */
  readonly kick?: boolean | "auto" | undefined;
  /** Longest line taken from the engine, in bytes. Default 16 MiB. */
  readonly maxLineBytes?: number | undefined;
  /** Most bytes held for an engine that does not read; beyond it dispatches reject with `overflow`. Default 64 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** How errors call an engine that is reached by a transport. Default: by its address, or `the given transport`. */
  readonly name?: string | undefined;
  /** Default: silent. */
  readonly log?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Where an app that is started without an address finds its engine. */
export const defaultAddress = "tcp://127.0.0.1:5039";

/**
 * Connects to an engine and resolves when it has shown to be one. Rejects with YaytsError: `connect-refused` (nobody
 * listens), `not-a-yate`, `role-refused`, `bad-argument` (the address).
 * @param address `tcp://host:port`, `unix:/path`, a transport (used once, so never reconnected), or what makes one
 */
export async function connect(
  address: string | Transport | TransportFactory = defaultAddress,
  options: ConnectOptions = {},
): Promise<Yate> {
  const { name = "the given transport" } = options;
  if (typeof address === "function") return start(address, name, options, true);
  if (typeof address === "object")
    return start(() => Promise.resolve(address), name, { ...options, reconnect: false }, true);
  const parsed = parseAddress(address);
  return start(socketFactory(parsed), formatAddress(parsed), options, true);
}

/**
 * The engine that started this program as a script: reads its stdin, writes its stdout, which must be used for nothing
 * else. What the engine sent first (the call of the script) waits until the caller of this had its turn.
 */
export async function connectStdio(options: Omit<ConnectOptions, "reconnect" | "kick"> = {}): Promise<Yate> {
  const open: TransportFactory = () => Promise.resolve(stdioTransport(process.stdin, process.stdout));
  return start(open, "stdin", { ...options, reconnect: false, kick: false }, false);
}

async function start(
  open: TransportFactory,
  where: string,
  options: ConnectOptions,
  announce: boolean,
): Promise<Yate> {
  const { log = silentLogger, clock = realClock, kick = "auto", trackparam } = options;
  const settings: [string, string][] = [
    ["reenter", String(options.reenter ?? true)],
    ["selfwatch", String(options.selfwatch ?? true)],
  ];
  if (trackparam) settings.unshift(["trackparam", trackparam]);
  const engineLink = createEngineLink({
    open,
    handshake: { where, announce, settings, timeoutMs: options.timeoutMs ?? 5000, clock },
    session: (transport) => ({
      log,
      kick: kick === "auto" ? transport.kind === "tcp" : kick,
      maxLineBytes: options.maxLineBytes ?? 16 * 1024 * 1024,
      maxBufferedBytes: options.maxBufferedBytes ?? 64 * 1024 * 1024,
    }),
    reconnect: options.reconnect ?? {},
    log,
    clock,
  });
  await engineLink.start();
  const { yate, events } = createBus(engineLink.link, { log, clock });
  engineLink.attach(events);
  return yate;
}
