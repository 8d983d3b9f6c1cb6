import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { YaytsError } from "../../../base/index.ts";
import { formatAddress, type SipFlow, type SipTransport } from "../../../sip/index.ts";
import {
  addressOf,
  createLocalAddresses,
  familyOf,
  isLoopback,
  isWildcard,
  type LocalAddresses,
  plainHost,
} from "./addresses.ts";
import { connectStream } from "./connect-stream.ts";
import { createConnectionTable } from "./connection-table.ts";
import { createIntake } from "./intake.ts";
import { resolveUri, type SipTarget } from "./resolve.ts";
import { createSystemResolver } from "./resolver.ts";
import type { TransportHub } from "./stream-connection.ts";
import { type ConnectionListener, createStreamListener } from "./stream-listener.ts";
import {
  defaultLimits,
  type SipConnectOptions,
  type SipListenerAddress,
  type SipListenerOptions,
  type SipTransportFigures,
  type SipTransportsOptions,
} from "./transport-options.ts";
import { createUdpListener, type UdpListener } from "./udp-listener.ts";
import { createWebSocketListener } from "./websocket-listener.ts";

/** All ways by which SIP comes and goes. */
export interface SipTransports {
  /** Of every listener by its name. */
  readonly addresses: ReadonlyMap<string, SipListenerAddress>;
  /**
   * The way to a peer: an open connection to it if there is one (RFC 5923), else a new one; for UDP the flow of a listener.
   * @throws YaytsError `peer-unreachable`; `bad-argument` for a listener that does not exist
   */
  connect(options: SipConnectOptions): Promise<SipFlow>;
  /** The open connection of that id. Several UDP peers share the id of their listener, so that is none: use `connect`. */
  flowOf(id: string): SipFlow | undefined;
  /**
   * Where requests to a URI are to be sent (RFC 3263), for `connect`: the first of `targets`.
   * @param transport to be used, in any case. Default: what the URI or DNS says
   * @throws YaytsError `bad-argument` for what is no sip or sips URI, `peer-unreachable` when there is no such place
   */
  resolve(uri: string, transport?: string): Promise<SipTarget>;
  /** All such places, the first to be tried first. */
  targets(uri: string, transport?: string): Promise<readonly SipTarget[]>;
  /**
   * Where peers can reach us for new requests by the transport of a flow: its listener, for a connection one of the same kind and family, with
   * the address that the peer sees. Nothing if there is none, as on a connection made from a machine without listeners for it.
   */
  reachableAt(flow: SipFlow): SipListenerAddress | undefined;
  readonly figures: SipTransportFigures;
  /** Closes all, after what waits has been sent. */
  stop(): Promise<void>;
}

const transportNames: Readonly<Record<SipListenerOptions["transport"], SipTransport>> = {
  udp: "UDP",
  tcp: "TCP",
  tls: "TLS",
  ws: "WS",
  wss: "WSS",
};

/**
 * Opens the listeners, all or none.
 * @throws YaytsError `port-taken`, or `config-invalid` for what cannot be listened at, a name given twice, a bad certificate
 */
