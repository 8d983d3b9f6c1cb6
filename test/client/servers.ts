import { createServer, type Server, type Socket } from "node:net";
import { createMemoryPipe, type MemoryPipe, type MemoryPipeOptions } from "../../src/client/index.ts";
import { encodeText } from "../../src/wire/index.ts";
import { createPeer, type Peer, type PeerOptions } from "./peer.ts";

type Answer = PeerOptions["answer"];

/** A memory pipe with a peer at its far end. */
export function memoryPeer(
  answer?: Answer,
  options?: MemoryPipeOptions,
): MemoryPipe & { readonly peer: Peer } {
  const pipe = createMemoryPipe(options);
  const peer = createPeer({
    write: (text) => pipe.far.write(text),
    close: () => pipe.far.abort(),
    ...(answer && { answer }),
  });
  pipe.far.start({ data: (bytes) => peer.take(bytes), closed() {} });
  return { ...pipe, peer };
}

/** A server on a real socket that speaks like an engine, or says what it is told to. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** The peers of all connections so far. */
  readonly peers: readonly Peer[];
  readonly sockets: readonly Socket[];
  /** Breaks all connections. */
  drop(): void;
}

/** @param at a port (0: any free one) or the path of a UNIX socket */
export async function startServer(
  at: number | string,
  options: { answer?: Answer; greet?: (socket: Socket) => boolean } = {},
): Promise<TestServer> {
  const peers: Peer[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    sockets.push(socket);
    if (options.greet?.(socket)) return;
    const peer = createPeer({
      write: (text) => void socket.write(encodeText(text)),
      close: () => socket.destroy(),
      ...(options.answer && { answer: options.answer }),
    });
    peers.push(peer);
    socket.on("data", (chunk) => peer.take(chunk));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (typeof at === "string") server.listen(at, resolve);
    else server.listen(at, "127.0.0.1", resolve);
  });
  const address = server.address();
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address ? address.port : 0,
    peers,
    sockets,
    drop,
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
