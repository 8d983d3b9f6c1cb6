import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createEntry, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { YaytsError } from "../base/index.ts";
import type { Certificate } from "./certificate.ts";
import { isLoopbackAddress, isWildcard, urlHost } from "./hosts.ts";

/** Where a console that was given no port is looked for first; when it is taken, at the next ones. */
export const usualPort = 5040;
const usualPorts = 20;

export interface ListenOptions {
  readonly host: string;
  /** Undefined: the usual one or another that is free; 0: any that is free. */
  readonly port: number | undefined;
  /** Needed where others than this machine reach the host. */
  readonly certificate: Certificate | undefined;
  readonly onRequest: RequestListener;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, secure: boolean) => void;
}

export interface Listening {
  readonly port: number;
  /** Takes no more connections, and ends those there are. */
  close(): Promise<void>;
}

/** One who sends nothing for so long is not a browser. */
const idleMs = 30_000;
const mostConnections = 512;
/** The first byte of TLS. */
const handshakeByte = 0x16;

/**
 * Listens at a host. At one that others reach, the same port speaks TLS, and unencrypted only with this machine itself; whoever else
 * comes unencrypted is sent to https. This machine itself always comes in by 127.0.0.1.
 * @throws YaytsError `port-taken` when the port that was wanted is taken, `bad-argument` when the host is not this machine's
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, certificate } = options;
  const sockets = new Set<Socket>();
  const plain = createServer(options.onRequest);
  plain.on("upgrade", (request, socket, head) => options.onUpgrade(request, socket, head, false));
  const secure =
    certificate && createSecureServer({ ...certificate, handshakeTimeout: idleMs }, options.onRequest);
  secure?.on("upgrade", (request, socket, head) => options.onUpgrade(request, socket, head, true));
  const elsewhere = createServer(sendToSecure);
  // A WebSocket takes the limit off its own connection.
  for (const server of [plain, elsewhere, secure]) server?.setTimeout(idleMs);

  const enter = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (!secure) {
      plain.emit("connection", socket);
      return;
    }
    const giveUp = (): void => void socket.destroy();
    socket.setTimeout(idleMs, giveUp);
    socket.once("data", (first) => {
      socket.setTimeout(0, giveUp);
      socket.pause();
      socket.unshift(first);
      const isLocal = isLoopbackAddress(socket.remoteAddress);
      const server = first[0] === handshakeByte ? secure : isLocal ? plain : elsewhere;
      server.emit("connection", socket);
      // The plain servers read by themselves only from a socket that flows.
      if (server !== secure) process.nextTick(() => socket.resume());
    });
  };

  const hosts = isLoopback(host) || isWildcard(host) ? [host] : ["127.0.0.1", host];
  const entries = await bindAny(hosts, port, enter);
  return {
    port: entries.port,
    async close() {
      await Promise.all(
        entries.servers.map((server) => {
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          for (const socket of sockets) socket.destroy();
          return closed;
        }),
      );
    },
  };
}

/** Whether a host that was asked for is reached by this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || isLoopbackAddress(host);
}

const sendToSecure: RequestListener = ({ headers, url }, response) => {
  const host = headers.host ?? "";
  if (!/^[\w.:[\]-]+$/.test(host)) response.writeHead(400).end();
  else response.writeHead(301, { Location: `https://${host}${url ?? "/"}`, Connection: "close" }).end();
};

type Bound = { readonly port: number; readonly servers: readonly Server[] };

async function bindAny(
  hosts: readonly string[],
  wanted: number | undefined,
  enter: (socket: Socket) => void,
): Promise<Bound> {
  const ports = wanted === undefined ? [...Array(usualPorts).keys()].map((at) => usualPort + at) : [wanted];
  for (const port of wanted === undefined ? [...ports, 0] : ports) {
    const bound = await bindAll(hosts, port, enter);
    if (bound) return bound;
  }
  const [first = ""] = hosts.slice(-1);
  throw new YaytsError(
    "port-taken",
    `another program listens at ${urlHost(first, wanted ?? 0)}; choose another port for the console, or 0 for any that is free`,
  );
}

/** The same port at all hosts; undefined when one of them has it taken. */
async function bindAll(
  hosts: readonly string[],
  wanted: number,
  enter: (socket: Socket) => void,
): Promise<Bound | undefined> {
  const servers: Server[] = [];
  let port = wanted;
  try {
    for (const host of hosts) {
      const server = createEntry(enter);
      server.maxConnections = mostConnections;
      port = await bind(server, host, port);
      servers.push(server);
    }
    return { port, servers };
  } catch (error) {
    for (const server of servers) server.close();
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "EADDRINUSE" || code === "EACCES") return undefined;
    throw new YaytsError(
      "bad-argument",
      `the console cannot listen at ${hosts.join(" and ")} (${code}); its host is an address of this machine, 127.0.0.1 or 0.0.0.0`,
      { cause: error },
    );
  }
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
