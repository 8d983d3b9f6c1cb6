import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { SipAddress } from "../../../sip/index.ts";
import { addressOf, plainHost } from "./addresses.ts";
import { openStream, type TransportHub } from "./stream-connection.ts";
import { listenFailure } from "./transport-errors.ts";
import type { SipListenerOptions, TlsIdentity } from "./transport-options.ts";

/** A listener of connections. */
export interface ConnectionListener {
  readonly address: SipAddress;
  /** Takes no more; those that are open stay. */
  stop(): Promise<void>;
}

/** Listens for TCP, or for TLS when an identity is given. */
export async function createStreamListener(
  options: SipListenerOptions,
  identity: TlsIdentity | undefined,
  hub: TransportHub,
): Promise<ConnectionListener> {
  const host = await addressOf(options.host);
  /** Sockets whose TLS is being agreed on, and what gives their place back. */
  const handshakes = new Map<Socket, () => void>();

  const reserve = (socket: Socket): (() => void) | undefined => reserveFor(socket, hub);
  const accept = (socket: Socket): void => {
    const release = reserve(socket);
    if (release) openStream(socket, "TCP", hub, { accepted: true }, release);
  };

  let server: Server;
  try {
    if (identity) {
      const secure = createTlsServer({
        ...identity,
        minVersion: "TLSv1.2",
        handshakeTimeout: hub.limits.messageMs,
      });
      secure.on("connection", (socket) => {
        const release = reserve(socket);
        if (!release) return;
        handshakes.set(socket, release);
        socket.once("close", () => {
          if (handshakes.delete(socket)) release();
        });
      });
      secure.on("secureConnection", (socket) => {
        const raw = rawOf(socket, handshakes);
        const release = raw && handshakes.get(raw);
        if (!raw || !release) return void socket.destroy();
        handshakes.delete(raw);
        openStream(socket, "TLS", hub, { accepted: true }, release);
      });
      secure.on("tlsClientError", (error, socket) => {
        // Not those that were closed because there were too many.
        const { remoteAddress } = rawOf(socket, handshakes) ?? {};
        if (remoteAddress !== undefined) {
          hub.intake.counts.malformed++;
          hub.intake.notes.note(plainHost(remoteAddress), `TLS failed: ${error.message}`);
        }
        socket.destroy();
      });
      server = secure;
    } else server = createServer(accept);
    server.listen({ host, port: options.port, ipv6Only: true });
    await once(server, "listening");
  } catch (error) {
    throw listenFailure(options, error);
  }
  // Accepting can fail later, when the process has no more descriptors.
  server.on("error", (error) => hub.intake.notes.note(`listener ${options.name}`, error.message));
  return { address: { host, port: portOf(server) }, stop: () => stopServer(server, handshakes.keys()) };
}

/** Room for a connection that was accepted; without it the socket is closed and counted. */
export function reserveFor(socket: Socket, { connections, intake }: TransportHub): (() => void) | undefined {
  const host = plainHost(socket.remoteAddress ?? "");
  // Errors before anybody else listens for them end the socket; its close is what counts.
  socket.on("error", () => socket.destroy());
  const release = host === "" ? undefined : connections.reserve(host);
  if (!release) {
    socket.destroy();
    if (host !== "") {
      intake.counts.refusedConnections++;
      intake.notes.note(host, "one connection too many, closed");
    }
  }
  return release;
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

export async function stopServer(server: Server, unfinished: Iterable<Socket>): Promise<void> {
  // Its callback waits for open connections too; those are ended by the table of connections.
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of [...unfinished]) socket.destroy();
  await closed;
}

/** The TCP socket below a TLS one, by its addresses: Node does not tell. */
function rawOf(socket: TLSSocket, among: ReadonlyMap<Socket, unknown>): Socket | undefined {
  for (const raw of among.keys())
    if (raw.remotePort === socket.remotePort && raw.remoteAddress === socket.remoteAddress) return raw;
  return undefined;
}
