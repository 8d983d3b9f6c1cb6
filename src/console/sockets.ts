import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOurHost, isOwnOrigin } from "./hosts.ts";
import { type PageServices, servePage } from "./page-connection.ts";
import { closeCodes, socketPath, socketProtocol } from "./protocol.ts";
import { rightOf, type Tokens } from "./token.ts";

/** A sound file of some minutes, in base64. */
const longestFrame = 24 * 1024 * 1024;
const tokenPrefix = "token.";

/** The WebSockets of all pages. */
export interface Sockets {
  /** Takes over a connection whose request asks for that. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, secure: boolean): void;
  /** Ends them all; those that do not say goodbye in time are cut. */
  close(): Promise<void>;
}

const goodbyeMs = 500;

export function createSockets(options: {
  readonly tokens: Tokens;
  readonly names: readonly string[];
  readonly services: PageServices;
}): Sockets {
  const { tokens, names, services } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: longestFrame,
    // It costs more time than it saves on a local line.
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has(socketProtocol) ? socketProtocol : false),
  });
  let closing = false;

  const open = (socket: WebSocket, { headers }: IncomingMessage): void => {
    // A browser tells its page nothing of a refused handshake; of a close it tells the code.
    const right = rightOf(tokens, tokenIn(headers["sec-websocket-protocol"]));
    if (closing) socket.close(1001, "the console ends");
    else if (right === undefined) {
      socket.on("error", () => {});
      socket.close(closeCodes.token, "the link is not this console's; open the one that it has printed");
    } else servePage(socket, right, services);
  };

  return {
    upgrade(request, socket, head, secure) {
      const [path] = (request.url ?? "").split("?");
      if (path !== socketPath) return refuse(socket, "404 Not Found");
      if (!isOurHost(request.headers.host, names)) return refuse(socket, "421 Misdirected Request");
      if (!isOwnOrigin(request, secure)) return refuse(socket, "403 Forbidden");
      const protocols = (request.headers["sec-websocket-protocol"] ?? "")
        .split(",")
        .map((name) => name.trim());
      if (!protocols.includes(socketProtocol)) return refuse(socket, "400 Bad Request");
      server.handleUpgrade(request, socket, head, (opened) => open(opened, request));
    },
    async close() {
      closing = true;
      const gone = [...server.clients].map((socket) => {
        if (socket.readyState === socket.CLOSED) return undefined;
        socket.close(1001, "the console ends");
        return new Promise<void>((resolve) => socket.once("close", () => resolve()));
      });
      const timer = services.clock.after(goodbyeMs, () => {
        for (const socket of server.clients) socket.terminate();
      });
      await Promise.all(gone);
      timer.cancel();
    },
  };
}

function tokenIn(protocols: string | undefined): string {
  const found = (protocols ?? "")
    .split(",")
    .map((name) => name.trim())
    .find((name) => name.startsWith(tokenPrefix));
  return found?.slice(tokenPrefix.length) ?? "";
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
