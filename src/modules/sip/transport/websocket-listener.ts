import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { addressOf, plainHost } from "./addresses.ts";
import type { Carrier } from "./connection-table.ts";
import type { TransportHub } from "./stream-connection.ts";
import { type ConnectionListener, portOf, reserveFor, stopServer } from "./stream-listener.ts";
import { listenFailure } from "./transport-errors.ts";
import type { SipListenerOptions, TlsIdentity } from "./transport-options.ts";

/** SIP over WebSocket (RFC 7118), as browsers speak it; the server's side only. */
export async function createWebSocketListener(
  options: SipListenerOptions,
  identity: TlsIdentity | undefined,
  hub: TransportHub,
): Promise<ConnectionListener> {
  const host = await addressOf(options.host);
  const { limits } = hub;
  const transport = identity ? "WSS" : "WS";
  const sockets = new Map<Socket, () => void>();
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.headerBytes + limits.bodyBytes,
    perMessageDeflate: false,
    handleProtocols: () => "sip",
  });
  const web = { headersTimeout: limits.messageMs, requestTimeout: limits.messageMs, keepAliveTimeout: 1000 };

  let server: Server;
  try {
    server = identity
      ? createTlsServer({ ...web, ...identity, minVersion: "TLSv1.2", handshakeTimeout: limits.messageMs })
      : createServer(web);
    server.listen({ host, port: options.port, ipv6Only: true });
    await once(server, "listening");
  } catch (error) {
    throw listenFailure(options, error);
  }
  server.on("error", (error) => hub.intake.notes.note(`listener ${options.name}`, error.message));
  server.on("connection", (socket) => {
    const release = reserveFor(socket, hub);
    if (!release) return;
    sockets.set(socket, release);
    socket.once("close", () => {
      sockets.delete(socket);
      release();
    });
  });
  server.on("request", (_request, response) => {
    response.writeHead(426, { upgrade: "websocket", connection: "close" }).end();
  });
  server.on("upgrade", (request, stream: Duplex, head) => {
    stream.on("error", () => stream.destroy());
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (!offered.includes("sip")) {
      // RFC 7118 §4: without the subprotocol it is not SIP that will be spoken.
      stream.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    webSockets.handleUpgrade(request, stream, head, (webSocket) =>
      openWebSocket(webSocket, request.socket, transport, hub),
    );
  });

  return {
    address: { host, port: portOf(server) },
    stop: () => {
      const idle = [...sockets.keys()].filter((socket) => !upgraded.has(socket));
      return stopServer(server, idle);
    },
  };
}

/** Sockets that carry a WebSocket: they are ended as connections are. */
const upgraded = new WeakSet<object>();

function openWebSocket(
  webSocket: WebSocket,
  socket: Socket,
  transport: "WS" | "WSS",
  { intake, connections }: TransportHub,
): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (!localAddress || !remoteAddress || localPort === undefined || remotePort === undefined) {
    webSocket.terminate();
    return;
  }
  upgraded.add(socket);
  const remote = { host: plainHost(remoteAddress), port: remotePort };
  const write = (bytes: Uint8Array): void => {
    // RFC 7118 §5: either kind of frame will do; browsers' libraries are happier with text.
    webSocket.send(bytes, { binary: !isUtf8(bytes) });
  };
  const carrier: Carrier = {
    transport,
    local: { host: plainHost(localAddress), port: localPort },
    remote,
    get queuedBytes() {
      return webSocket.bufferedAmount;
    },
    write,
    end: () => webSocket.close(1001),
    destroy: () => webSocket.terminate(),
  };
  // The place among the connections is given back when the socket below closes.
  const connection = connections.open(carrier, { accepted: true }, () => {});
  const { flow } = connection;
  webSocket.on("message", (data) => {
    if (flow.closed) return;
    connection.active();
    const bytes = bytesOf(data);
    if (bytes.every((byte) => byte === 13 || byte === 10)) {
      intake.counts.keepAlives++;
      if (bytes.length === 4) write(bytes.subarray(0, 2));
      return;
    }
    if (!intake.take(bytes, flow)) connection.close("what came is no SIP");
  });
  webSocket.on("ping", () => connection.active());
  let cause: unknown;
  webSocket.on("error", (error) => {
    cause = error;
    intake.counts.malformed++;
    intake.notes.note(remote.host, `${error.message}, ${transport} closed`);
  });
  webSocket.on("close", () => connection.lost(cause));
}

function bytesOf(data: ArrayBuffer | Buffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