export async function createSipTransports(options: SipTransportsOptions): Promise<SipTransports> {
  const { clock, log, tls = {} } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const resolver = options.resolver ?? createSystemResolver();
  const intake = createIntake({
    clock,
    log,
    flood: options.flood,
    tap: options.tap,
    onMessage: options.onMessage,
  });
  const connections = createConnectionTable({ clock, limits, intake });
  const hub: TransportHub = { clock, limits, intake, connections };
  const locals = await createLocalAddresses(clock);
  const addresses = new Map<string, SipListenerAddress>();
  const udp: UdpListener[] = [];
  const servers: ConnectionListener[] = [];
  /** Connections that are being made, by where to. */
  const connecting = new Map<string, Promise<SipFlow>>();
  let stopped = false;

  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await Promise.all([
      connections.stop(),
      ...servers.map((server) => server.stop()),
      ...udp.map((listener) => listener.stop()),
    ]);
    intake.notes.stop();
  };
  try {
    for (const listener of options.listeners) {
      if (addresses.has(listener.name))
        throw new YaytsError("config-invalid", `two SIP listeners have the name ${listener.name}`);
      const address = await openListener(listener);
      addresses.set(listener.name, { transport: transportNames[listener.transport], ...address });
    }
  } catch (error) {
    await stop();
    throw error;
  }

  async function openListener(listener: SipListenerOptions): Promise<{ host: string; port: number }> {
    const { name, transport } = listener;
    if (transport === "udp") {
      const socket = await createUdpListener(listener, intake, locals, limits.udpFlows);
      udp.push(socket);
      return socket.address;
    }
    const secure = transport === "tls" || transport === "wss";
    if (secure && !listener.tls)
      throw new YaytsError(
        "config-invalid",
        `SIP listener ${name} (${transport}) needs a certificate and key`,
      );
    const identity = secure ? listener.tls : undefined;
    const create = transport === "ws" || transport === "wss" ? createWebSocketListener : createStreamListener;
    const server = await create(listener, identity, hub);
    servers.push(server);
    return server.address;
  }

  const transportsTo = (address: string): readonly SipTransport[] =>
    udpFor(udp, address) ? ["UDP", "TCP", "TLS"] : ["TCP", "TLS"];

  const connectUdp = (host: string, options: SipConnectOptions): SipFlow => {
    const { listener: name, from, port } = options;
    const remote = { host, port };
    if (name !== undefined) {
      const listener = udp.find((candidate) => candidate.name === name);
      if (!listener) throw new YaytsError("bad-argument", `there is no SIP listener ${name} for UDP`);
      return listener.flowTo(remote);
    }
    const listener = udpFor(udp, host, from);
    if (listener) return listener.flowTo(remote);
    const by = from ? ` from ${from.host}` : "";
    throw new YaytsError(
      "peer-unreachable",
      `no SIP listener for UDP can reach ${formatAddress(remote)}${by}`,
    );
  };

  const connect = async (options: SipConnectOptions): Promise<SipFlow> => {
    if (stopped) throw new YaytsError("closed", "the SIP transports are stopped");
    const host = await addressOf(options.host);
    const transport = options.transport ?? transportsTo(host)[0] ?? "TCP";
    if (transport === "UDP") return connectUdp(host, options);
    const remote = { host, port: options.port };
    const serverName = options.serverName ?? plainHost(options.host);
    // A contact given by its address is the connection it came by; who is known by name must be verified by it.
    const verifiedAs = transport === "TLS" && !isIP(serverName) ? serverName : undefined;
    const open = connections.find(transport, remote, verifiedAs);
    if (open) return open;
    if (transport !== "TCP" && transport !== "TLS")
      throw new YaytsError(
        "peer-unreachable",
        `no open ${transport} connection of ${formatAddress(remote)}: WebSocket peers connect to us`,
      );
    const localHost = options.from?.host ?? localOf(options.listener, host);
    const key = `${transport} ${formatAddress(remote)} ${verifiedAs ?? ""} ${localHost ?? ""}`;
    let made = connecting.get(key);
    if (made === undefined) {
      made = connectStream(transport, remote, localHost, serverName, tls, hub).finally(() =>
        connecting.delete(key),
      );
      connecting.set(key, made);
    }
    return made;
  };

  /** The address of a listener, to connect from. */
  const localOf = (name: string | undefined, remoteHost: string): string | undefined => {
    // The id of a connection that is gone: a new one can come from anywhere.
    if (name === undefined || /^(tcp|tls|wss?):/.test(name)) return undefined;
    const host = addresses.get(name)?.host;
    if (host === undefined) throw new YaytsError("bad-argument", `there is no SIP listener ${name}`);
    return isWildcard(host) || familyOf(host) !== familyOf(remoteHost) ? undefined : host;
  };

  const targets = (uri: string, transport?: string): Promise<readonly SipTarget[]> =>
    resolveUri(uri, {
      transport,
      resolver,
      transports: transportsTo,
      random: () => randomInt(2 ** 32) / 2 ** 32,
    });

  return {
    addresses,
    connect,
    flowOf: (id) => connections.get(id),
    async resolve(uri, transport) {
      const [first] = await targets(uri, transport);
      if (!first) throw new YaytsError("peer-unreachable", `${uri} has no address`);
      return first;
    },
    targets,
    reachableAt: (flow) => reachableAt(flow, addresses, locals),
    get figures() {
      return { ...intake.counts, connections: connections.size, trackedSources: intake.guard?.size ?? 0 };
    },
    stop,
  };
}

/** The listener that packets to an address are best sent from. */
function udpFor(
  listeners: readonly UdpListener[],
  address: string,
  from?: SipConnectOptions["from"],
): UdpListener | undefined {
  const usable = listeners.filter(({ address: { host, port } }) => {
    if (familyOf(host) !== familyOf(address)) return false;
    if (from && !isWildcard(host) && plainHost(from.host) !== host) return false;
    if (from?.port !== undefined && from.port !== 0 && from.port !== port) return false;
    // From the loopback address nothing leaves the machine.
    return !isLoopback(host) || isLoopback(address) || isWildcard(address);
  });
  // To the machine itself from its loopback address, so that the answer can come back by the same.
  if (isLoopback(address)) return usable.find(({ address: { host } }) => isLoopback(host)) ?? usable[0];
  return usable[0];
}

function reachableAt(
  flow: SipFlow,
  addresses: ReadonlyMap<string, SipListenerAddress>,
  locals: LocalAddresses,
): SipListenerAddress | undefined {
  const { transport, local, remote } = flow;
  if (transport === "UDP") return { transport, host: local.host, port: local.port };
  const fit = [...addresses.values()].filter(
    (address) => address.transport === transport && familyOf(address.host) === familyOf(remote.host),
  );
  const at =
    fit.find(({ host }) => host === local.host) ??
    fit.find(({ host }) => isWildcard(host)) ??
    fit.find(({ host }) => !isLoopback(host) || isLoopback(remote.host));
  return at && { ...at, host: isWildcard(at.host) ? locals.toward(remote.host) : at.host };
}
